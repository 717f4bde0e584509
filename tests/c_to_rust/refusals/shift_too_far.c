unsigned int f(unsigned int x)
{
    return x << 32;  //~ error[C0311]: a shift by 32 in a type of 32 bits
}
