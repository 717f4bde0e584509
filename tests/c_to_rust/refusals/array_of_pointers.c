int f(int *a, int *b)
{
    int *both[2] = {a, b};
    return *both[1];  //~ error[C0421]: a pointer is stored in an array or a global
}
