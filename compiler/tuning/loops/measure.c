/* Times the functions of a shared object, each on the same arrays, in an order of its own for every process.

   measure LIBRARY MODE SEED NANOSECONDS REFERENCE FUNCTIONS KIND BYTES...

   MODE time: for every function, in a shuffled order, twice: one call to warm up, then bursts of calls for NANOSECONDS; prints the least
   nanoseconds of thread CPU time a call, and how slow the machine was at that moment.  MODE once: calls every function once (under
   callgrind).  MODE check: a checksum of all arrays after one call on fresh data.  FUNCTIONS is the functions' numbers, 0,3,4 for v0, v3 and v4;
   KIND is f, d or i; BYTES has one size an array.

   Thread CPU time leaves out what the thread waits while others run; the least of many short bursts leaves out what their traces in the
   caches cost. What it does not leave out is that a processor of a shared host runs at two thirds of its speed while another guest uses
   its other half (hyperthread): for seconds at a time. So a loop of known work is timed before and after every burst; a burst during which
   it is slow does not count, as long as there are others, and the thread moves on to another processor. REFERENCE is the loop's best time
   in nanoseconds, as printed on the first line of an earlier run, or 0. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

enum { MOST_ARRAYS = 8, MOST_FUNCTIONS = 4096, BURST = 200000, ROUNDS = 2, PATIENCE = 6, HUGE_PAGE = 2 << 20 };
static const double QUIET = 1.28;
typedef void (*function)(void *, void *, void *, void *, void *, void *, void *, void *);

static void *arrays[MOST_ARRAYS];
static size_t bytes[MOST_ARRAYS];
static int array_count;
static char kind;

static uint64_t state;
static uint32_t draw(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33);
}

static double now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * 1e9 + t.tv_nsec;
}

/* Small whole numbers: sums and products of few of them are exact in every order. */
static void fill(uint64_t seed)
{
    state = seed;
    for (int a = 0; a < array_count; a++) {
        size_t n = bytes[a] / (kind == 'd' ? 8 : 4);
        for (size_t i = 0; i < n; i++) {
            int value = (int)(draw() % 5) - 2;
            if (kind == 'd') ((double *)arrays[a])[i] = value;
            else if (kind == 'f') ((float *)arrays[a])[i] = (float)value;
            else ((int32_t *)arrays[a])[i] = value;
        }
    }
}

static double checksum(void)
{
    double sum = 0;
    for (int a = 0; a < array_count; a++) {
        size_t n = bytes[a] / (kind == 'd' ? 8 : 4);
        for (size_t i = 0; i < n; i++) {
            double value = kind == 'd' ? ((double *)arrays[a])[i] : kind == 'f' ? ((float *)arrays[a])[i] : ((int32_t *)arrays[a])[i];
            sum += value * (double)(i % 127 + 1);
        }
    }
    return sum;
}

static void call(function f)
{
    f(arrays[0], arrays[1], arrays[2], arrays[3], arrays[4], arrays[5], arrays[6], arrays[7]);
}

static double burst(function f, long calls)
{
    double start = now(CLOCK_THREAD_CPUTIME_ID);
    for (long i = 0; i < calls; i++) call(f);
    return (now(CLOCK_THREAD_CPUTIME_ID) - start) / (double)calls;
}

/* The processors that the process may use; the thread is always bound to one of them. */
static cpu_set_t allowed;
static int used;

static void stay_on(int processor)
{
    cpu_set_t here;
    CPU_ZERO(&here);
    CPU_SET(processor, &here);
    sched_setaffinity(0, sizeof here, &here);
    used = processor;
}

static void move_on(void)
{
    int next = used;
    do next = (next + 1) % CPU_SETSIZE;
    while (!CPU_ISSET(next, &allowed));
    stay_on(next);
}

/* Nanoseconds of eight independent chains of additions, which keep the whole processor busy; the wall clock, as preemption is slow too. */
static double reference;
static double pace(void)
{
    uint64_t a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7, h = 8;
    double start = now(CLOCK_MONOTONIC);
    for (int i = 0; i < 20000; i++) {
        a += i; b += i; c += i; d += i; e += i; f += i; g += i; h += i;
        __asm__ volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e), "+r"(f), "+r"(g), "+r"(h));
    }
    double spent = now(CLOCK_MONOTONIC) - start;
    if (!reference || spent < reference) reference = spent;
    return spent;
}

struct timing { double nanoseconds, slowness; };

static struct timing better(struct timing a, struct timing b)
{
    int quiet_a = a.slowness < QUIET, quiet_b = b.slowness < QUIET;
    if (quiet_a != quiet_b) return quiet_a ? a : b;
    return a.nanoseconds <= b.nanoseconds ? a : b;
}

static struct timing least(function f, double budget)
{
    call(f);
    double once = burst(f, 1);
    long calls = once < BURST ? (long)(BURST / (once + 1)) + 1 : 1;
    struct timing best = {1e30, 1e30};
    double start = now(CLOCK_THREAD_CPUTIME_ID), quiet = 0;
    int slow = 0;
    do {
        double before = pace(), each = burst(f, calls), after = pace(), slowness = (before > after ? before : after) / reference;
        best = better(best, (struct timing){each, slowness});
        if (slowness < QUIET) quiet += each * (double)calls;
        else if (++slow % 4 == 0) move_on(), call(f);
    } while (quiet < budget && now(CLOCK_THREAD_CPUTIME_ID) - start < PATIENCE * budget);
    return best;
}

int main(int count, char **words)
{
    if (count < 9 || count - 8 > MOST_ARRAYS) return 2;
    void *library = dlopen(words[1], RTLD_NOW);
    if (!library) return 3;
    const char *mode = words[2];
    uint64_t seed = strtoull(words[3], 0, 10);
    double budget = atof(words[4]);
    reference = atof(words[5]);
    int functions = 0;
    kind = words[7][0];
    array_count = count - 8;
    sched_getaffinity(0, sizeof allowed, &allowed);
    stay_on(sched_getcpu());
    for (int a = 0; a < array_count; a++) {
        bytes[a] = strtoull(words[8 + a], 0, 10);
        arrays[a] = aligned_alloc(HUGE_PAGE, (bytes[a] + HUGE_PAGE) / HUGE_PAGE * HUGE_PAGE);
        madvise(arrays[a], (bytes[a] + HUGE_PAGE) / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE);
    }
    static function v[MOST_FUNCTIONS];
    static int order[MOST_FUNCTIONS];
    static struct timing best[MOST_FUNCTIONS];
    for (char *number = strtok(words[6], ","); number && functions < MOST_FUNCTIONS; number = strtok(0, ",")) {
        char name[32];
        snprintf(name, sizeof name, "v%.20s", number);
        v[functions] = (function)dlsym(library, name);
        if (!v[functions]) return 4;
        order[functions] = functions;
        functions++;
    }
    fill(1);
    if (!strcmp(mode, "once")) {
        for (int i = 0; i < functions; i++) call(v[i]);
        return 0;
    }
    if (!strcmp(mode, "check")) {
        for (int i = 0; i < functions; i++) {
            fill(1);
            call(v[i]);
            printf("%.17g\n", checksum());
        }
        return 0;
    }
    for (int i = 0; i < 50; i++) pace();
    for (int round = 0; round < ROUNDS; round++) {
        state = seed + (uint64_t)round;
        for (int i = functions - 1; i > 0; i--) {
            int j = (int)(draw() % (uint32_t)(i + 1)), t = order[i];
            order[i] = order[j];
            order[j] = t;
        }
        for (int i = 0; i < functions; i++) {
            struct timing each = least(v[order[i]], budget);
            best[order[i]] = round ? better(best[order[i]], each) : each;
        }
    }
    printf("%.17g\n", reference);
    for (int i = 0; i < functions; i++) printf("%.17g %.4f\n", best[i].nanoseconds, best[i].slowness);
    return 0;
}
