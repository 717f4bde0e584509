int real(int x)
{
    return x;
}

int other(int x) __attribute__((alias("real")));  //~ error[C0216]: attribute `alias` is not supported
