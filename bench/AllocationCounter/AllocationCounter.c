#include "AllocationCounter.h"

#include <errno.h>
#include <malloc.h>
#include <stddef.h>

// The C library's own functions under their other names.
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static uint64_t allocations;
static int64_t bytes;

uint64_t allocation_count(void) { return __atomic_load_n(&allocations, __ATOMIC_RELAXED); }
int64_t allocated_bytes(void) { return __atomic_load_n(&bytes, __ATOMIC_RELAXED); }

static void *counted(void *memory) {
    if (memory) {
        __atomic_add_fetch(&allocations, 1, __ATOMIC_RELAXED);
        __atomic_add_fetch(&bytes, (int64_t)malloc_usable_size(memory), __ATOMIC_RELAXED);
    }
    return memory;
}

static void uncount(void *memory) {
    if (memory) __atomic_sub_fetch(&bytes, (int64_t)malloc_usable_size(memory), __ATOMIC_RELAXED);
}

void *malloc(size_t size) { return counted(__libc_malloc(size)); }

void *calloc(size_t count, size_t size) { return counted(__libc_calloc(count, size)); }

void *realloc(void *memory, size_t size) {
    int64_t before = memory ? (int64_t)malloc_usable_size(memory) : 0;
    void *moved = __libc_realloc(memory, size);
    if (moved || size == 0) __atomic_sub_fetch(&bytes, before, __ATOMIC_RELAXED);
    return counted(moved);
}

void *memalign(size_t alignment, size_t size) { return counted(__libc_memalign(alignment, size)); }

void *aligned_alloc(size_t alignment, size_t size) { return counted(__libc_memalign(alignment, size)); }

int posix_memalign(void **result, size_t alignment, size_t size) {
    void *memory = counted(__libc_memalign(alignment, size));
    if (!memory) return ENOMEM;
    *result = memory;
    return 0;
}

void free(void *memory) {
    uncount(memory);
    __libc_free(memory);
}
