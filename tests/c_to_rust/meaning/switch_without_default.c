/* A switch without default does nothing for other values. */
static int digit(int c)
{
    int d = -1;

    switch (c) {
    case '0':
        d = 0;
        break;
    case '1':
        d = 1;
        break;
    }
    return d;
}

int main(void)
{
    return digit('0') == 0 && digit('1') == 1 && digit('x') == -1 ? 0 : 1;
}
