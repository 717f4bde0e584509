int f(void)
{
    int a[2] = {1, 2, 3};  //~ error[C0238]: there are more initializers than elements
    return a[0];
}
