#include <assert.h>
#include <stdio.h>

static int next(int state) {
    assert(state >= 0 && "a state");
    switch (state) {
    case 0:
        return 1;
    case 1:
        return 0;
    default:
        assert(!"an unknown state");
    }
    return -1;
}

int main(void) {
    char name[] = "name";
    assert(name);
    if (next(0) == 0) {
        assert(0);
    }
    printf("%s %d\n", name, next(1));
    return 0;
}
