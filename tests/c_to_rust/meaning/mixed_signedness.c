/* Comparisons convert to the common type first: -1 is a large unsigned number, but a small long. */
int main(void)
{
    int minus = -1;
    unsigned int one = 1;
    long wide = -1;
    unsigned char byte = 200;
    signed char small = -56;

    if (minus < (int)one && !(minus < one) && wide < one && byte != small && byte > small)
        return 0;
    return 1;
}
