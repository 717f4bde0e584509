/*
 * Digital filters: FIR with a circular delay line, biquad in doubles, fixed-point one-pole, moving average, Goertzel.
 */
#include <stddef.h>
#include <stdint.h>

#define FIR_TAPS 16
#define Q15_ONE 32768

/* FIR filter state with its history. */
struct fir {
    int16_t taps[FIR_TAPS];
    int16_t history[FIR_TAPS];
    unsigned int head;
};

void fir_init(struct fir *f, const int16_t *taps)
{
    for (unsigned int i = 0; i < FIR_TAPS; i++) {
        f->taps[i] = taps[i];
        f->history[i] = 0;
    }
    f->head = 0;
}

/* One sample in, one sample out, saturated. */
int16_t fir_step(struct fir *f, int16_t x)
{
    int64_t acc = 0;
    unsigned int pos = f->head;

    f->history[pos % FIR_TAPS] = x;
    for (int i = 0; i < FIR_TAPS; i++) {
        acc += (int32_t)f->taps[i] * f->history[pos % FIR_TAPS];
        pos = (pos == 0 ? FIR_TAPS : pos) - 1;
    }
    f->head = (f->head + 1) % FIR_TAPS;
    acc >>= 15;
    if (acc > INT16_MAX)
        acc = INT16_MAX;
    else if (acc < INT16_MIN)
        acc = INT16_MIN;
    return (int16_t)acc;
}

/* Filter a block, in place. */
void fir_run(struct fir *f, int16_t *samples, size_t n)
{
    for (size_t i = 0; i < n; i++)
        samples[i] = fir_step(f, samples[i]);
}

/* Second-order section, direct form II transposed. */
typedef struct biquad {
    double b0, b1, b2;
    double a1, a2;
    double z1, z2;
} biquad;

double biquad_step(biquad *q, double x)
{
    double y = q->b0 * x + q->z1;

    q->z1 = q->b1 * x - q->a1 * y + q->z2;
    q->z2 = q->b2 * x - q->a2 * y;
    return y;
}

/* A chain of sections over a block. */
void biquad_cascade(biquad *sections, int count, double *data, int n)
{
    for (int s = 0; s < count; s++) {
        biquad *q = sections + s;
        for (int i = 0; i < n; i++)
            data[i] = biquad_step(q, data[i]);
    }
}

/* y += (x - y) * alpha, all in Q15. */
int32_t onepole_q15(int32_t y, int16_t x, uint16_t alpha)
{
    int64_t diff = (int64_t)x * Q15_ONE - y;

    return (int32_t)(y + ((diff * alpha) >> 16));
}

/* Moving average of width w, valid part only; returns the number of outputs. */
int moving_average(const int *in, int n, int w, int *out)
{
    long long sum = 0;
    int i, m = 0;

    if (w <= 0 || n < w)
        return 0;
    for (i = 0; i < n; i++) {
        sum += in[i];
        if (i >= w)
            sum -= in[i - w];
        if (i >= w - 1)
            out[m++] = (int)(sum / w);
    }
    return m;
}

/* Goertzel: power of one frequency, coeff = 2 cos(omega). */
double goertzel_power(const double *x, size_t n, double coeff)
{
    double s0, s1 = 0.0, s2 = 0.0;

    for (const double *end = x + n; x < end; ++x) {
        s0 = *x + coeff * s1 - s2;
        s2 = s1;
        s1 = s0;
    }
    return s1 * s1 + s2 * s2 - coeff * s1 * s2;
}

/* Largest magnitude of a block; 32768 is possible. */
int peak16(const int16_t *x, size_t n)
{
    int peak = 0;

    while (n--) {
        int v = *x++;
        if (v < 0)
            v = -v;
        if (v > peak)
            peak = v;
    }
    return peak;
}

/* Mean of squares in floats. */
float mean_square(const float *x, int n)
{
    float sum = 0.0f;

    if (n <= 0)
        return 0.0f;
    for (int i = 0; i < n; i++)
        sum += x[i] * x[i];
    return sum / (float)n;
}
