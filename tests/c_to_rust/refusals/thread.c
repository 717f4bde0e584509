int pthread_join(unsigned long thread, int *status);

int f(unsigned long thread, int *status)
{
    return pthread_join(thread, status);  //~ error[C0506]: `pthread_join` uses threads
}
