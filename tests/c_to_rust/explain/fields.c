// args: --explain -o /dev/null
#include <stddef.h>

struct view {
    const char *at;
    size_t n;
};

int first(const struct view *v) {
    return v->n > 0 ? v->at[0] : -1;
}
