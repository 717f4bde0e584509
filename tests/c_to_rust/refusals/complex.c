double real_part(double _Complex z)  //~ error[C0207]: complex numbers are not supported
{
    return (double)z;
}
