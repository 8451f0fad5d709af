#define _GNU_SOURCE
#include "CLinux.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

extern char **environ;

static int is_among(const char *variable, const char *added, uint64_t bytes) {
    for (const char *entry = added; entry < added + bytes; entry += strlen(entry) + 1) {
        size_t name = strcspn(entry, "=") + 1;
        if (strncmp(variable, entry, name) == 0) return 1;
    }
    return 0;
}

// The variables of `added`, name=value, each with its terminator, and those of the process that are not among them.
static char **with_environment(const char *added, uint64_t bytes) {
    size_t own = 0, extra = 0, count = 0;
    while (environ[own]) own++;
    for (uint64_t i = 0; i < bytes; i++) extra += added[i] == 0;
    char **all = calloc(own + extra + 1, sizeof *all);
    if (!all) return NULL;
    for (const char *entry = added; entry < added + bytes; entry += strlen(entry) + 1) all[count++] = (char *)entry;
    for (size_t i = 0; i < own; i++)
        if (!is_among(environ[i], added, bytes)) all[count++] = environ[i];
    return all;
}

static int spawn(const char *line, char **environment, int input, int output, pid_t *child) {
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    int code = posix_spawn_file_actions_init(&files);
    if (code != 0) return code;
    code = posix_spawnattr_init(&attributes);
    if (code != 0) {
        posix_spawn_file_actions_destroy(&files);
        return code;
    }
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    // Signals that this process blocks or ignores are to end the child as they end any other program.
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    code = posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
    if (code == 0) code = posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
    char *const words[] = {"sh", "-c", (char *)line, NULL};
    if (code == 0) code = posix_spawn(child, "/bin/sh", &files, &attributes, words, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return code;
}

int clinux_spawn_shell(const char *line, const char *added, uint64_t bytes, int *input, int *output) {
    int in[2], out[2];
    if (pipe2(in, O_CLOEXEC) != 0) return -errno;
    if (pipe2(out, O_CLOEXEC) != 0) {
        int code = errno;
        close(in[0]), close(in[1]);
        return -code;
    }
    pid_t child = 0;
    char **environment = with_environment(added, bytes);
    int code = environment ? spawn(line, environment, in[0], out[1], &child) : ENOMEM;
    free(environment);
    close(in[0]), close(out[1]);
    if (code != 0) {
        close(in[1]), close(out[0]);
        return -code;
    }
    fcntl(in[1], F_SETFL, O_NONBLOCK);
    fcntl(out[0], F_SETFL, O_NONBLOCK);
    *input = in[1];
    *output = out[0];
    return child;
}

int clinux_wait_process(int process, int *code) {
    int status = 0;
    pid_t ended;
    do ended = waitpid(process, &status, WNOHANG);
    while (ended < 0 && errno == EINTR);
    if (ended < 0) return -errno;
    if (ended == 0) return 0;
    *code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return 1;
}

void clinux_end_process_group(int process, int number) { kill(-process, number); }

static struct termios before_keys;

int clinux_keys_enter(void) {
    if (tcgetattr(STDIN_FILENO, &before_keys) != 0) return -errno;
    struct termios raw = before_keys;
    raw.c_lflag &= (tcflag_t) ~(ICANON | ECHO);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    return tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0 ? 0 : -errno;
}

void clinux_keys_leave(void) { tcsetattr(STDIN_FILENO, TCSANOW, &before_keys); }
