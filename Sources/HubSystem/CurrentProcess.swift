import CLinux
import Glibc

/// The process that this code runs in.
package enum CurrentProcess {
    /// Ends the process.
    package static func exit(_ code: Int32) -> Never { Glibc.exit(code) }

    /// The value of an environment variable; nil if it is not set.
    package static func variable(_ name: String) -> String? {
        // Safety: the name is lent as a terminated string; the answer is copied before anyone could change it.
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }

    /// Processors that the system has.
    package static var processors: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// All environment variables, as they were when the process began; empty if the system does not tell.
    package static func environment() -> [String: String] {
        // The kernel's copy, which no other thread can change while it is read.
        guard let file = try? FileDescriptor.open("/proc/self/environ", .read),
            let bytes = try? file.read(environmentBytesMax, at: 0)
        else { return [:] }
        var variables: [String: String] = [:]
        for entry in bytes.split(separator: 0) {
            let parts = entry.split(
                separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            variables[String(decoding: parts[0], as: UTF8.self)] = String(decoding: parts[1], as: UTF8.self)
        }
        return variables
    }

    /// No system allows more.
    private static let environmentBytesMax = 8 << 20

    /// From now on, writing to a pipe that nobody reads any more fails with `brokenPipe` and does not end the
    /// process.
    package static func ignoreBrokenPipes() { clinux_ignore_broken_pipes() }

    /// From now on, a memory fault or an abort ends the process with this code and a sentence on standard error.
    /// For commands that read files which may be damaged through mapped memory.
    package static func explainFaults(_ sentence: String, exitCode: Int32) {
        // Safety: the sentence is lent as a terminated string and copied by the call.
        unsafe clinux_explain_faults(sentence, exitCode)
    }

    /// Allows this process as many open descriptors as it may ask for; how many that is.
    package static func raiseDescriptorLimit() -> Int { Int(clamping: clinux_raise_descriptor_limit()) }
}
