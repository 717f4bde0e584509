#include <openssl/sha.h>  //~ error[C0120]: header `openssl/sha.h` not found

int f(void)
{
    return 0;
}
