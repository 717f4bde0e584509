void f(int *a, int *b, int n)
{
    int *p = n ? a : b;  //~ error[C0415]: `?:` chooses between pointers into different objects
    *p = 1;
}
