struct view {
    const char *text;
};

static int first(struct view v)
{
    return v.text[0];
}

int f(const char *s)
{
    return first((struct view){s});  //~ error[C0426]: a struct that holds pointers is made in the middle of an expression
}
