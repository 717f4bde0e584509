struct outer {
    int kind;
    struct {  //~ error[C0239]: an anonymous struct inside a struct is not supported
        int x;
    };
};

int f(struct outer *o)
{
    return o->x;
}
