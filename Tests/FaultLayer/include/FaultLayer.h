// A layer between a process and the kernel for the files of one name, loaded by LD_PRELOAD. It records what
// the process does to them and makes chosen operations fail, without any help from the process. Nothing links
// it: its wrappers would then sit in every test process.
//
// Environment:
//   FAULT_FILE     the files concerned: those whose path is this or ends in "/" and this; default "data.mdb".
//   FAULT_TRACE    append every effective operation to this file.
//   FAULT_CONTROL  obey the `struct fault_control` in this file, which may change while the process runs.
// If one of these cannot be opened or written, the process aborts: a test without its layer proves nothing.
//
// Not seen: descriptors made by dup, fork or passed to another process; stores through a writable mapping
// (the trace says that there was one); truncate, rename and unlink by path; io_uring, sendfile and
// copy_file_range.
#pragma once
#include <stdint.h>

// The trace, every integer little-endian: an 8-byte magic, a 32-bit version and 32 zero bits, then records. A
// record is 40 bytes and, for a write, the `length` bytes written. Records appear in the order the operations
// took effect; a process killed from outside may leave the last one incomplete. Processes that run one after
// the other may share a trace.
#define FAULT_TRACE_MAGIC "FLTTRACE"
#define FAULT_TRACE_VERSION 1u
#define FAULT_RECORD_MAGIC 0x43455246u  // "FREC"

struct fault_record {
    uint32_t magic;
    uint16_t kind;      // enum fault_kind
    uint16_t flags;     // FAULT_FLAG_...
    uint64_t sequence;  // counts up from 0 at each FAULT_START
    uint64_t value;     // see enum fault_kind
    uint64_t length;    // see enum fault_kind
    uint64_t reserved;  // 0
};

enum fault_kind {
    FAULT_START = 0,        // a process's first record; value: its process id
    FAULT_WRITE = 1,        // value: file offset; length: bytes, which follow the record
    FAULT_SYNC = 2,         // fsync or fdatasync succeeded
    FAULT_TRUNCATE = 3,     // value: the size set
    FAULT_ALLOCATE = 4,     // value: offset; length: bytes
    FAULT_MARK = 5,         // value: what fault_mark was given
    FAULT_SYNC_FAILED = 6,  // fsync, fdatasync or msync reported an error: what it was to save may be lost
    FAULT_MAPPED = 7,       // a writable shared mapping was made, and stores through it are not in the trace
    FAULT_OPENED = 8,       // value: the file's size after opening
};

#define FAULT_FLAG_DURABLE 1u    // the write was on stable storage when it returned (O_DSYNC or O_SYNC)
#define FAULT_FLAG_KEEP_SIZE 2u  // the allocation left the size as it was
#define FAULT_FLAG_ZERO 4u       // the allocation (or hole) reads as zeros, whatever was there

// The control file: 64 bytes, each field an aligned 32-bit word of the machine's order, read atomically
// before each operation. To arm a fault, set mode to 0, then countdown and fired, then mode. A missing or
// shorter file is made and extended with zeros.
struct fault_control {
    _Atomic uint32_t mode;            // at 0: enum fault_mode
    _Atomic uint32_t countdown;       // at 4: operations the mode concerns to let through first; counts down
    _Atomic uint32_t fired;           // at 8: how often an operation was made to fail
    _Atomic uint32_t size_limit_mb;   // at 12: MiB the file may not grow past, 0 for none; before the mode
    _Atomic uint32_t short_at_limit;  // at 16: 1 to let a write crossing the limit write what fits
    _Atomic uint32_t operations;      // at 20: operations seen so far, let through or not
    uint32_t reserved[10];
};

enum fault_mode {
    FAULT_NONE = 0,
    FAULT_NO_SPACE_TO_GROW = 1,  // ENOSPC for allocations and for what would move the end of the file
    FAULT_NO_SPACE = 2,          // ENOSPC for writes and allocations
    FAULT_WRITE_ERROR = 3,       // EIO for writes and allocations
    FAULT_SYNC_ERROR = 4,        // EIO for syncs, and for O_DSYNC writes, which still reach the page cache
    FAULT_READ_ONLY = 5,         // EROFS for writes, allocations and truncation
    FAULT_KILL = 6,              // SIGKILL in place of the operation, whichever it is
    FAULT_SHORT_WRITE = 7,       // while fired is 0, half of a write; after that ENOSPC as in mode 2
};

// Puts `value` in the trace, after everything that was done before the call. Look it up by
// dlsym(RTLD_DEFAULT, "fault_mark").
void fault_mark(uint64_t value);
