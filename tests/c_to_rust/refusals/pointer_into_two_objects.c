void f(int *a, int *b, int n)
{
    int *p = a;
    if (n)
        p = b;  //~ error[C0415]: pointer `p` points into more than one object
    *p = 1;
}
