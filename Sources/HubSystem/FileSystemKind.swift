import CLinux

/// What kind of file system holds a path, as far as that matters to whoever keeps data there.
package enum FileSystemKind: Hashable, Sendable, CustomStringConvertible {
    case tmpfs, ramfs, overlay, ext4, xfs, btrfs, zfs, f2fs, nfs, smb, fuse, plan9
    /// One that is not known here, by the system's number.
    case other(UInt64)

    /// By the number that the system has for it.
    package init(number: UInt64) {
        self =
            switch number {
            case 0x0102_1994: .tmpfs
            case 0x8584_58f6: .ramfs
            case 0x794c_7630: .overlay
            case 0xef53: .ext4
            case 0x5846_5342: .xfs
            case 0x9123_683e: .btrfs
            case 0x2fc1_2fc1: .zfs
            case 0xf2f5_2010: .f2fs
            case 0x6969: .nfs
            case 0xff53_4d42, 0xfe53_4d42: .smb
            case 0x6573_5546: .fuse
            case 0x0102_1997: .plan9
            default: .other(number)
            }
    }

    /// Whether it is memory.
    package var isMemory: Bool { self == .tmpfs || self == .ramfs }

    /// Whether it is the top layer of a container.
    package var isOverlay: Bool { self == .overlay }

    /// What it is called.
    package var description: String {
        switch self {
        case .tmpfs: "tmpfs"
        case .ramfs: "ramfs"
        case .overlay: "overlay"
        case .ext4: "ext4"
        case .xfs: "xfs"
        case .btrfs: "btrfs"
        case .zfs: "zfs"
        case .f2fs: "f2fs"
        case .nfs: "nfs"
        case .smb: "smb"
        case .fuse: "fuse"
        case .plan9: "9p"
        case .other(let number): "file system 0x\(String(number, radix: 16))"
        }
    }
}

extension Directory {
    /// What kind of file system holds a path.
    package static func fileSystem(_ path: String) throws(SystemError) -> FileSystemKind {
        // Safety: the path is lent to the call as a terminated string.
        let answer = unsafe clinux_file_system(path)
        guard answer >= 0 else { throw SystemError(code: Int32(-answer), operation: "statfs \(path)") }
        return FileSystemKind(number: UInt64(answer))
    }
}
