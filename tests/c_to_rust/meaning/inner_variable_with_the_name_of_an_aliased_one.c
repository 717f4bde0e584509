/* An alias stands for what it was made of, also where an inner variable has that name. */

struct Point {
    int x;
};

static int scaled(const int *a, int n) {
    int sum = 0;
    for (int i = 0; i < n; i++) {
        const int *q = a + i;
        for (int i = 0; i < 2; i++)
            sum += *q * (i + 1);
    }
    return sum;
}

static int two_arrays(int n) {
    int a[4] = {1, 2, 3, 4};
    int *q = a;
    q[1] = n;
    {
        int a[2] = {10, 20};
        q[0] += a[1];
        return q[0] + a[0];
    }
}

static int point(int n) {
    struct Point p = {n};
    struct Point *q = &p;
    for (int p = 0; p < 3; p++)
        q->x += p;
    return p.x;
}

static int parameter(int *a) {
    int *q = a + 1;
    {
        int a = 7;
        *q += a;
    }
    return a[1];
}

int main(void) {
    int a[4] = {1, 2, 3, 4};
    if (scaled(a, 4) != 30)
        return 1;
    if (two_arrays(3) != 31)
        return 2;
    if (point(3) != 6)
        return 3;
    return parameter(a) != 9;
}
