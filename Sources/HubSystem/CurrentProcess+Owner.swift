import Glibc

// Who runs the process, and where.
extension CurrentProcess {
    /// The system's number for this process.
    package static var number: Int32 { getpid() }

    /// The name of the user whose process this is, or the user's number.
    package static var userName: String {
        for name in ["USER", "LOGNAME"] {
            if let user = variable(name), !user.isEmpty { return user }
        }
        return "\(getuid())"
    }

    /// The name of this machine, without a domain.
    package static var hostName: String {
        let length = 256
        // Safety: the closure tells no more bytes than there are in front of the terminator.
        let name = unsafe String(unsafeUninitializedCapacity: length) { buffer in
            unsafe buffer.withMemoryRebound(to: CChar.self) { characters in
                guard let start = characters.baseAddress, unsafe gethostname(start, length - 1) == 0
                else { return 0 }
                return unsafe strnlen(start, length - 1)
            }
        }
        return name.split(separator: ".").first.map { String($0) } ?? "localhost"
    }
}

extension CurrentProcess {
    /// The folder that the process works in; nil if it is gone, or may not be known.
    package static var folder: String? {
        // Safety: the call allocates the text, which is copied and freed here.
        guard let path = unsafe getcwd(nil, 0) else { return nil }
        defer { unsafe free(path) }
        return unsafe String(cString: path)
    }
}
