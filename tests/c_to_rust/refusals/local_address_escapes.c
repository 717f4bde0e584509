struct reader {
    const unsigned char *data;
};

void open_reader(struct reader *r)
{
    unsigned char buf[4] = {0};
    r->data = buf;  //~ error[C0408]: the address of a local is stored in an object that outlives it
}
