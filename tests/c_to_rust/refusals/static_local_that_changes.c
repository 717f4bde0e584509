int next(void)
{
    static int counter = 0;
    counter++;  //~ error[C0213]: global `next_counter` is written
    return counter;
}
