// zlib behind one door: HubProtocols is the only importer.
#pragma once
#include <stddef.h>
#include <stdint.h>

// A stream of raw DEFLATE (RFC 1951): bytes in, bytes out, with its window kept between calls.
typedef struct czlib_stream czlib_stream;

// What one call did.
typedef struct {
    size_t consumed, produced;
    // CZLIB_IDLE and the like.
    int outcome;
    // 1 if what was decompressed ends with a block, on a byte's boundary.
    int ends_block;
} czlib_step;

enum {
    // All input is taken and everything that follows from it was put out.
    CZLIB_IDLE = 0,
    // The output is full, and there may be more to come.
    CZLIB_FULL = 1,
    // The input is not DEFLATE.
    CZLIB_BROKEN = 2,
    // There was no memory.
    CZLIB_NO_MEMORY = 3,
};

// A decompressor whose window has 2 to the power of `window_bits` bytes, 8 to 15; NULL without memory.
czlib_stream *_Nullable czlib_new_inflater(int window_bits);
// A compressor, with a window of 9 to 15 bits; NULL without memory.
czlib_stream *_Nullable czlib_new_deflater(int window_bits, int memory_level, int level);
void czlib_free(czlib_stream *_Nonnull stream);
// Forgets the window and everything else that came before.
void czlib_reset(czlib_stream *_Nonnull stream);

// Decompresses. A block marked as the last one does not end the stream: what follows it is read as the next block.
czlib_step czlib_inflate(czlib_stream *_Nonnull stream, const void *_Nullable input, size_t input_size,
                         void *_Nonnull output, size_t output_size);
// Compresses, and flushes to a byte's boundary: what comes out then ends with 00 00 FF FF. Call again with the rest
// of the input, or none, while the outcome is CZLIB_FULL.
czlib_step czlib_deflate(czlib_stream *_Nonnull stream, const void *_Nullable input, size_t input_size,
                         void *_Nonnull output, size_t output_size);
// How large the compressed form of `size` bytes may be at most, flush included.
size_t czlib_bound(czlib_stream *_Nonnull stream, size_t size);
