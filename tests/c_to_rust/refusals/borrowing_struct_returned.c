struct view {
    const char *text;
    int length;
};

struct view whole(const char *text, int length)  //~ error[C0422]: `whole` returns a struct that holds pointers
{
    struct view v = {text, length};
    return v;
}
