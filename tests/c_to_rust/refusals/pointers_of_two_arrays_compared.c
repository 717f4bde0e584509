int f(int *a, int *b)
{
    return a < b;  //~ error[C0414]: pointers that are not known to point into one array are compared or subtracted
}
