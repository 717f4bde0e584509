#ifndef _SETJMP_H
#define _SETJMP_H

typedef long jmp_buf[25];
typedef long sigjmp_buf[25];

int setjmp(jmp_buf state);
int sigsetjmp(sigjmp_buf state, int mask);
_Noreturn void longjmp(jmp_buf state, int value);
_Noreturn void siglongjmp(sigjmp_buf state, int value);

#endif
