/* f(a, a) means what it says, whatever the order in which f reads and writes. */
static void running(int *out, const int *in, int n)
{
    for (int i = 1; i < n; i++)
        out[i] = out[i - 1] + in[i];
}

static void shift(int *out, const int *in, int n)
{
    for (int i = 0; i < n; i++)
        out[i] = in[i] + 1;
}

int main(void)
{
    int a[5] = {1, 2, 3, 4, 5};
    int b[6] = {0, 0, 0, 0, 0, 0};

    running(a, a, 5);
    shift(b + 1, b, 5); /* overlaps by one: each write is read by the next turn */
    return a[4] == 15 && b[5] == 5 ? 0 : 1;
}
