/* Two elements side by side, at an index known only at run time, are two different objects. */
static int both(int *x, int *y)
{
    *x += 1;
    *y += 1;
    return *x * *y;
}

static int neighbours(int *v, int i)
{
    return both(v + i, v + i + 1);
}

int main(void)
{
    int a[4] = {1, 2, 3, 4};

    return neighbours(a, 1) == 12 && a[0] == 1 && a[1] == 3 && a[2] == 4 && a[3] == 4 ? 0 : 1;
}
