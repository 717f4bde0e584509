int f(int x)
{
    switch (x) {
    case 0:
        while (x < 10) {
    case 1:  //~ error[C0304]: this case label is not directly in the body of its switch
            x++;
        }
    }
    return x;
}
