/*
 * Small dense linear algebra in doubles, row-major, sizes given at run time; fixed 4 x 4 transforms.
 */
#include <stdbool.h>
#include <stddef.h>

#define DIM 4

/* c (n x m) = a (n x k) * b (k x m). */
void mat_mul(double *c, const double *a, const double *b, size_t n, size_t k, size_t m)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < m; j++) {
            double sum = 0.0;

            for (size_t t = 0; t < k; t++)
                sum += a[i * k + t] * b[t * m + j];
            c[i * m + j] = sum;
        }
    }
}

/* Square matrix in place. */
void mat_transpose(double *a, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++) {
            double t = a[i * n + j];
            a[i * n + j] = a[j * n + i];
            a[j * n + i] = t;
        }
}

static double absolute(double x)
{
    return x < 0.0 ? -x : x;
}

/* LU factorisation with partial pivoting, in place; false when singular. */
bool lu_factor(double *a, int *pivot, int n)
{
    int i, j, k;

    for (k = 0; k < n; k++) {
        int best = k;

        for (i = k + 1; i < n; i++)
            if (absolute(a[i * n + k]) > absolute(a[best * n + k]))
                best = i;
        pivot[k] = best;
        if (a[best * n + k] == 0.0)
            return false;
        if (best != k) {
            for (j = 0; j < n; j++) {
                double t = a[k * n + j];
                a[k * n + j] = a[best * n + j];
                a[best * n + j] = t;
            }
        }
        for (i = k + 1; i < n; i++) {
            double *row = a + i * n;
            double f = row[k] /= a[k * n + k];

            if (f == 0.0)
                continue;
            for (j = k + 1; j < n; j++)
                row[j] -= f * a[k * n + j];
        }
    }
    return true;
}

/* Solve with the factors, in place on b. */
void lu_solve(const double *lu, const int *pivot, int n, double *b)
{
    for (int k = 0; k < n; k++) {
        double t = b[pivot[k]];
        b[pivot[k]] = b[k];
        b[k] = t;
    }
    for (int i = 1; i < n; i++)
        for (int j = 0; j < i; j++)
            b[i] -= lu[i * n + j] * b[j];
    for (int i = n - 1; i >= 0; i--) {
        for (int j = i + 1; j < n; j++)
            b[i] -= lu[i * n + j] * b[j];
        b[i] /= lu[i * n + i];
    }
}

/* r = a * b for fixed 4 x 4 matrices. */
void mat4_mul(double r[DIM][DIM], double a[DIM][DIM], double b[DIM][DIM])
{
    for (int i = 0; i < DIM; i++)
        for (int j = 0; j < DIM; j++) {
            r[i][j] = 0;
            for (int k = 0; k < DIM; k++)
                r[i][j] += a[i][k] * b[k][j];
        }
}

void mat4_identity(double m[DIM][DIM])
{
    int i, j;

    for (i = 0; i < DIM; i++)
        for (j = 0; j < DIM; j++)
            m[i][j] = i == j;
}

/* m ^ n by squaring. */
void mat4_pow(double out[DIM][DIM], double m[DIM][DIM], unsigned int n)
{
    double base[DIM][DIM], tmp[DIM][DIM];

    for (int i = 0; i < DIM; i++)
        for (int j = 0; j < DIM; j++)
            base[i][j] = m[i][j];
    mat4_identity(out);
    while (n > 0) {
        if (n & 1) {
            mat4_mul(tmp, out, base);
            for (int i = 0; i < DIM; i++)
                for (int j = 0; j < DIM; j++)
                    out[i][j] = tmp[i][j];
        }
        mat4_mul(tmp, base, base);
        for (int i = 0; i < DIM; i++)
            for (int j = 0; j < DIM; j++)
                base[i][j] = tmp[i][j];
        n >>= 1;
    }
}

double dot(const double *x, const double *y, size_t n)
{
    double s = 0;

    while (n-- > 0)
        s += *x++ * *y++;
    return s;
}
