/*
 * Eight-bit images in one buffer: histogram, threshold, box blur, Sobel edges, flood fill, nearest-neighbour scaling.
 */
#include <stddef.h>
#include <stdint.h>

#define LEVELS 256
#define FILL_STACK 256

/* Width and height; pixel (x, y) is at y * width + x. */
struct image_size {
    int width;
    int height;
};

void histogram(const uint8_t *pixels, size_t count, uint32_t bins[LEVELS])
{
    int level;

    for (level = 0; level < LEVELS; level++)
        bins[level] = 0;
    for (const uint8_t *p = pixels; p != pixels + count; p++)
        bins[*p]++;
}

/* Otsu's threshold from a histogram. */
int otsu_threshold(const uint32_t bins[LEVELS])
{
    double total = 0, sum = 0, sum_b = 0, weight_b = 0, best = -1;
    int threshold = 0;

    for (int i = 0; i < LEVELS; i++) {
        total += bins[i];
        sum += (double)i * bins[i];
    }
    for (int i = 0; i < LEVELS; i++) {
        double weight_f, diff, between;

        weight_b += bins[i];
        if (weight_b == 0)
            continue;
        weight_f = total - weight_b;
        if (weight_f == 0)
            break;
        sum_b += (double)i * bins[i];
        diff = sum_b / weight_b - (sum - sum_b) / weight_f;
        between = weight_b * weight_f * diff * diff;
        if (between > best) {
            best = between;
            threshold = i;
        }
    }
    return threshold;
}

/* In place: 255 above the threshold, else 0. */
void binarize(uint8_t *pixels, size_t count, uint8_t threshold)
{
    for (size_t i = 0; i < count; i++)
        pixels[i] = pixels[i] > threshold ? 255 : 0;
}

/* 3 x 3 mean; the border is copied. */
void box_blur(uint8_t *dst, const uint8_t *src, struct image_size size)
{
    int w = size.width, h = size.height;

    for (int y = 0; y < h; y++) {
        for (int x = 0; x < w; x++) {
            int sum = 0;

            if (x == 0 || y == 0 || x == w - 1 || y == h - 1) {
                dst[y * w + x] = src[y * w + x];
                continue;
            }
            for (int dy = -1; dy <= 1; dy++)
                for (int dx = -1; dx <= 1; dx++)
                    sum += src[(y + dy) * w + x + dx];
            dst[y * w + x] = (uint8_t)(sum / 9);
        }
    }
}

/* Gradient magnitude, |gx| + |gy|, cut at 255; the border is zero. */
void sobel(uint8_t *dst, const uint8_t *src, int w, int h)
{
    static const int8_t kernel[3][3] = { { -1, 0, 1 }, { -2, 0, 2 }, { -1, 0, 1 } };

    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            int gx = 0, gy = 0, mag;

            if (x > 0 && y > 0 && x < w - 1 && y < h - 1)
                for (int i = 0; i < 3; i++)
                    for (int j = 0; j < 3; j++) {
                        int pixel = src[(y + i - 1) * w + (x + j - 1)];

                        gx += kernel[i][j] * pixel;
                        gy += kernel[j][i] * pixel;
                    }
            mag = (gx < 0 ? -gx : gx) + (gy < 0 ? -gy : gy);
            dst[y * w + x] = mag > 255 ? 255 : (uint8_t)mag;
        }
}

/* Flood fill from (x, y), four neighbours. Returns the pixels filled, -1 when the stack runs out. */
int flood_fill(uint8_t *pixels, int w, int h, int x, int y, uint8_t colour)
{
    int stack[FILL_STACK];
    int top = 0, filled = 0;
    uint8_t old;

    if (x < 0 || y < 0 || x >= w || y >= h)
        return 0;
    old = pixels[y * w + x];
    if (old == colour)
        return 0;
    stack[top++] = y * w + x;
    while (top > 0) {
        int at = stack[--top];
        int px = at % w, py = at / w;

        if (pixels[at] != old)
            continue;
        pixels[at] = colour;
        filled++;
        if (top + 4 > FILL_STACK)
            return -1;
        if (px > 0)
            stack[top++] = at - 1;
        if (px < w - 1)
            stack[top++] = at + 1;
        if (py > 0)
            stack[top++] = at - w;
        if (py < h - 1)
            stack[top++] = at + w;
    }
    return filled;
}

/* Nearest-neighbour scaling with 16.16 steps. */
void scale_nearest(uint8_t *dst, struct image_size to, const uint8_t *src, struct image_size from)
{
    uint32_t x_step, y_step, y_acc = 0;

    if (to.width <= 0 || to.height <= 0)
        return;
    x_step = ((uint32_t)from.width << 16) / (uint32_t)to.width;
    y_step = ((uint32_t)from.height << 16) / (uint32_t)to.height;
    for (int y = 0; y < to.height; y++, y_acc += y_step) {
        const uint8_t *row = src + (size_t)(y_acc >> 16) * (size_t)from.width;
        uint32_t x_acc = 0;

        for (int x = 0; x < to.width; x++, x_acc += x_step)
            *dst++ = row[x_acc >> 16];
    }
}
