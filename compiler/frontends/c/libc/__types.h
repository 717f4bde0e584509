/* What several standard headers define. */
#ifndef __TYPES_H
#define __TYPES_H

typedef unsigned long size_t;

#define NULL ((void *)0)

#endif
