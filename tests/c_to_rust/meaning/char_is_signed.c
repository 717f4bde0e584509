/* Plain char is signed: it promotes with its sign, in comparisons and in arithmetic. */
int main(void)
{
    char c = (char)200;
    char text[] = "\xff\x01";
    int sum = 0;

    for (int i = 0; text[i]; i++)
        sum += text[i];
    return c < 0 && c == -56 && sum == 0 && (unsigned char)c == 200 && c / 2 == -28 && c >> 1 == -28 ? 0 : 1;
}
