/*
 * Reading and writing bit fields, most significant bit first, and Exp-Golomb codes on top (as video streams use them).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A reader over a borrowed buffer. */
typedef struct {
    const uint8_t *data;
    size_t size;
    size_t bit_pos;
} bit_reader;

/* A writer over a borrowed buffer. */
typedef struct {
    uint8_t *data;
    size_t capacity;
    size_t bit_pos;
} bit_writer;

void br_init(bit_reader *r, const uint8_t *data, size_t size)
{
    r->data = data;
    r->size = size;
    r->bit_pos = 0;
}

size_t br_left(const bit_reader *r)
{
    return r->size * 8 - r->bit_pos;
}

/* Next bit; zeros after the end. */
static unsigned int br_bit(bit_reader *r)
{
    size_t byte = r->bit_pos >> 3;
    unsigned int bit;

    if (byte >= r->size)
        return 0;
    bit = (r->data[byte] >> (7 - (r->bit_pos & 7))) & 1;
    r->bit_pos++;
    return bit;
}

/* Next n bits, n at most 32. */
uint32_t br_read(bit_reader *r, int n)
{
    uint32_t v = 0;

    while (n-- > 0)
        v = v << 1 | br_bit(r);
    return v;
}

/* Unsigned Exp-Golomb. */
uint32_t br_read_ue(bit_reader *r)
{
    int zeros = 0;

    while (br_left(r) > 0 && br_bit(r) == 0 && zeros < 31)
        zeros++;
    return (UINT32_C(1) << zeros) - 1 + br_read(r, zeros);
}

/* Signed Exp-Golomb: 0, 1, -1, 2, -2 … */
int32_t br_read_se(bit_reader *r)
{
    uint32_t k = br_read_ue(r);

    return k & 1 ? (int32_t)(k / 2 + 1) : -(int32_t)(k / 2);
}

/* Sum of all values in a packed array of width-bit numbers. */
uint64_t sum_packed(const uint8_t *data, size_t size, int width)
{
    bit_reader r;
    uint64_t sum = 0;

    if (width < 1 || width > 32)
        return 0;
    br_init(&r, data, size);
    while (br_left(&r) >= (size_t)width)
        sum += br_read(&r, width);
    return sum;
}

void bw_init(bit_writer *w, uint8_t *data, size_t capacity)
{
    w->data = data;
    w->capacity = capacity;
    w->bit_pos = 0;
}

/* Append the low n bits of value; false when the buffer is full. */
bool bw_write(bit_writer *w, uint32_t value, int n)
{
    for (int i = n - 1; i >= 0; i--) {
        size_t byte = w->bit_pos / 8;
        uint8_t mask = (uint8_t)(0x80 >> (w->bit_pos % 8));

        if (byte >= w->capacity)
            return false;
        if (value >> i & 1)
            w->data[byte] |= mask;
        else
            w->data[byte] &= (uint8_t)~mask;
        w->bit_pos++;
    }
    return true;
}

/* Pack count numbers of width bits each; returns the bytes used, 0 on failure. */
size_t pack_bits(uint8_t *out, size_t capacity, const uint32_t *values, size_t count, int width)
{
    bit_writer w;

    if (width < 1 || width > 32)
        return 0;
    bw_init(&w, out, capacity);
    for (size_t i = 0; i < count; i++)
        if (!bw_write(&w, values[i], width))
            return 0;
    return (w.bit_pos + 7) / 8;
}

/* Reverse the bits of a byte. */
uint8_t reverse8(uint8_t b)
{
    b = (uint8_t)((b & 0xF0) >> 4 | (b & 0x0F) << 4);
    b = (uint8_t)((b & 0xCC) >> 2 | (b & 0x33) << 2);
    b = (uint8_t)((b & 0xAA) >> 1 | (b & 0x55) << 1);
    return b;
}

int count_leading_zeros(uint32_t x)
{
    int n = 32;

    for (int shift = 16; shift > 0; shift >>= 1) {
        if (x >> shift) {
            n -= shift;
            x >>= shift;
        }
    }
    return n - (int)x;
}
