#define _GNU_SOURCE
#include "Internal.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// Without a control file: all zero, so that everything is let through.
static struct fault_control inert;
static struct fault_control *control = &inert;

_Static_assert(sizeof(struct fault_control) == 64, "the layout tests write by offset");

// Raw calls here and everywhere in the layer: the functions of these names are our own wrappers.
void fault_control_open(const char *path) {
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) fault_give_up("cannot open FAULT_CONTROL", path);
    struct stat status;
    if (fstat(fd, &status) != 0) fault_give_up("cannot examine FAULT_CONTROL", path);
    // A mapping reaching past the end of its file would end in SIGBUS.
    if (status.st_size < (off_t)sizeof inert && syscall(SYS_ftruncate, fd, sizeof inert) != 0)
        fault_give_up("cannot extend FAULT_CONTROL", path);
    long mapped = syscall(SYS_mmap, NULL, sizeof inert, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0L);
    if (mapped == -1) fault_give_up("cannot map FAULT_CONTROL", path);
    control = (struct fault_control *)mapped;
    syscall(SYS_close, fd);
}

static bool takes_space(const struct fault_request *r) {
    return r->kind == FAULT_WRITE || r->kind == FAULT_ALLOCATE;
}

static bool grows(const struct fault_request *r) { return r->kind != FAULT_SYNC && r->end > r->size; }

static bool concerns(uint32_t mode, const struct fault_request *r) {
    switch (mode) {
    case FAULT_NO_SPACE_TO_GROW: return grows(r) || r->kind == FAULT_ALLOCATE;
    case FAULT_NO_SPACE:
    case FAULT_WRITE_ERROR: return takes_space(r);
    case FAULT_SYNC_ERROR: return r->kind == FAULT_SYNC || (r->kind == FAULT_WRITE && r->durable);
    case FAULT_READ_ONLY: return r->kind != FAULT_SYNC;
    case FAULT_KILL: return true;
    // Half an allocation means nothing: until a write was cut short, allocations pass.
    case FAULT_SHORT_WRITE: return r->kind == FAULT_WRITE || (takes_space(r) && control->fired > 0);
    default: return false;
    }
}

// Takes one from the countdown; false once it is used up. Another process may count down too.
static bool still_let_through(void) {
    uint32_t left = control->countdown;
    while (left > 0)
        if (atomic_compare_exchange_weak(&control->countdown, &left, left - 1)) return true;
    return false;
}

static _Noreturn void kill_process(void) {
    syscall(SYS_kill, (long)getpid(), (long)SIGKILL);
    for (;;) pause();  // the signal may find another thread first
}

static struct fault_verdict judge_by_mode(uint32_t mode, const struct fault_request *r) {
    struct fault_verdict refused = {.error = ENOSPC};
    uint32_t before = control->fired++;
    switch (mode) {
    case FAULT_WRITE_ERROR: refused.error = EIO; break;
    case FAULT_SYNC_ERROR:
        refused.error = EIO;
        // As in the kernel: the bytes are in the page cache for all to read and only fail to reach the disk.
        refused.performed = r->kind == FAULT_WRITE;
        refused.allowed = r->end - r->start;
        break;
    case FAULT_READ_ONLY: refused.error = EROFS; break;
    case FAULT_KILL: kill_process();
    case FAULT_SHORT_WRITE:
        if (before == 0 && r->end - r->start > 1)
            return (struct fault_verdict){.allowed = (r->end - r->start) / 2};
        break;
    default: break;
    }
    return refused;
}

struct fault_verdict fault_control_judge(const struct fault_request *r) {
    struct fault_verdict passed = {.allowed = r->end - r->start};
    control->operations++;
    int64_t limit = (int64_t)control->size_limit_mb << 20;
    // What is within the file already has its space, even if the limit was set below the size.
    if (limit > 0 && grows(r) && r->end > limit) {
        control->fired++;
        if (r->kind == FAULT_WRITE && control->short_at_limit && r->start < limit)
            return (struct fault_verdict){.allowed = limit - r->start};
        return (struct fault_verdict){.error = ENOSPC};
    }
    uint32_t mode = control->mode;
    if (!concerns(mode, r) || still_let_through()) return passed;
    return judge_by_mode(mode, r);
}
