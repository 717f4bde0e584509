struct __attribute__((packed)) header {  //~ error[C0217]: attribute `packed` is not supported
    unsigned char kind;
    unsigned int length;
};

unsigned int length(struct header *h)
{
    return h->length;
}
