#define _GNU_SOURCE
#include "Descriptors.h"
#include "Internal.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define DESCRIPTORS 65536
#define MAPPINGS 64

// One byte each and no lock: every close and write of the process looks here.
static _Atomic unsigned char states[DESCRIPTORS];
static struct {
    const char *start;
    size_t length;
} mappings[MAPPINGS];
static pthread_mutex_t mappings_lock = PTHREAD_MUTEX_INITIALIZER;
// Empty before the constructor ran: nothing is concerned yet.
static const char *name;

void fault_name_set(const char *wanted) { name = wanted; }

bool fault_path_concerned(const char *path) {
    if (name == NULL || path == NULL) return false;
    size_t length = strlen(path), suffix = strlen(name);
    if (length < suffix || strcmp(path + length - suffix, name) != 0) return false;
    return length == suffix || path[length - suffix - 1] == '/';
}

unsigned fault_fd_state(int fd) {
    if (fd < 0 || fd >= DESCRIPTORS) return 0;
    return atomic_load_explicit(&states[fd], memory_order_acquire);
}

void fault_fd_forget(int fd) {
    if (fault_fd_state(fd)) atomic_store_explicit(&states[fd], 0, memory_order_release);
}

void fault_fd_remember(int fd, int open_flags) {
    if (fd >= DESCRIPTORS) fault_give_up("too many descriptors to track", name);
    unsigned state = FAULT_FD_TRACKED;
    if (open_flags & O_DSYNC) state |= FAULT_FD_DURABLE;  // O_SYNC has this bit too
    if (open_flags & O_APPEND) state |= FAULT_FD_APPENDS;
    atomic_store_explicit(&states[fd], (unsigned char)state, memory_order_release);
}

static bool mapping_put(const char *start, size_t length) {
    for (int i = 0; i < MAPPINGS; i++) {
        if (mappings[i].length > 0) continue;
        mappings[i].start = start;
        mappings[i].length = length;
        return true;
    }
    return false;
}

void fault_mapping_add(void *start, size_t length) {
    pthread_mutex_lock(&mappings_lock);
    bool found_room = mapping_put(start, length);
    pthread_mutex_unlock(&mappings_lock);
    if (!found_room) fault_give_up("too many mappings to track", name);
}

void fault_mapping_remove(void *start, size_t length) {
    const char *first = start;
    pthread_mutex_lock(&mappings_lock);
    for (int i = 0; i < MAPPINGS; i++)
        if (mappings[i].start >= first && mappings[i].start < first + length) mappings[i].length = 0;
    pthread_mutex_unlock(&mappings_lock);
}

bool fault_mapping_contains(const void *address) {
    const char *wanted = address;
    bool found = false;
    pthread_mutex_lock(&mappings_lock);
    for (int i = 0; i < MAPPINGS && !found; i++)
        found = wanted >= mappings[i].start && wanted < mappings[i].start + mappings[i].length;
    pthread_mutex_unlock(&mappings_lock);
    return found;
}
