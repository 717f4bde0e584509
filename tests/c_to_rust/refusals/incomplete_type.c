struct secret;

int size(struct secret *s)
{
    return sizeof(*s);  //~ error[C0221]: `struct secret` is not defined here
}
