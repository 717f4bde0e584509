int kept(int value)
{
    int *place = &value;
    int **cleared = &place;  //~ error[C0416]: the address of pointer `place` is taken
    *cleared = (void *)0;
    return value;
}
