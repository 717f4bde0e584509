/* goto leaves two loops at once, and skips the code after them. */
int main(void)
{
    int found = 0, i, j;

    for (i = 0; i < 5; i++) {
        for (j = 0; j < 5; j++) {
            if (i * j == 6)
                goto done;
        }
    }
    found = -1;
done:
    return found == 0 && i == 2 && j == 3 ? 0 : 1;
}
