int apply(int (*f)(int), int x)  //~ error[C0203]: a parameter of `apply` is a pointer to functions
{
    return f(x);
}
