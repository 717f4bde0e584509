struct a {
    int x;
};

struct b {
    int y;
};

int f(struct a *p)
{
    return ((struct b *)p)->y;  //~ error[C0403]: memory is used as another type than the one it was given
}
