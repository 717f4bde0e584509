#include <stdio.h>
#include <stdlib.h>

static int sum(const char *a, const char *b) {
    return atoi(a) + atoi(b);
}

int main(void) {
    printf("%d %d %d\n", sum("12", " -7x"), sum("+3", ""), atoi("2147483648") < 0);
    printf("%ld %lld\n", atol("\t\v99999999999"), atoll("99999999999999999999"));
    return abs(sum("1", "-4")) + (int)labs(-2L);
}
