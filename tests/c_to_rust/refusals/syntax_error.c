int f(int x)
{
    return x +;  //~ error[C0130]: syntax error before `;`
}
