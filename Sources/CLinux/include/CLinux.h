// The Linux calls that the toolchain's Glibc module leaves out: HubSystem is the only importer.
#pragma once
#include <stdint.h>

// Extends a file's allocation to `length` bytes from `offset`; returns 0 or an errno value.
int clinux_allocate(int fd, int64_t offset, int64_t length);
// An event counter for waking a thread or an event loop; returns a descriptor or -errno.
int clinux_event_counter(void);
// Names the calling thread in /proc and in profiles; longer names are cut at 15 bytes.
void clinux_name_thread(const char *_Nonnull name);
// 1 while the file is one this process holds an exclusive lock on, 0 if another has it, or -errno.
int clinux_lock_exclusively(int fd);
