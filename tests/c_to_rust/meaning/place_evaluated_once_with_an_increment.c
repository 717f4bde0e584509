/* `a[i++] op= e` increments once. */
int main(void)
{
    unsigned int a[4] = {1, 2, 3, 4};
    int i = 0;

    a[i++] += 10;
    a[i++] -= 3;
    a[++i] ^= 1;
    return i == 3 && a[0] == 11 && a[1] == 4294967295u && a[2] == 3 && a[3] == 5 ? 0 : 1;
}
