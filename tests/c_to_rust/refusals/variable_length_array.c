int sum(int n)
{
    int a[n];  //~ error[C0209]: the length of this array is not a constant
    int s = 0;
    for (int i = 0; i < n; i++)
        a[i] = i;
    for (int i = 0; i < n; i++)
        s += a[i];
    return s;
}
