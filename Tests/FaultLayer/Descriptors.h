// Which descriptors and mappings belong to the files concerned, in fixed tables.
#pragma once
#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

// What is known of a descriptor; 0 for one that is none of ours.
enum { FAULT_FD_TRACKED = 1, FAULT_FD_DURABLE = 2, FAULT_FD_APPENDS = 4 };

unsigned fault_fd_state(int fd);
void fault_fd_forget(int fd);
// Remembers a descriptor just opened with these flags.
void fault_fd_remember(int fd, int open_flags);
bool fault_path_concerned(const char *path);
void fault_name_set(const char *name);

// Under a lock of their own: unmapping need not wait for a sync. Only msync asks: it names no file.
void fault_mapping_add(void *start, size_t length);
void fault_mapping_remove(void *start, size_t length);
bool fault_mapping_contains(const void *address);

#pragma GCC visibility pop
