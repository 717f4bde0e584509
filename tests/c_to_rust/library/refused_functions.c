#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int f(void) { return rand(); }                                    //~ error[C0502]: `rand` gives numbers that only this C library gives
long g(void) { return (long)clock(); }                            //~ error[C0502]: `clock` asks for the time
void h(void) { free(0); }                                         //~ error[C0410]: `free` allocates or frees memory
int i(char *s) { return sscanf(s, "x"); }                          //~ error[C0502]: `sscanf` takes a variable argument list
int j(const char *s) { return (int)strtol(s, 0, 10); }            //~ error[C0502]: `strtol` parses a number
int k(void) { return printf("x"); }                               //~ error[C0502]: the result of `printf` is used
int l(void) { return system("ls"); }                              //~ error[C0502]: `system` asks the operating system
