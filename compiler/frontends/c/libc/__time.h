/* What <time.h> and <sys/types.h> both define. */
#ifndef __TIME_H
#define __TIME_H

typedef long time_t;
typedef long clock_t;
typedef int clockid_t;

struct timespec {
  time_t tv_sec;
  long tv_nsec;
};

#endif
