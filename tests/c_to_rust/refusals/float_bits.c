unsigned int bits(float x)
{
    return *(unsigned int *)&x;  //~ error[C0403]: memory is used as another type than the one it was given
}
