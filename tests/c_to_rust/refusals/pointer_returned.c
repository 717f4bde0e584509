int *skip(int *p)  //~ error[C0420]: `skip` returns a pointer
{
    return p + 1;
}
