static int add(int a, int b)
{
    return a + b;
}

int f(void)
{
    return add(1);  //~ error[C0237]: `add` takes 2 argument(s), and this call gives 1
}
