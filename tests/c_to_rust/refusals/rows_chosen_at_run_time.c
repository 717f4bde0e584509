int f(int m[4][4], int i)
{
    int *p = m[i];  //~ error[C0415]: pointer `p` moves between rows chosen at run time
    int s = 0;
    while (p < m[i] + 4)
        s += *p++;
    return s;
}
