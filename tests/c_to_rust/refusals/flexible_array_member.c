struct packet {
    int length;
    unsigned char data[];  //~ error[C0210]: `data` is a flexible array member
};

int first(struct packet *p)
{
    return p->data[0];
}
