/* `continue` in a loop that is no counted range must still run the step. */
int main(void)
{
    int steps = 0, sum = 0;

    for (int i = 0; i < 20; i += steps++) {
        if (i % 2 == 0)
            continue;
        sum += i;
        if (sum > 15)
            i++;
    }
    return steps == 7 && sum == 19 ? 0 : steps * 10 + sum;
}
