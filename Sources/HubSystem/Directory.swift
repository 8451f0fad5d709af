import Glibc

/// What is done to directories and to files by their names.
package enum Directory {
    /// Whether there is anything of that name.
    package static func exists(_ path: String) -> Bool {
        // Safety: paths are lent to the call as terminated strings.
        unsafe access(path, F_OK) == 0
    }

    /// Makes a directory, readable by its owner alone; one that exists already is fine.
    package static func create(_ path: String) throws(SystemError) {
        // Safety: paths are lent to the call as terminated strings.
        guard unsafe mkdir(path, 0o700) != 0, errno != EEXIST else { return }
        throw .last("mkdir \(path)")
    }

    /// Makes a directory and those above it that are missing, readable by their owner alone.
    package static func createWithParents(_ path: String) throws(SystemError) {
        guard !exists(path) else { return try create(path) }
        var parent = path.hasPrefix("/") ? "/" : ""
        for name in path.split(separator: "/") {
            parent += name
            try create(parent)
            parent += "/"
        }
    }

    /// The names in a directory, sorted, without `.` and `..`.
    package static func entries(_ path: String) throws(SystemError) -> [String] {
        // Safety: the stream is used by this call alone and closed below.
        guard let stream = unsafe opendir(path) else { throw .last("open directory \(path)") }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            // Safety: d_name is a terminated string inside the entry, copied before the next readdir.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
                unsafe field.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Makes sure that files created or renamed in a directory are still there after a power cut.
    package static func sync(_ path: String) throws(SystemError) {
        try FileDescriptor.open(path, .read).sync()
    }

    /// Gives a file a new name, replacing what has that name.
    package static func rename(_ from: String, to: String) throws(SystemError) {
        // Safety: paths are lent to the call as terminated strings.
        guard unsafe Glibc.rename(from, to) == 0 else { throw .last("rename \(from) to \(to)") }
    }

    /// Removes a file.
    package static func removeFile(_ path: String) throws(SystemError) {
        // Safety: paths are lent to the call as terminated strings.
        guard unsafe unlink(path) == 0 else { throw .last("remove \(path)") }
    }

    /// Removes a directory, which must be empty.
    package static func remove(_ path: String) throws(SystemError) {
        // Safety: paths are lent to the call as terminated strings.
        guard unsafe rmdir(path) == 0 else { throw .last("remove directory \(path)") }
    }

    /// Bytes that can still be written to the file system that holds a path.
    package static func freeBytes(_ path: String) throws(SystemError) -> Int {
        var status = statvfs()
        // Safety: `status` outlives the call.
        guard unsafe statvfs(path, &status) == 0 else { throw .last("statvfs \(path)") }
        return Int(status.f_bavail) * Int(status.f_frsize)
    }

    /// How long a file is, and how much of the disk it occupies.
    package static func fileSize(_ path: String) throws(SystemError) -> (length: Int, allocated: Int) {
        var status = stat()
        // Safety: `status` outlives the call, and the path is lent to it as a terminated string.
        guard unsafe stat(path, &status) == 0 else { throw .last("stat \(path)") }
        return (status.st_size, status.st_blocks * 512)
    }
}
