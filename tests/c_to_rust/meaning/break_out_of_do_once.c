/* `do { … break; … } while (0)` is left by its break. */
static int classify(int x)
{
    int kind = 0;

    do {
        if (x < 0)
            break;
        kind = 1;
        if (x > 100)
            break;
        kind = 2;
    } while (0);
    return kind;
}

int main(void)
{
    return classify(-1) == 0 && classify(500) == 1 && classify(5) == 2 ? 0 : 1;
}
