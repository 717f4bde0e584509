unsigned char f(unsigned int *words, int i)
{
    unsigned char *bytes = (unsigned char *)words;
    return bytes[i];  //~ error[C0403]: memory is used as another type than the one it was given
}
