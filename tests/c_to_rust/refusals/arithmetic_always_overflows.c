int f(void)
{
    int big = 2147483647;
    return big + 1;  //~ error[C0311]: signed arithmetic that always overflows
}
