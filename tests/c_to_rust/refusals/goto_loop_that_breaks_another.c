int f(int n)
{
    for (int i = 0; i < n; i++) {
again:
        if (n > 100)
            break;  //~ error[C0302]: this jump leaves the loop that `goto again` forms for a loop around it
        n += 2;
        if (n < 50)
            goto again;
    }
    return n;
}
