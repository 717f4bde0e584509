long labs(long x)  //~ error[C0508]: `labs` is a function of the C library
{
    return x;
}
