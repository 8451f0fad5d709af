// Counts what a program takes from the heap: linked into benchmarks, it stands before the C library's functions.
#pragma once
#include <stdint.h>

// Allocations since the program began, reallocations included.
uint64_t allocation_count(void);
// Bytes that are allocated now.
int64_t allocated_bytes(void);
