int f(int x)
{
    break;  //~ error[C0312]: this break is in no loop and no switch
    return x;
}
