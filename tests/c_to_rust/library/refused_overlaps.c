#include <stdio.h>
#include <string.h>

struct pair {
    char a[8];
    char b[8];
};

void join(char *s) { strcpy(s, s + 4); }             //~ error[C0405]: the strings of `strcpy` lie in one array
void twice(char *s) { sprintf(s, "%s!", s + 1); }    //~ error[C0405]: the strings of `sprintf` lie in one array
void fields(struct pair *p) { strcpy(p->a, p->b); }
void rows(int m[3][4], int i, int j, int n) {
    if (n > 0) {
        memcpy(m[i], m[j], (size_t)n * sizeof(int)); //~ error[C0405]: may overlap
    }
}
