union word {  //~ error[C0201]: `union word` is not supported
    unsigned int whole;
    unsigned char bytes[4];
};

unsigned char low(unsigned int x)
{
    union word w;
    w.whole = x;
    return w.bytes[0];
}
