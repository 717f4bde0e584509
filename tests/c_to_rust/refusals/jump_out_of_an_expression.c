int f(int x)
{
    while (x > 0) {
        int y = x > 3 && ({  //~ error[C0306]: a jump out of an expression that may not be evaluated
            if (x > 5)
                break;
            1;
        });
        x -= 1 + y;
    }
    return x;
}
