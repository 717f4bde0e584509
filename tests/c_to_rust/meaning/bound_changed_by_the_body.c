/* A bound that the body changes is asked again before each turn. */
int main(void)
{
    int n = 10, turns = 0;

    for (int i = 0; i < n; i++) {
        turns++;
        if (i % 3 == 0)
            n--;
    }
    return turns == 7 && n == 7 ? 0 : turns;
}
