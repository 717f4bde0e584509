unsigned long f(int *p)
{
    return (unsigned long)p;  //~ error[C0402]: a pointer is made into an integer
}
