#ifndef _TIME_H
#define _TIME_H

#include <__time.h>
#include <__types.h>

struct tm {
  int tm_sec;
  int tm_min;
  int tm_hour;
  int tm_mday;
  int tm_mon;
  int tm_year;
  int tm_wday;
  int tm_yday;
  int tm_isdst;
  long tm_gmtoff;
  const char *tm_zone;
};

#define CLOCKS_PER_SEC 1000000L
#define CLOCK_REALTIME 0
#define CLOCK_MONOTONIC 1
#define CLOCK_PROCESS_CPUTIME_ID 2

clock_t clock(void);
time_t time(time_t *where);
double difftime(time_t end, time_t start);
time_t mktime(struct tm *calendar);
char *asctime(const struct tm *calendar);
char *ctime(const time_t *when);
struct tm *gmtime(const time_t *when);
struct tm *localtime(const time_t *when);
struct tm *gmtime_r(const time_t *restrict when, struct tm *restrict to);
struct tm *localtime_r(const time_t *restrict when, struct tm *restrict to);
size_t strftime(char *restrict to, size_t size, const char *restrict format, const struct tm *restrict calendar);
int clock_gettime(clockid_t clock, struct timespec *to);
int nanosleep(const struct timespec *request, struct timespec *remaining);

#endif
