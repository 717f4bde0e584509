/* Side effects inside conditions happen when C says, and only then. */
static int bump(int *n)
{
    return ++*n;
}

int main(void)
{
    int n = 0, m = 0, i = 0;

    if (n && bump(&m))
        return 1;
    if (!(n || bump(&m)) || m != 1)
        return 2;
    while (i++ < 3 && bump(&n) < 10)
        ;
    int k = n > 2 ? bump(&m) : bump(&n);
    int comma = (n = 7, n + 1);
    return i == 4 && k == 2 && m == 2 && comma == 8 ? 0 : 3;
}
