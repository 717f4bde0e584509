#ifndef __WCHAR_H
#define __WCHAR_H

typedef int wchar_t;

#endif
