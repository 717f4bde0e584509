int f(void *p, int wide)
{
    int *words = p;  //~ error[C0417]: `p` is used as a pointer to two different types
    unsigned char *bytes = p;
    return wide ? words[0] : bytes[0];
}
