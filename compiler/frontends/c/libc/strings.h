#ifndef _STRINGS_H
#define _STRINGS_H

#include <__types.h>

int bcmp(const void *a, const void *b, size_t count);
void bcopy(const void *from, void *to, size_t count);
void bzero(void *to, size_t count);
int ffs(int value);
char *index(const char *in, int c);
char *rindex(const char *in, int c);
int strcasecmp(const char *a, const char *b);
int strncasecmp(const char *a, const char *b, size_t count);

#endif
