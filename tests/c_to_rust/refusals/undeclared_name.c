int f(void)
{
    return missing + 1;  //~ error[C0232]: `missing` is not declared
}
