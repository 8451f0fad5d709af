// CRC32C (Castagnoli), with the processor's instruction where there is one: HubStorage is the only importer.
#pragma once
#include <stddef.h>
#include <stdint.h>

// The checksum of `count` bytes, continuing from `seed` (0 to begin).
uint32_t cchecksum_crc32c(uint32_t seed, const void *_Nonnull bytes, size_t count);
// The same by table alone: what processors without the instruction use, and what tests compare with.
uint32_t cchecksum_crc32c_portable(uint32_t seed, const void *_Nonnull bytes, size_t count);
// 1 if the processor's instruction is used.
int cchecksum_is_accelerated(void);
