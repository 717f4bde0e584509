/* Sections fall into the next one, from any entry, the default in the middle. */
static int score(int kind)
{
    int s = 0;

    switch (kind) {
    case 3:
        s += 100;
        /* fall through */
    default:
        s += 10;
        /* fall through */
    case 1:
        s += 1;
        break;
    case 0:
        s = -1;
    }
    return s;
}

int main(void)
{
    return score(3) == 111 && score(7) == 11 && score(1) == 1 && score(0) == -1 ? 0 : 1;
}
