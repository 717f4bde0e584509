struct wide {
    unsigned long long value : 40;  //~ error[C0202]: a bit-field of 40 bits: compilers disagree about its type
};

int f(struct wide *w)
{
    return w->value != 0;
}
