struct box {
    int total;
    int items[4];
};

static void add_up(struct box *b, int *items)
{
    for (int i = 0; i < 4; i++)
        b->total += items[i];
    items[0] = 0;
}

void f(struct box *b)
{
    add_up(b, b->items);  //~ error[C0405]: two arguments may overlap, and one of them is written
}
