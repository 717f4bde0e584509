/* A case that sets none leaves the variable empty: of `&[]` alone, rustc would make an array of no elements. */
int initial(int kind)
{
    const char *name;

    switch (kind) {
    case 1:
        name = "int";
        break;
    case 2:
        name = "char";
        break;
    }
    return name[0];
}
