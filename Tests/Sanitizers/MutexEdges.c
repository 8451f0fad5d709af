// Loaded by LD_PRELOAD into tests that were built for the thread sanitizer: tells it of locks that it cannot see.
//
// A `Mutex` of Swift is taken by an atomic that is compiled into its caller, which the sanitizer sees, unless another
// thread has it: then by a function of the runtime library, which was not built for the sanitizer. What the lock
// guards looks like a race from then on. These stand before the two functions and say what they do.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>

// The sanitizer's own; missing in processes that were not built for it.
extern void __tsan_acquire(void *address) __attribute__((weak));
extern void __tsan_release(void *address) __attribute__((weak));

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

typedef __attribute__((swiftcall)) void Lock(uint32_t thread, __attribute__((swift_context)) void *mutex);
typedef __attribute__((swiftcall)) void Unlock(__attribute__((swift_context)) void *mutex);

static void *next(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    // A runtime library without it takes its locks differently, and none of this holds.
    if (!found) abort();
    return found;
}

__attribute__((swiftcall)) void lock_slow(uint32_t thread, __attribute__((swift_context)) void *mutex) __asm__(LOCK);
__attribute__((swiftcall)) void lock_slow(uint32_t thread, __attribute__((swift_context)) void *mutex) {
    static Lock *real;
    Lock *call = __atomic_load_n(&real, __ATOMIC_RELAXED);
    if (!call) __atomic_store_n(&real, call = (Lock *)next(LOCK), __ATOMIC_RELAXED);
    call(thread, mutex);
    if (__tsan_acquire) __tsan_acquire(mutex);
}

__attribute__((swiftcall)) void unlock_slow(__attribute__((swift_context)) void *mutex) __asm__(UNLOCK);
__attribute__((swiftcall)) void unlock_slow(__attribute__((swift_context)) void *mutex) {
    static Unlock *real;
    Unlock *call = __atomic_load_n(&real, __ATOMIC_RELAXED);
    if (!call) __atomic_store_n(&real, call = (Unlock *)next(UNLOCK), __ATOMIC_RELAXED);
    if (__tsan_release) __tsan_release(mutex);
    call(mutex);
}
