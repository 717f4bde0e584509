/*
 * Radix-2 fixed-point FFT over 64 complex points, Q15, scaled by one half per stage.
 */
#include <stdint.h>

#define FFT_N 64
#define FFT_LOG2 6

typedef struct {
    int16_t re;
    int16_t im;
} cplx16;

/* First quarter of a sine wave, Q15. */
static const int16_t quarter_sine[FFT_N / 4 + 1] = {
    0, 3212, 6393, 9512, 12540, 15446, 18205, 20787, 23170, 25330, 27245, 28898, 30273, 31357, 32138, 32610, 32767,
};

/* sin(2 pi k / 64) in Q15. */
static int16_t sine64(int k)
{
    k &= FFT_N - 1;
    if (k <= 16)
        return quarter_sine[k];
    if (k <= 32)
        return quarter_sine[32 - k];
    if (k <= 48)
        return (int16_t)-quarter_sine[k - 32];
    return (int16_t)-quarter_sine[64 - k];
}

static unsigned int reverse_bits(unsigned int x, int bits)
{
    unsigned int r = 0;

    while (bits-- > 0) {
        r = r << 1 | (x & 1);
        x >>= 1;
    }
    return r;
}

/* Reorder by reversed index. */
static void permute(cplx16 data[FFT_N])
{
    for (unsigned int i = 0; i < FFT_N; i++) {
        unsigned int j = reverse_bits(i, FFT_LOG2);

        if (j > i) {
            cplx16 t = data[i];
            data[i] = data[j];
            data[j] = t;
        }
    }
}

static cplx16 twiddle(int k, int inverse)
{
    cplx16 w;

    w.re = sine64(k + FFT_N / 4);
    w.im = sine64(inverse ? k : -k);
    return w;
}

static cplx16 cmul_q15(cplx16 a, cplx16 b)
{
    cplx16 r;

    r.re = (int16_t)(((int32_t)a.re * b.re - (int32_t)a.im * b.im) >> 15);
    r.im = (int16_t)(((int32_t)a.re * b.im + (int32_t)a.im * b.re) >> 15);
    return r;
}

/* Transform in place; inverse != 0 for the inverse transform. */
void fft64(cplx16 data[FFT_N], int inverse)
{
    permute(data);
    for (int half = 1; half < FFT_N; half *= 2) {
        int step = FFT_N / (2 * half);

        for (int k = 0; k < half; k++) {
            cplx16 w = twiddle(k * step, inverse);

            for (int i = k; i < FFT_N; i += 2 * half) {
                cplx16 *a = &data[i];
                cplx16 t = cmul_q15(data[i + half], w);
                int re = a->re, im = a->im;

                a->re = (int16_t)((re + t.re) >> 1);
                a->im = (int16_t)((im + t.im) >> 1);
                data[i + half].re = (int16_t)((re - t.re) >> 1);
                data[i + half].im = (int16_t)((im - t.im) >> 1);
            }
        }
    }
}

/* Power of each bin. */
void fft_power(const cplx16 data[FFT_N], uint32_t power[FFT_N])
{
    const cplx16 *c = data;

    for (int i = 0; i < FFT_N; i++, c++)
        power[i] = (uint32_t)(c->re * c->re) + (uint32_t)(c->im * c->im);
}

/* Integer square root by bits. */
uint16_t isqrt32(uint32_t x)
{
    uint32_t root = 0;

    for (uint32_t bit = UINT32_C(1) << 30; bit != 0; bit >>= 2) {
        if (x >= root + bit) {
            x -= root + bit;
            root = (root >> 1) + bit;
        } else {
            root >>= 1;
        }
    }
    return (uint16_t)root;
}
