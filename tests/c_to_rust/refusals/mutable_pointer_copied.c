struct writer {
    unsigned char *data;
};

void share(struct writer *a, struct writer *b)
{
    a->data = b->data;  //~ error[C0406]: two structs would hold the same mutable pointer
}
