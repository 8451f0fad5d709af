// The functions the layer puts before the C library's. They call the kernel and not the next function of the
// name: looking that up may allocate, and they can be called before any constructor ran. What is lost is
// cancellation by pthread_cancel, which nothing tested here uses.
#define _GNU_SOURCE
#include "Descriptors.h"
#include "Internal.h"
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_mutex_t operations = PTHREAD_MUTEX_INITIALIZER;
// The C library's own emulates where the file system cannot; files that are not concerned keep that.
static int (*next_posix_fallocate)(int, off_t, off_t);

void fault_lock(void) { pthread_mutex_lock(&operations); }

void fault_unlock(void) { pthread_mutex_unlock(&operations); }

_Noreturn void fault_give_up(const char *why, const char *what) {
    dprintf(2, "FaultLayer: %s: %s\n", why, what);
    abort();
}

__attribute__((constructor)) static void read_environment(void) {
    next_posix_fallocate = (int (*)(int, off_t, off_t))dlsym(RTLD_NEXT, "posix_fallocate");
    const char *name = getenv("FAULT_FILE");
    const char *trace = getenv("FAULT_TRACE");
    const char *control = getenv("FAULT_CONTROL");
    if (trace != NULL && *trace) fault_trace_open(trace);
    if (control != NULL && *control) fault_control_open(control);
    fault_name_set(name != NULL && *name ? name : "data.mdb");
}

static int64_t size_of(int fd) {
    struct stat status;
    return fstat(fd, &status) == 0 ? status.st_size : 0;
}

// Opening and closing

static int open_file(int directory, const char *path, int flags, mode_t mode) {
    if (!fault_path_concerned(path)) {
        int fd = (int)syscall(SYS_openat, directory, path, flags, mode);
        // The number may have belonged to a file of ours that something other than close() closed.
        if (fd >= 0) fault_fd_forget(fd);
        return fd;
    }
    fault_lock();
    int fd = (int)syscall(SYS_openat, directory, path, flags, mode);
    if (fd >= 0) {
        fault_fd_remember(fd, flags);
        fault_trace_event(FAULT_OPENED, 0, (uint64_t)size_of(fd), 0);
        if (flags & O_TRUNC) fault_trace_event(FAULT_TRUNCATE, 0, 0, 0);
    }
    fault_unlock();
    return fd;
}

// The mode is only passed if the file may be created; reading it otherwise is undefined.
#define TAKE_MODE(flags, mode)                                          \
    mode_t mode = 0;                                                    \
    if (((flags) & O_CREAT) || ((flags) & O_TMPFILE) == O_TMPFILE) {    \
        va_list arguments;                                              \
        va_start(arguments, flags);                                     \
        mode = va_arg(arguments, mode_t);                               \
        va_end(arguments);                                              \
    }

int open(const char *path, int flags, ...) {
    TAKE_MODE(flags, mode)
    return open_file(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    TAKE_MODE(flags, mode)
    return open_file(AT_FDCWD, path, flags, mode);
}

int openat(int directory, const char *path, int flags, ...) {
    TAKE_MODE(flags, mode)
    return open_file(directory, path, flags, mode);
}

int openat64(int directory, const char *path, int flags, ...) {
    TAKE_MODE(flags, mode)
    return open_file(directory, path, flags, mode);
}

int creat(const char *path, mode_t mode) {
    return open_file(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

int creat64(const char *path, mode_t mode) {
    return open_file(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

int close(int fd) {
    // Before the call: after it, another thread may have opened one of ours under the same number.
    fault_fd_forget(fd);
    return (int)syscall(SYS_close, fd);
}

// Writing

// The first `length` bytes of a vector, which the kernel cannot be asked for in one call without copying it.
static ssize_t write_part(int fd, const struct iovec *vector, int64_t length, int64_t offset) {
    int64_t done = 0;
    for (; done < length; vector++) {
        int64_t part = (int64_t)vector->iov_len < length - done ? (int64_t)vector->iov_len : length - done;
        long written = syscall(SYS_pwrite64, fd, vector->iov_base, part, offset + done);
        if (written < 0) return done > 0 ? done : -1;
        done += written;
        if (written < part) break;
    }
    return done;
}

// `offset` is -1 for a write at the descriptor's own position; `flags` are those of pwritev2.
static ssize_t write_concerned(int fd, const struct iovec *vector, int count, int64_t offset, int flags) {
    fault_lock();
    unsigned state = fault_fd_state(fd);
    bool durable = (state & FAULT_FD_DURABLE) || (flags & (RWF_DSYNC | RWF_SYNC));
    bool appends = (state & FAULT_FD_APPENDS) || (flags & RWF_APPEND);
    bool positioned = offset >= 0;
    int64_t length = 0, size = size_of(fd);
    for (int i = 0; i < count; i++) length += (int64_t)vector[i].iov_len;
    if (!positioned) offset = syscall(SYS_lseek, fd, 0L, (long)SEEK_CUR);
    int64_t where = appends ? size : offset;  // Linux appends even if told where to write
    struct fault_request request = {FAULT_WRITE, durable, where, where + length, size};
    struct fault_verdict verdict = {.allowed = length};
    if (length > 0) verdict = fault_control_judge(&request);

    ssize_t done = -1;
    if (verdict.error == 0 || verdict.performed) {
        if (verdict.allowed < length) {
            done = write_part(fd, vector, verdict.allowed, where);
            if (!positioned && done > 0) syscall(SYS_lseek, fd, where + done, (long)SEEK_SET);
        } else {
            // A position of -1 is the descriptor's own, to this call alone.
            long position = positioned ? offset : -1;
            done = syscall(SYS_pwritev2, fd, vector, count, position, 0L, flags);
        }
    }
    if (done > 0) fault_trace_write(vector, (size_t)done, (uint64_t)where, durable && verdict.error == 0);
    if (verdict.error != 0) {
        done = -1;
        errno = verdict.error;
    }
    fault_unlock();
    return done;
}

ssize_t write(int fd, const void *bytes, size_t count) {
    if (!fault_fd_state(fd)) return syscall(SYS_write, fd, bytes, count);
    struct iovec vector = {(void *)bytes, count};
    return write_concerned(fd, &vector, 1, -1, 0);
}

ssize_t writev(int fd, const struct iovec *vector, int count) {
    if (!fault_fd_state(fd)) return syscall(SYS_writev, fd, vector, count);
    return write_concerned(fd, vector, count, -1, 0);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
    // The kernel knows best what to say of a negative offset.
    if (!fault_fd_state(fd) || offset < 0) return syscall(SYS_pwrite64, fd, bytes, count, offset);
    struct iovec vector = {(void *)bytes, count};
    return write_concerned(fd, &vector, 1, offset, 0);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset) {
    return pwrite(fd, bytes, count, offset);
}

ssize_t pwritev(int fd, const struct iovec *vector, int count, off_t offset) {
    if (!fault_fd_state(fd) || offset < 0) return syscall(SYS_pwritev, fd, vector, count, offset, 0L);
    return write_concerned(fd, vector, count, offset, 0);
}

ssize_t pwritev64(int fd, const struct iovec *vector, int count, off64_t offset) {
    return pwritev(fd, vector, count, offset);
}

ssize_t pwritev2(int fd, const struct iovec *vector, int count, off_t offset, int flags) {
    if (!fault_fd_state(fd) || offset < -1)
        return syscall(SYS_pwritev2, fd, vector, count, offset, 0L, flags);
    return write_concerned(fd, vector, count, offset, flags);
}

ssize_t pwritev64v2(int fd, const struct iovec *vector, int count, off64_t offset, int flags) {
    return pwritev2(fd, vector, count, offset, flags);
}

// Saving

// `call` is SYS_fsync or SYS_fdatasync.
static int sync_file(long call, int fd) {
    if (!fault_fd_state(fd)) return (int)syscall(call, fd);
    fault_lock();
    struct fault_request request = {.kind = FAULT_SYNC};
    struct fault_verdict verdict = fault_control_judge(&request);
    if (verdict.error != 0) errno = verdict.error;
    int result = verdict.error != 0 ? -1 : (int)syscall(call, fd);
    fault_trace_event(result == 0 ? FAULT_SYNC : FAULT_SYNC_FAILED, 0, 0, 0);
    fault_unlock();
    return result;
}

int fsync(int fd) { return sync_file(SYS_fsync, fd); }

int fdatasync(int fd) { return sync_file(SYS_fdatasync, fd); }

int msync(void *start, size_t length, int flags) {
    if (!fault_mapping_contains(start)) return (int)syscall(SYS_msync, start, length, flags);
    fault_lock();
    struct fault_request request = {.kind = FAULT_SYNC};
    struct fault_verdict verdict = fault_control_judge(&request);
    // A success is not recorded: it saves part of the file, and a barrier in the trace means all of it.
    if (verdict.error != 0) fault_trace_event(FAULT_SYNC_FAILED, 0, 0, 0);
    fault_unlock();
    if (verdict.error == 0) return (int)syscall(SYS_msync, start, length, flags);
    errno = verdict.error;
    return -1;
}

void *mmap(void *wanted, size_t length, int protection, int flags, int fd, off_t offset) {
    void *start = (void *)syscall(SYS_mmap, wanted, length, protection, flags, fd, offset);
    // MAP_SHARED_VALIDATE has the bit of MAP_SHARED; an anonymous mapping has no descriptor.
    if (start == MAP_FAILED || !(flags & MAP_SHARED) || !fault_fd_state(fd)) return start;
    fault_mapping_add(start, length);
    if (!(protection & PROT_WRITE)) return start;
    fault_lock();
    fault_trace_event(FAULT_MAPPED, 0, (uint64_t)offset, length);
    fault_unlock();
    return start;
}

void *mmap64(void *wanted, size_t length, int protection, int flags, int fd, off64_t offset) {
    return mmap(wanted, length, protection, flags, fd, offset);
}

int munmap(void *start, size_t length) {
    // Before the call: after it, another thread may have been given the same addresses.
    fault_mapping_remove(start, length);
    return (int)syscall(SYS_munmap, start, length);
}

// Sizing

int ftruncate(int fd, off_t size) {
    if (!fault_fd_state(fd)) return (int)syscall(SYS_ftruncate, fd, size);
    fault_lock();
    int64_t present = size_of(fd);
    struct fault_request request = {FAULT_TRUNCATE, false, present, size, present};
    struct fault_verdict verdict = fault_control_judge(&request);
    if (verdict.error != 0) errno = verdict.error;
    int result = verdict.error != 0 ? -1 : (int)syscall(SYS_ftruncate, fd, size);
    if (result == 0) fault_trace_event(FAULT_TRUNCATE, 0, (uint64_t)size, 0);
    fault_unlock();
    return result;
}

int ftruncate64(int fd, off64_t size) { return ftruncate(fd, size); }

// Returns 0 or an error number, as posix_fallocate does.
static int allocate_concerned(int fd, int mode, off_t offset, off_t length) {
    unsigned flags = 0;
    if (mode & FALLOC_FL_KEEP_SIZE) flags |= FAULT_FLAG_KEEP_SIZE;
    if (mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE)) flags |= FAULT_FLAG_ZERO;
    // A trace has no word for moving parts of a file about; file systems without that say so too.
    if (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE)) return EOPNOTSUPP;
    fault_lock();
    struct fault_request request = {FAULT_ALLOCATE, false, offset, offset + length, size_of(fd)};
    struct fault_verdict verdict = {.error = 0};
    // A hole gives space back, so no lack of it can stand in the way.
    if (!(mode & FALLOC_FL_PUNCH_HOLE)) verdict = fault_control_judge(&request);
    if (verdict.error == 0 && syscall(SYS_fallocate, fd, mode, offset, length) != 0) verdict.error = errno;
    if (verdict.error == 0) fault_trace_event(FAULT_ALLOCATE, flags, (uint64_t)offset, (uint64_t)length);
    fault_unlock();
    return verdict.error;
}

int fallocate(int fd, int mode, off_t offset, off_t length) {
    if (!fault_fd_state(fd)) return (int)syscall(SYS_fallocate, fd, mode, offset, length);
    int error = allocate_concerned(fd, mode, offset, length);
    if (error == 0) return 0;
    errno = error;
    return -1;
}

int fallocate64(int fd, int mode, off64_t offset, off64_t length) {
    return fallocate(fd, mode, offset, length);
}

int posix_fallocate(int fd, off_t offset, off_t length) {
    if (!fault_fd_state(fd)) return next_posix_fallocate(fd, offset, length);
    int saved = errno;
    int error = allocate_concerned(fd, 0, offset, length);
    errno = saved;  // which this function does not set
    return error;
}

int posix_fallocate64(int fd, off64_t offset, off64_t length) { return posix_fallocate(fd, offset, length); }
