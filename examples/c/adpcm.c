/*
 * IMA ADPCM: 16-bit samples to four bits and back; mu-law companding.
 */
#include <stddef.h>
#include <stdint.h>

/* Predictor and step index, carried from block to block. */
struct adpcm_state {
    int16_t valprev;
    int8_t index;
};

static const int index_table[16] = { -1, -1, -1, -1, 2, 4, 6, 8, -1, -1, -1, -1, 2, 4, 6, 8 };

static const int step_table[89] = {
    7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97, 107,
    118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449, 494, 544, 598, 658, 724, 796, 876, 963,
    1060, 1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272, 2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871, 5358, 5894,
    6484, 7132, 7845, 8630, 9493, 10442, 11487, 12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086, 29794,
    32767,
};

static int clamp(int v, int lo, int hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

/* Encode one sample; the state must hold a valid index. */
static int encode_sample(struct adpcm_state *st, int sample)
{
    int step = step_table[st->index];
    int diff = sample - st->valprev;
    int code = 0, vpdiff = step >> 3;

    if (diff < 0) {
        code = 8;
        diff = -diff;
    }
    if (diff >= step) {
        code |= 4;
        diff -= step;
        vpdiff += step;
    }
    step >>= 1;
    if (diff >= step) {
        code |= 2;
        diff -= step;
        vpdiff += step;
    }
    step >>= 1;
    if (diff >= step) {
        code |= 1;
        vpdiff += step;
    }
    st->valprev = (int16_t)clamp(st->valprev + (code & 8 ? -vpdiff : vpdiff), -32768, 32767);
    st->index = (int8_t)clamp(st->index + index_table[code], 0, 88);
    return code;
}

static int decode_sample(struct adpcm_state *st, int code)
{
    int step = step_table[st->index];
    int vpdiff = step >> 3;

    if (code & 4)
        vpdiff += step;
    if (code & 2)
        vpdiff += step >> 1;
    if (code & 1)
        vpdiff += step >> 2;
    if (code & 8)
        vpdiff = -vpdiff;
    st->valprev = (int16_t)clamp(st->valprev + vpdiff, -32768, 32767);
    st->index = (int8_t)clamp(st->index + index_table[code & 15], 0, 88);
    return st->valprev;
}

/* Encode len samples, two per byte, the first in the high half. */
void adpcm_encode(const int16_t *in, uint8_t *out, size_t len, struct adpcm_state *state)
{
    struct adpcm_state st = *state;
    int pending = 0;
    int buffered = 0;

    for (; len > 0; len--) {
        int code = encode_sample(&st, *in++);

        if (buffered)
            *out++ = (uint8_t)(pending | code);
        else
            pending = code << 4;
        buffered = !buffered;
    }
    if (buffered)
        *out = (uint8_t)pending;
    *state = st;
}

/* Decode len samples. */
void adpcm_decode(const uint8_t *in, int16_t *out, size_t len, struct adpcm_state *state)
{
    for (size_t i = 0; i < len; i++) {
        int byte = in[i >> 1];

        out[i] = (int16_t)decode_sample(state, (i & 1) ? byte & 0xf : byte >> 4);
    }
}

/* One sample to mu-law (G.711). */
uint8_t ulaw_encode(int16_t pcm)
{
    int mag = pcm, sign = 0, exponent = 7, mask;

    if (mag < 0) {
        sign = 0x80;
        mag = -mag;
    }
    if (mag > 32635)
        mag = 32635;
    mag += 0x84;
    for (mask = 0x4000; (mag & mask) == 0 && exponent > 0; mask >>= 1)
        exponent--;
    return (uint8_t)~(sign | exponent << 4 | ((mag >> (exponent + 3)) & 0x0F));
}

int16_t ulaw_decode(uint8_t u)
{
    int t;

    u = (uint8_t)~u;
    t = ((u & 0x0F) << 3) + 0x84;
    t <<= (u & 0x70) >> 4;
    return (int16_t)(u & 0x80 ? 0x84 - t : t - 0x84);
}
