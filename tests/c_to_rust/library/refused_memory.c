#include <stdbool.h>
#include <string.h>

struct pair {
    char tag;
    int value;
};

void a(int *p, size_t n) { memset(p, 0, n); }                    //~ error[C0428]: a whole number of elements
void b(int *p) { memset(p, 0, 6); }                              //~ error[C0428]: a whole number of elements
void c(double *p) { memset(p, 1, sizeof *p); }                   //~ error[C0403]: `memset` of elements wider than a byte
int d(struct pair *p, struct pair *q) { return memcmp(p, q, sizeof *p); }  //~ error[C0403]: not bytes
int e(int *p, int *q) { return memcmp(p, q, 8); }                //~ error[C0403]: not bytes
void f(struct pair *p, char *q) { memcpy(q, p, sizeof *p); }     //~ error[C0403]: between memory of different types
void g(bool *p, const unsigned char *q) { memcpy(p, q, 4); }     //~ error[C0403]: between memory of different types
void h(char *p) { memcpy(p, 0, 4); }                             //~ error[C0409]: NULL is passed to `memcpy`
