static int table[4] = {1, 2, 3, 4};
static int *current = table;

int f(void)
{
    return *current;  //~ error[C0419]: global `current` is a pointer
}
