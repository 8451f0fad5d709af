#include "CChecksum.h"
#include <string.h>

#define POLYNOMIAL 0x82f63b78u  // Castagnoli, bits reversed

// slice[k][b]: the effect of byte b followed by k zero bytes; eight slices take eight bytes a step.
static uint32_t slice[8][256];
// Moving a checksum past a lane of zero bytes, byte by byte of the checksum: joins the three lanes below.
struct lane {
    size_t bytes;
    uint32_t past[4][256];
};
static struct lane long_lane = {.bytes = 1024};
static struct lane short_lane = {.bytes = 96};

static uint32_t step_bitwise(uint32_t crc) { return (crc >> 1) ^ (POLYNOMIAL & (0u - (crc & 1))); }

// The effect of the lane's zero bytes on each single bit, then on each value of each byte.
static void fill_lane(struct lane *lane) {
    uint32_t of_bit[32];
    for (int bit = 0; bit < 32; bit++) {
        uint32_t crc = 1u << bit;
        for (size_t i = 0; i < lane->bytes * 8; i++) crc = step_bitwise(crc);
        of_bit[bit] = crc;
    }
    for (int byte = 0; byte < 4; byte++)
        for (int value = 0; value < 256; value++) {
            uint32_t crc = 0;
            for (int bit = 0; bit < 8; bit++)
                if (value >> bit & 1) crc ^= of_bit[8 * byte + bit];
            lane->past[byte][value] = crc;
        }
}

static int use_instruction;

__attribute__((constructor)) static void fill_tables(void) {
    use_instruction = cchecksum_is_accelerated();
    for (uint32_t b = 0; b < 256; b++) {
        uint32_t crc = b;
        for (int i = 0; i < 8; i++) crc = step_bitwise(crc);
        slice[0][b] = crc;
    }
    for (int k = 1; k < 8; k++)
        for (uint32_t b = 0; b < 256; b++) slice[k][b] = (slice[k - 1][b] >> 8) ^ slice[0][slice[k - 1][b] & 255];
    fill_lane(&long_lane);
    fill_lane(&short_lane);
}

static uint64_t load64(const uint8_t *p) {
    uint64_t word;
    memcpy(&word, p, 8);
    return word;
}

uint32_t cchecksum_crc32c_portable(uint32_t seed, const void *bytes, size_t count) {
    const uint8_t *p = bytes;
    uint32_t crc = ~seed;
    for (; count >= 8; count -= 8, p += 8) {
        uint64_t w = load64(p) ^ crc;
        crc = slice[7][w & 255] ^ slice[6][w >> 8 & 255] ^ slice[5][w >> 16 & 255] ^ slice[4][w >> 24 & 255] ^
              slice[3][w >> 32 & 255] ^ slice[2][w >> 40 & 255] ^ slice[1][w >> 48 & 255] ^ slice[0][w >> 56];
    }
    for (; count > 0; count--) crc = (crc >> 8) ^ slice[0][(crc ^ *p++) & 255];
    return ~crc;
}

#if defined(__x86_64__)
#define ACCELERATED __attribute__((target("sse4.2")))
#define STEP64(crc, word) ((uint32_t)__builtin_ia32_crc32di((crc), (word)))
#define STEP8(crc, byte) __builtin_ia32_crc32qi((crc), (byte))
#elif defined(__aarch64__)
#define ACCELERATED __attribute__((target("crc")))
#define STEP64(crc, word) __builtin_arm_crc32cd((crc), (word))
#define STEP8(crc, byte) __builtin_arm_crc32cb((crc), (byte))
#endif

#ifdef ACCELERATED
static uint32_t skip(const struct lane *lane, uint32_t crc) {
    return lane->past[0][crc & 255] ^ lane->past[1][crc >> 8 & 255] ^ lane->past[2][crc >> 16 & 255] ^
           lane->past[3][crc >> 24];
}

// Three lanes at once, then one checksum of all three.
ACCELERATED static inline uint32_t three_lanes(const struct lane *lane, size_t bytes, uint32_t crc, const uint8_t *p) {
    uint32_t b = 0, c = 0;
    for (size_t i = 0; i < bytes; i += 8) {
        crc = STEP64(crc, load64(p + i));
        b = STEP64(b, load64(p + bytes + i));
        c = STEP64(c, load64(p + 2 * bytes + i));
    }
    return skip(lane, skip(lane, crc) ^ b) ^ c;
}

// The instruction takes one word a cycle but answers after three: three lanes keep it busy. The short lane suits
// records, the long one directories.
ACCELERATED static uint32_t accelerated(uint32_t seed, const void *bytes, size_t count) {
    const uint8_t *p = bytes;
    uint32_t crc = ~seed;
    for (; count >= 3 * 1024; count -= 3 * 1024, p += 3 * 1024) crc = three_lanes(&long_lane, 1024, crc, p);
    for (; count >= 3 * 96; count -= 3 * 96, p += 3 * 96) crc = three_lanes(&short_lane, 96, crc, p);
    for (; count >= 8; count -= 8, p += 8) crc = STEP64(crc, load64(p));
    for (; count > 0; count--) crc = STEP8(crc, *p++);
    return ~crc;
}
#endif

int cchecksum_is_accelerated(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    return __builtin_cpu_supports("sse4.2") != 0;
#elif defined(__aarch64__)
    return 1;  // every 64-bit Arm server processor since Armv8.1 has it
#else
    return 0;
#endif
}

uint32_t cchecksum_crc32c(uint32_t seed, const void *bytes, size_t count) {
#ifdef ACCELERATED
    if (use_instruction) return accelerated(seed, bytes, count);
#endif
    return cchecksum_crc32c_portable(seed, bytes, count);
}
