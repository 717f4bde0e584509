int f(void)
{
    const int x = 1;
    x = 2;  //~ error[C0313]: this object is const: it has type `const int`
    return x;
}
