#define _GNU_SOURCE
#include "CLinux.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

// Written before the handlers are set, and only read by them.
static struct termios before;
static volatile sig_atomic_t is_taken;

static const char enter_screen[] = "\033[?1049h\033[?25l";
static const char leave_screen[] = "\033[?25h\033[?1049l";

static const int endings[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE, SIGTRAP};
enum { ENDINGS = sizeof endings / sizeof endings[0] };
static struct sigaction previous[ENDINGS];
static struct sigaction previous_resize;

// All that it calls may be called from a signal handler.
static void restore(void) {
    if (!is_taken) return;
    is_taken = 0;
    ssize_t written = write(STDOUT_FILENO, leave_screen, sizeof leave_screen - 1);
    (void)written;
    tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

static void restore_and_end(int number) {
    int code = errno;
    restore();
    // The signal ends the process as it would have done: whoever waits for it sees which one it was.
    signal(number, SIG_DFL);
    raise(number);
    errno = code;
}

static void note_resize(int number) { (void)number; }

int clinux_terminal_enter(void) {
    if (is_taken) return -EBUSY;
    if (tcgetattr(STDIN_FILENO, &before) != 0) return -errno;
    if (!isatty(STDOUT_FILENO)) return -ENOTTY;
    static int is_registered;
    if (!is_registered && atexit(restore) != 0) return -ENOMEM;
    is_registered = 1;
    struct termios raw = before;
    raw.c_lflag &= (tcflag_t) ~(ICANON | ECHO | IEXTEN);
    raw.c_iflag &= (tcflag_t) ~(IXON | ICRNL);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    // Stopped, the process would leave the terminal as no shell expects it.
    raw.c_cc[VSUSP] = _POSIX_VDISABLE;
    is_taken = 1;
    struct sigaction action = {.sa_handler = restore_and_end};
    sigfillset(&action.sa_mask);
    for (int index = 0; index < ENDINGS; index++) sigaction(endings[index], &action, &previous[index]);
    // Only so that waiting for a key ends.
    struct sigaction resize = {.sa_handler = note_resize};
    sigemptyset(&resize.sa_mask);
    sigaction(SIGWINCH, &resize, &previous_resize);
    if (tcsetattr(STDIN_FILENO, TCSANOW, &raw) != 0) {
        int code = errno;
        clinux_terminal_leave();
        return -code;
    }
    ssize_t written = write(STDOUT_FILENO, enter_screen, sizeof enter_screen - 1);
    (void)written;
    return 0;
}

void clinux_terminal_leave(void) {
    if (!is_taken) return;
    restore();
    for (int index = 0; index < ENDINGS; index++) sigaction(endings[index], &previous[index], NULL);
    sigaction(SIGWINCH, &previous_resize, NULL);
}

int clinux_terminal_size(int fd, int *columns, int *rows) {
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) != 0) return -errno;
    if (size.ws_col == 0 || size.ws_row == 0) return -ENOTTY;
    *columns = size.ws_col;
    *rows = size.ws_row;
    return 0;
}

int clinux_terminal_key(int milliseconds) {
    struct pollfd watched = {.fd = STDIN_FILENO, .events = POLLIN};
    if (poll(&watched, 1, milliseconds) <= 0) return -1;
    unsigned char byte;
    ssize_t got = read(STDIN_FILENO, &byte, 1);
    if (got == 1) return byte;
    if (got == 0 || (errno != EINTR && errno != EAGAIN)) return -2;
    return -1;
}
