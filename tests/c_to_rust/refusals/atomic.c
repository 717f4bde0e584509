int next(_Atomic int *counter)  //~ error[C0206]: atomic types are not supported
{
    return ++*counter;
}
