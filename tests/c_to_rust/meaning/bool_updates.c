/* Updates of a _Bool compute in int, and give `!= 0`. */
static int count(_Bool b, int x)
{
    int failed = 0;

    b += x;
    failed += b != (x != -1);
    b = 1;
    b++;
    failed += !b;
    b--;
    failed += b;
    b--;
    failed += !b;
    b <<= x & 7;
    failed += !b;
    b %= 2;
    return failed + !b;
}

static int empty_loops(int *p, int n)
{
    for (int i = 0; i < n; i++)
        p[i] = i;
    return p[0];
}

int main(void)
{
    int one[1] = { 7 };

    return count(1, -1) + count(1, 5) + (empty_loops(one, -1) != 7);
}
