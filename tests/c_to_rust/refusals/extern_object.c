extern const int limit;  //~ error[C0215]: `limit` is defined in another file

int below(int x)
{
    return x < limit;
}
