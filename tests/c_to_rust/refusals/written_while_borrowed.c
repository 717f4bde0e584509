struct reader {
    const unsigned char *data;
};

static int next(struct reader *r)
{
    int c = r->data[0];
    r->data++;
    return c;
}

int f(void)
{
    unsigned char buf[4] = {1, 2, 3, 4};
    struct reader r = {buf};
    int first = next(&r);
    buf[1] = 9;  //~ error[C0406]: memory is written while a struct holds a pointer to it
    return first + next(&r);
}
