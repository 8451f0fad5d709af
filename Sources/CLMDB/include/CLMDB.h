// LMDB behind one door: HubStorage is the only importer.
#pragma once
#include <lmdb.h>

// Asks the processor to fetch a cache line that will be read soon.
static inline void clmdb_prefetch(const void *_Nonnull address) { __builtin_prefetch(address, 0, 3); }
