#include <stdio.h>

void a(const char *format) { printf(format, 1); }  //~ error[C0503]: the format of this call is not a string literal
void b(int n) { printf("%ld\n", n); }              //~ error[C0503]: `%ld` is given a value of type `int`
void c(float x) { printf("%u\n", x); }             //~ error[C0503]: `%u` is given a value of type `double`
void d(double x) { printf("%d\n", x); }            //~ error[C0503]: `%d` is given a value of type `double`
void e(int n) { printf("%f\n", n); }               //~ error[C0503]: `%f` is given a value of type `int`
void f(int n) { printf("%d %d\n", n); }            //~ error[C0503]: `%d` has no argument
void g(char *s) { printf("%p\n", s); }             //~ error[C0503]: conversion `%p` is not supported
void h(int n) { printf("%s\n", n); }               //~ error[C0503]: `%s` is given a value of type `int`
void i(int n) { printf("%#x\n", n); }              //~ error[C0503]: the flags of `%#x` are not supported
void j(int n) { printf("%*d\n", n, n); }           //~ error[C0503]: the width or precision in `*` may be negative
void k(int n) { printf("%.3d\n", n); }             //~ error[C0503]: a precision of an integer that may be negative
void l(void) { printf("100%\n"); }                 //~ error[C0503]: the conversion `%\n` is not supported
void m(double x) { printf("%E\n", x); }            //~ error[C0503]: `%E` is not supported
void n(int n) { printf("%2$d\n", n, n); }          //~ error[C0503]: conversion `%2$` is not supported
void o(int *n) { printf("abc%n\n", n); }           //~ error[C0503]: conversion `%n` is not supported
void p(void) { printf("abc%"); }                   //~ error[C0503]: the format ends within a conversion
