struct reader {
    const unsigned char *data;
};

void back(struct reader *r)
{
    r->data--;  //~ error[C0423]: a pointer in a struct is moved back, or moved while it can be written through
}
