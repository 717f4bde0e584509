/* A pointer in a struct is the array, not a copy of it: writes through it stay. */
struct writer {
    unsigned char *data;
    int used;
};

static void put(struct writer *w, unsigned char byte)
{
    w->data[w->used++] = byte;
}

int main(void)
{
    unsigned char buf[4] = {0, 0, 0, 0};
    struct writer w = {buf, 0};

    put(&w, 7);
    put(&w, 9);
    return w.used == 2 && buf[0] == 7 && buf[1] == 9 && buf[2] == 0 ? 0 : 1;
}
