// What the parts of the layer share. Nothing here allocates or takes a lock but the one below: the wrappers
// run in any thread of any program, possibly before its first constructor.
#pragma once
#include "FaultLayer.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

// Ours alone: the process must not find them in place of functions of its own.
#pragma GCC visibility push(hidden)

// One operation a process asks for, as far as a verdict needs it.
struct fault_request {
    enum fault_kind kind;  // FAULT_WRITE, FAULT_ALLOCATE, FAULT_TRUNCATE or FAULT_SYNC
    bool durable;          // a write to an O_DSYNC descriptor
    int64_t start;         // where it begins; a truncation begins at the present size
    int64_t end;           // where it ends, or the size set
    int64_t size;          // of the file before it
};

struct fault_verdict {
    int error;        // what to report, 0 if nothing
    bool performed;   // the operation takes effect although an error is reported
    int64_t allowed;  // bytes of a write to let through
};

// One lock around an operation and its record, so that the trace has the order in which things happened.
void fault_lock(void);
void fault_unlock(void);
// Prints why to standard error and aborts.
_Noreturn void fault_give_up(const char *why, const char *what);

void fault_control_open(const char *path);
// Under the lock. Counts the operation; does not return if it is the one to be killed at.
struct fault_verdict fault_control_judge(const struct fault_request *request);

void fault_trace_open(const char *path);
// Under the lock. Both do nothing without a trace.
void fault_trace_event(enum fault_kind kind, unsigned flags, uint64_t value, uint64_t length);
// The first `length` bytes of the vector.
void fault_trace_write(const struct iovec *vector, size_t length, uint64_t offset, bool durable);

#pragma GCC visibility pop
