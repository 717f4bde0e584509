int f(int x)
{
    x + 1 = 2;  //~ error[C0236]: this expression does not name an object
    return x;
}
