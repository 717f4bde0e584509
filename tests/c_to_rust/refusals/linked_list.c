struct node {
    int value;
    struct node *next;
};

int sum(struct node *n)
{
    int s = 0;
    while (n) {
        s += n->value;
        n = n->next;  //~ error[C0212]: pointer `n` follows links from object to object
    }
    return s;
}
