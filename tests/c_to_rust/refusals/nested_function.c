int outer(int x)
{
    int inner(int y)  //~ error[C0219]: `inner` is defined inside a function
    {
        return x + y;
    }
    return inner(1);
}
