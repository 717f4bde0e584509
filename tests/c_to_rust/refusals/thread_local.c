_Thread_local int depth;  //~ error[C0214]: `_Thread_local` is not supported

int enter(void)
{
    return ++depth;
}
