long double half(long double x)  //~ error[C0208]: `long double` is not supported
{
    return x / 2;
}
