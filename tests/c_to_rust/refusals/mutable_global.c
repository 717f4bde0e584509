int counter;

int next(void)
{
    counter = counter + 1;  //~ error[C0213]: global `counter` is written
    return counter;
}
