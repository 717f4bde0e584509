int f(int x);

long f(int x)  //~ error[C0231]: `f` is declared as `long (int)`, and as `int (int)` before
{
    return x;
}
