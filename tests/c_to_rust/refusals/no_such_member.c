struct point {
    int x, y;
};

int depth(struct point *p)
{
    return p->z;  //~ error[C0233]: `struct point` has no field `z`
}
