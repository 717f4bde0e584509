int f(int *p)
{
    return p[-1];  //~ error[C0413]: an element before the start of its array is used
}
