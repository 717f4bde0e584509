/* `continue` in a do loop goes to the condition, not to the top. */
int main(void)
{
    int n = 5, odd = 0;

    do {
        if (n % 2 == 0)
            continue;
        odd += n;
    } while (--n > 0);
    return odd == 9 && n == 0 ? 0 : 1;
}
