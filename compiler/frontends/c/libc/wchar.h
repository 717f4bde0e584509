#ifndef _WCHAR_H
#define _WCHAR_H

#include <stddef.h>

typedef unsigned int wint_t;

#define WEOF 4294967295U

size_t wcslen(const wchar_t *s);
int wcscmp(const wchar_t *a, const wchar_t *b);
int wcsncmp(const wchar_t *a, const wchar_t *b, size_t count);
wchar_t *wcscpy(wchar_t *restrict to, const wchar_t *restrict from);
wchar_t *wcschr(const wchar_t *in, wchar_t c);
wchar_t *wmemcpy(wchar_t *restrict to, const wchar_t *restrict from, size_t count);
wchar_t *wmemset(wchar_t *to, wchar_t c, size_t count);

#endif
