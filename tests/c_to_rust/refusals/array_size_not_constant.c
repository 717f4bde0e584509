static int size = 4;
int table[size];  //~ error[C0209]: the length of this array is not a constant

int f(void)
{
    return table[0];
}
