int f(void)
{
    uint32_t x = 1;  //~ error[C0222]: unknown type name `uint32_t`
    return (int)x;
}
