/* C's hint is Rust's; a function that had one call gets several when its caller is cloned, and is still inlined. */
static inline unsigned twice(unsigned x)
{
    return x + x;
}

static void mix(unsigned *p)
{
    p[0] = twice(p[1]);
    p[1] ^= twice(p[0]);
}

static void step(unsigned *to, const unsigned *from)
{
    to[0] += from[1];
    mix(to);
}

void run(unsigned *a, unsigned *b)
{
    step(a, b);
    step(a, a);
}
