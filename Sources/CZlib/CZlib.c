#include "CZlib.h"
#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

struct czlib_stream {
    z_stream z;
    int deflates;
    // Whether what was decompressed so far ends with a block.
    int ends_block;
};

czlib_stream *czlib_new_inflater(int window_bits) {
    czlib_stream *stream = calloc(1, sizeof *stream);
    if (stream == NULL) return NULL;
    // Negative: raw, without the header and checksum of zlib's own format.
    if (inflateInit2(&stream->z, -window_bits) == Z_OK) return stream;
    free(stream);
    return NULL;
}

czlib_stream *czlib_new_deflater(int window_bits, int memory_level, int level) {
    czlib_stream *stream = calloc(1, sizeof *stream);
    if (stream == NULL) return NULL;
    stream->deflates = 1;
    if (deflateInit2(&stream->z, level, Z_DEFLATED, -window_bits, memory_level, Z_DEFAULT_STRATEGY) == Z_OK)
        return stream;
    free(stream);
    return NULL;
}

void czlib_free(czlib_stream *stream) {
    if (stream->deflates) deflateEnd(&stream->z);
    else inflateEnd(&stream->z);
    free(stream);
}

void czlib_reset(czlib_stream *stream) {
    if (stream->deflates) deflateReset(&stream->z);
    else inflateReset(&stream->z);
}

// zlib counts in 32 bits; a caller with more comes again.
static uInt portion(size_t size) { return size > UINT_MAX ? UINT_MAX : (uInt)size; }

static void lend(z_stream *z, const void *input, size_t input_size, void *output, size_t output_size) {
    z->next_in = (Bytef *)(uintptr_t)input;
    z->avail_in = portion(input_size);
    z->next_out = output;
    z->avail_out = portion(output_size);
}

// What a step did; the stream keeps no pointer into memory that is not its own.
static czlib_step finish(z_stream *z, size_t input_size, size_t output_size, int outcome) {
    czlib_step step = {portion(input_size) - z->avail_in, portion(output_size) - z->avail_out, outcome, 0};
    z->next_in = NULL;
    z->next_out = NULL;
    z->avail_in = 0;
    z->avail_out = 0;
    return step;
}

czlib_step czlib_inflate(czlib_stream *stream, const void *input, size_t input_size, void *output,
                         size_t output_size) {
    z_stream *z = &stream->z;
    lend(z, input, input_size, output, output_size);
    int outcome = CZLIB_IDLE;
    for (;;) {
        int result = inflate(z, Z_SYNC_FLUSH);
        // Documented for `inflate`: 128 behind a block, and in the lowest bits how many of the last byte are left. A call
        // that could do nothing changes nothing.
        if (result != Z_BUF_ERROR) stream->ends_block = (z->data_type & 128) != 0 && (z->data_type & 7) == 0;
        if (result == Z_STREAM_END) {
            // The next block may refer to what came before, so the window stays.
            inflateResetKeep(z);
            if (z->avail_in > 0 && z->avail_out > 0) continue;
            stream->ends_block = 1;
        } else if (result == Z_MEM_ERROR) {
            outcome = CZLIB_NO_MEMORY;
            break;
        } else if (result != Z_OK && result != Z_BUF_ERROR) {
            outcome = CZLIB_BROKEN;
            break;
        }
        if (z->avail_out == 0) outcome = CZLIB_FULL;
        // With room left, zlib stops only at the end of the input.
        break;
    }
    czlib_step step = finish(z, input_size, output_size, outcome);
    step.ends_block = stream->ends_block;
    return step;
}

czlib_step czlib_deflate(czlib_stream *stream, const void *input, size_t input_size, void *output,
                         size_t output_size) {
    z_stream *z = &stream->z;
    lend(z, input, input_size, output, output_size);
    int result = deflate(z, Z_SYNC_FLUSH);
    int outcome = CZLIB_IDLE;
    if (result != Z_OK && result != Z_BUF_ERROR) outcome = CZLIB_BROKEN;
    else if (z->avail_out == 0 || z->avail_in > 0) outcome = CZLIB_FULL;
    return finish(z, input_size, output_size, outcome);
}

size_t czlib_bound(czlib_stream *stream, size_t size) {
    // The flush adds an empty stored block, at most five bytes, behind what the bound counts.
    return deflateBound(&stream->z, size) + 16;
}
