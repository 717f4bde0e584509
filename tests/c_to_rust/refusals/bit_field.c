struct flags {
    unsigned int ready : 1;
    unsigned int error : 1;
};

int is_ready(struct flags f)
{
    return f.ready;
}
