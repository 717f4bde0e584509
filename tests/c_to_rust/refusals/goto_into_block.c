int f(int x)
{
    if (x)
        goto inside;  //~ error[C0301]: the label `inside` is inside a block that this goto is not in
    {
        x = 5;
    inside:
        x++;
    }
    return x;
}
