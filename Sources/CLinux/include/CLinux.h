// The Linux calls that the toolchain's Glibc module leaves out: HubSystem is the only importer.
#pragma once
#include <stdint.h>
#include "CLinuxSockets.h"

// Extends a file's allocation to `length` bytes from `offset`; returns 0 or an errno value.
int clinux_allocate(int fd, int64_t offset, int64_t length);
// An event counter for waking a thread or an event loop; returns a descriptor or -errno.
int clinux_event_counter(void);
// Names the calling thread in /proc and in profiles; longer names are cut at 15 bytes.
void clinux_name_thread(const char *_Nonnull name);
// 1 while the file is one this process holds an exclusive lock on, 0 if another has it, or -errno.
int clinux_lock_exclusively(int fd);
// 1 if no other process holds the file's exclusive lock, 0 if one does, or -errno.
int clinux_lock_shared(int fd);
// Columns of the terminal behind a descriptor; 0 if there is none.
int clinux_terminal_columns(int fd);
// From now on, writing to a pipe that nobody reads is an error of the call and does not end the process.
void clinux_ignore_broken_pipes(void);
// From now on SIGTERM, SIGINT and SIGHUP wait for `clinux_next_signal`, in this thread and those it starts.
void clinux_block_signals(void);
// Waits for one of them, and takes it.
int clinux_next_signal(void);
// From now on, a memory fault or an abort writes `sentence` (cut at 1024 bytes) to standard error and ends the
// process with `exit_code`.
void clinux_explain_faults(const char *_Nonnull sentence, int exit_code);
// Allows this process as many open descriptors as it may ask for; how many that is.
uint64_t clinux_raise_descriptor_limit(void);
// The number of the kind of file system that holds a path, or -errno.
int64_t clinux_file_system(const char *_Nonnull path);
// Gives standard input and output over to a program that fills the screen: no echo, no waiting for line ends, the
// alternate screen without a cursor. Undone by `clinux_terminal_leave`, and by handlers of the signals that end a
// process. 0 or -errno.
int clinux_terminal_enter(void);
void clinux_terminal_leave(void);
// Columns and rows of the terminal behind a descriptor; 0 or -errno.
int clinux_terminal_size(int fd, int *_Nonnull columns, int *_Nonnull rows);
// Waits for a byte from standard input; the byte, -1 if none came or a signal did, -2 if none will come.
int clinux_terminal_key(int milliseconds);
// Starts /bin/sh with a line, in a process group of its own, with the environment of this process and `added` (name=value,
// each terminated). `input` and `output` become the non-blocking ends of its standard input and output. The process or -errno.
int clinux_spawn_shell(
    const char *_Nonnull line, const char *_Nonnull added, uint64_t bytes, int *_Nonnull input, int *_Nonnull output);
// 1 with the exit code once a process has ended (128 and the signal if one ended it), 0 before, or -errno.
int clinux_wait_process(int process, int *_Nonnull code);
// Sends a signal to a process and those that it started.
void clinux_end_process_group(int process, int number);
// Keys come from standard input at once and unseen, until `clinux_keys_leave`; 0 or -errno.
int clinux_keys_enter(void);
void clinux_keys_leave(void);
