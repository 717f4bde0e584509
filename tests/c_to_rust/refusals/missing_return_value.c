int f(int x)
{
    if (x)
        return;  //~ error[C0310]: `f` returns `int`, and this return gives no value
    return 1;
}
