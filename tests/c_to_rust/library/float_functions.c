#include <math.h>
#include <stdio.h>

static double hypotenuse(double a, double b) {
    return sqrt(a * a + b * b);
}

static void show(double x, float y) {
    printf("%g %g %g %g %g %g\n", floor(x), ceil(x), trunc(x), round(x), rint(x), fabs(x));
    printf("%g %g %g %g %ld %ld\n", fmod(x, 1.5), fmin(x, 1), fmax(x, 1), copysign(2, x), lround(x), lrint(x));
    printf("%.17g %.17g %.17g %.17g\n", sin(x), exp(x / 8), pow(fabs(x), 0.3), log(fabs(x) + 1));
    printf("%.9g %.9g %g\n", cosf(y), powf(y, 2), fabsf(y));
}

int main(void) {
    show(2.5, 2.5f);
    show(-0.75, -0.75f);
    printf("%g %g\n", hypotenuse(3, 4), fma(2, 3, 4));
    return isnan(sqrt(-1)) && isinf(HUGE_VAL) && !isfinite(INFINITY) && signbit(-0.0) && isnan(NAN) ? 0 : 1;
}
