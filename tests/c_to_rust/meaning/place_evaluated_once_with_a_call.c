/* `a[f()] op= e` calls f once. */
static int next(int *calls)
{
    return (*calls)++;
}

int main(void)
{
    int calls = 0;
    int a[4] = {1, 2, 3, 4};

    a[next(&calls)] += 10;
    a[next(&calls)] *= 5;
    a[next(&calls)] <<= 2;
    return calls == 3 && a[0] == 11 && a[1] == 10 && a[2] == 12 && a[3] == 4 ? 0 : 1;
}
