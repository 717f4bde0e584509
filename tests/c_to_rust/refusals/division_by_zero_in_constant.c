int table[4 / 0];  //~ error[C0311]: this constant is undefined: it divides by zero

int f(void)
{
    return table[0];
}
