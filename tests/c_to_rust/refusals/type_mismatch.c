struct point {
    int x, y;
};

int f(struct point p)
{
    return p + 1;  //~ error[C0234]: `+` cannot combine `struct point` and `int`
}
