#ifndef _STDDEF_H
#define _STDDEF_H

#include <__types.h>

typedef long ptrdiff_t;
#include <__wchar.h>
typedef struct {
  long long __widest_integer;
  long double __widest_float;
} max_align_t;

#define offsetof(type, member) __builtin_offsetof(type, member)

#endif
