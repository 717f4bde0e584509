static void advance(int **p)
{
    *p = *p + 1;  //~ error[C0421]: a pointer is stored in an array or a global
}

int f(int *a)
{
    int *p = a;
    advance(&p);  //~ error[C0416]: the address of pointer `p` is taken
    return *p;
}
