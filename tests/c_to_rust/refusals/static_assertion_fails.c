_Static_assert(sizeof(int) == 8, "int must have 64 bits");  //~ error[C0220]: static assertion failed: "int must have 64 bits"

int f(void)
{
    return 0;
}
