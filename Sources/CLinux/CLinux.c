#define _GNU_SOURCE
#include "CLinux.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/vfs.h>
#include <unistd.h>

int clinux_allocate(int fd, int64_t offset, int64_t length) {
    return fallocate(fd, 0, offset, length) == 0 ? 0 : errno;
}

int clinux_event_counter(void) {
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return fd >= 0 ? fd : -errno;
}

void clinux_name_thread(const char *name) {
    char cut[16];
    strncpy(cut, name, 15);
    cut[15] = 0;
    prctl(PR_SET_NAME, cut, 0, 0, 0);
}

int clinux_lock_exclusively(int fd) {
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) return 1;
    return errno == EWOULDBLOCK ? 0 : -errno;
}

int clinux_lock_shared(int fd) {
    if (flock(fd, LOCK_SH | LOCK_NB) == 0) return 1;
    return errno == EWOULDBLOCK ? 0 : -errno;
}

int clinux_terminal_columns(int fd) {
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) != 0) return 0;
    return size.ws_col;
}

void clinux_ignore_broken_pipes(void) {
    signal(SIGPIPE, SIG_IGN);
}

static sigset_t watched_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    return set;
}

void clinux_block_signals(void) {
    sigset_t set = watched_signals();
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

int clinux_next_signal(void) {
    sigset_t set = watched_signals();
    int number = 0;
    while (sigwait(&set, &number) != 0) {
    }
    return number;
}

// What the handler needs: it may call nothing that allocates, so all is ready before.
static char fault_sentence[1024];
static size_t fault_length;
static int fault_code;
static char fault_stack[64 * 1024];

static void explain_fault(int number) {
    (void)number;
    ssize_t written = write(STDERR_FILENO, fault_sentence, fault_length);
    (void)written;
    _exit(fault_code);
}

void clinux_explain_faults(const char *sentence, int exit_code) {
    fault_length = strnlen(sentence, sizeof fault_sentence);
    memcpy(fault_sentence, sentence, fault_length);
    fault_code = exit_code;
    // A stack of its own: the fault may be the end of the ordinary one.
    stack_t stack = {.ss_sp = fault_stack, .ss_size = sizeof fault_stack};
    sigaltstack(&stack, NULL);
    struct sigaction action = {.sa_handler = explain_fault, .sa_flags = SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
    sigaction(SIGABRT, &action, NULL);
}

uint64_t clinux_raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    struct rlimit raised = {.rlim_cur = limit.rlim_max, .rlim_max = limit.rlim_max};
    return setrlimit(RLIMIT_NOFILE, &raised) == 0 ? raised.rlim_cur : limit.rlim_cur;
}

int64_t clinux_file_system(const char *path) {
    struct statfs status;
    if (statfs(path, &status) != 0) return -errno;
    // Some of the numbers have their highest bit set, and the field may be signed.
    return (int64_t)(uint32_t)status.f_type;
}
