#include <stdio.h>

static void show(double x, float y, int n) {
    printf("%f %.0f %.3f [%9.2f] [%-9.1f] [%09.2f] %+.1f\n", x, x, x, x, x, x, x);
    printf("%e %.0e [%12.3e] [%-12.2e] [%012.2e]\n", x, x, x, x, x);
    printf("%g %.3g %.10g [%9.2g] [%-9g] [%09g] %+g\n", x, x, x, x, x, x, x);
    printf("%f %g %.2f\n", y, y, n / 4.0);
}

int main(void) {
    double zero = 0.0;
    const double values[] = {0.0, 1.0, -2.5, 0.125, 1e-7, 123456.789, 1e21, 99999.95, 1e300, 5e-324, 1.0 / 3};
    for (int i = 0; i < (int)(sizeof values / sizeof values[0]); i++) {
        show(values[i], (float)values[i], i);
    }
    show(1 / zero, (float)(-1 / zero), 0);
    printf("%.2f%%\n", 100.0 * 7 / 9);
    return 0;
}
