#define _GNU_SOURCE
#include "Internal.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "records are written as they lie in memory"
#endif

static int trace = -1;
static bool started;
static uint64_t sequence;

_Static_assert(sizeof(struct fault_record) == 40, "the documented size, without padding");

void fault_trace_open(const char *path) {
    // Appending, so that processes that run one after the other can share a trace.
    int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC;
    trace = (int)syscall(SYS_openat, AT_FDCWD, path, flags, 0600);
    if (trace < 0) fault_give_up("cannot open FAULT_TRACE", path);
}

// A trace with an operation missing would prove things that are not so: there is no going on after a failure.
static void put(const void *bytes, size_t count) {
    const char *p = bytes;
    while (count > 0) {
        long written = syscall(SYS_write, trace, p, count);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) fault_give_up("cannot write the trace", strerror(errno));
        p += written;
        count -= (size_t)written;
    }
}

static void put_record(enum fault_kind kind, unsigned flags, uint64_t value, uint64_t length) {
    struct fault_record record = {
        .magic = FAULT_RECORD_MAGIC, .kind = (uint16_t)kind, .flags = (uint16_t)flags,
        .sequence = sequence++, .value = value, .length = length,
    };
    put(&record, sizeof record);
}

// Not before the first operation: children inherit the environment, and most never touch the file.
static void start(void) {
    if (started) return;
    started = true;
    struct stat status;
    if (fstat(trace, &status) != 0) fault_give_up("cannot examine the trace", strerror(errno));
    if (status.st_size == 0) {
        uint32_t rest[2] = {FAULT_TRACE_VERSION, 0};
        put(FAULT_TRACE_MAGIC, 8);
        put(rest, sizeof rest);
    }
    put_record(FAULT_START, 0, (uint64_t)getpid(), 0);
}

void fault_trace_event(enum fault_kind kind, unsigned flags, uint64_t value, uint64_t length) {
    if (trace < 0) return;
    int saved = errno;
    start();
    put_record(kind, flags, value, length);
    errno = saved;
}

void fault_trace_write(const struct iovec *vector, size_t length, uint64_t offset, bool durable) {
    if (trace < 0) return;
    int saved = errno;
    start();
    put_record(FAULT_WRITE, durable ? FAULT_FLAG_DURABLE : 0, offset, length);
    for (; length > 0; vector++) {
        size_t part = vector->iov_len < length ? vector->iov_len : length;
        put(vector->iov_base, part);
        length -= part;
    }
    errno = saved;
}

void fault_mark(uint64_t value) {
    fault_lock();
    fault_trace_event(FAULT_MARK, 0, value, 0);
    fault_unlock();
}
