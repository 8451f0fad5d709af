import Foundation
import Glibc

/// The faults FaultLayer can make, by their number in the control file.
package enum FaultMode: UInt32, Sendable {
    /// None.
    case none
    /// ENOSPC for allocations and for what would move the end of the file.
    case noSpaceToGrow
    /// ENOSPC for writes and allocations.
    case noSpace
    /// EIO for writes and allocations.
    case writeError
    /// EIO for syncs, and for durable writes, which still reach the page cache.
    case syncError
    /// EROFS for writes, allocations and truncation.
    case readOnly
    /// SIGKILL in place of the operation, whichever it is.
    case kill
    /// Half of a write, after that ENOSPC.
    case shortWrite
}

/// The control file of a process that runs, or will run, under FaultLayer.
///
/// Plain writes to the file are enough: the process maps it, and an aligned word changes at once.
package final class FaultControl {
    private enum Field: off_t {
        case mode = 0
        case countdown = 4
        case fired = 8
        case sizeLimit = 12
        case isShortAtLimit = 16
        case operations = 20
    }

    /// The value for `FAULT_CONTROL`.
    package let path: String
    private let descriptor: Int32

    /// Makes a control file without a fault in it.
    package init(path: String) throws {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0, ftruncate(descriptor, 64) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
    }

    deinit { close(descriptor) }

    /// Makes operations fail after `countdown` more of those the mode concerns, until told otherwise.
    package func arm(_ mode: FaultMode, after countdown: Int = 0) {
        self[.mode] = FaultMode.none.rawValue
        self[.countdown] = UInt32(countdown)
        self[.fired] = 0
        self[.mode] = mode.rawValue
    }

    /// Lets everything through again, but for a size limit.
    package func disarm() { self[.mode] = FaultMode.none.rawValue }

    /// How many operations were made to fail since the last `arm`.
    package var fired: Int { Int(self[.fired]) }

    /// How many operations were seen, let through or not: for a kill at each of them in turn.
    package var operations: Int { Int(self[.operations]) }

    /// The size in MiB past which the file may not grow; 0 for none.
    package var sizeLimit: Int {
        get { Int(self[.sizeLimit]) }
        set { self[.sizeLimit] = UInt32(newValue) }
    }

    /// Whether a write that crosses the limit writes what fits, as real file systems do, instead of nothing.
    package var isShortAtLimit: Bool {
        get { self[.isShortAtLimit] != 0 }
        set { self[.isShortAtLimit] = newValue ? 1 : 0 }
    }

    private subscript(field: Field) -> UInt32 {
        get {
            var value: UInt32 = 0
            precondition(pread(descriptor, &value, 4, field.rawValue) == 4)
            return value
        }
        set {
            var value = newValue
            precondition(pwrite(descriptor, &value, 4, field.rawValue) == 4)
        }
    }
}
