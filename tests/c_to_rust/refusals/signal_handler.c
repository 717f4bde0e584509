#include <signal.h>

int f(int number)
{
    return raise(number);  //~ error[C0505]: `raise` handles signals, and std has no counterpart
}
