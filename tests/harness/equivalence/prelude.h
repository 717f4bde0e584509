/*
 * The fixed part of a C driver: it makes inputs, runs a function on them, and keeps what a defined run leaves behind.
 *
 *   driver gen SEED WANT TRIES CASES STATS   built with sanitizers: generates inputs, drops those on which C is undefined
 *   driver replay CASES MASK                 built without, and with H_REPLAYS: tells which cases give the same result in that build, too
 *
 * CASES is a sequence of records: function, input length, output length (ABORTED: the function ended the process), input, output.
 * The generated part defines `struct function functions[]`, each with `make` (writes an input) and `call` (reads an input, writes the output).
 */
#define _GNU_SOURCE
#include <assert.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#if defined(__SANITIZE_ADDRESS__)
#define H_SANITIZED 1
#elif defined(__has_feature)
#define H_SANITIZED __has_feature(address_sanitizer)
#else
#define H_SANITIZED 0
#endif

#define H_ABORTED 0xFFFFFFFFu
#define H_BUFFER_MAX (1u << 20)
#define H_POOLS 64
#define H_POOL_SLOTS 16
#define H_POOL_BYTES 8192
#define H_CALL_MICROSECONDS 20000
#define H_MOST_TIMEOUTS 25
#define H_SECONDS_PER_FUNCTION 3.0
#define H_STACK ((size_t)1 << 20)

enum h_end { H_RETURNED, H_UNDEFINED, H_TIMEOUT, H_ENDED };

struct h_bytes { uint8_t *data; size_t len, at; };

struct h_function {
    const char *name;
    void (*make)(struct h_bytes *w);
    void (*call)(struct h_bytes *r, struct h_bytes *w);
};

#ifdef H_REPLAYS
#define H_MAKER(make) NULL
#else
#define H_MAKER(make) make
#endif

extern const struct h_function h_functions[];
extern const unsigned h_function_count;

static sigjmp_buf h_escape;
static volatile sig_atomic_t h_running;

/* --- leaving a call that must not go on ------------------------------------------------------------------------------------- */

static void h_leave(enum h_end why)
{
    if (!h_running)
        _Exit(99);
    h_running = 0;
    siglongjmp(h_escape, why);
}

static void h_on_signal(int number)
{
    h_leave(number == SIGVTALRM ? H_TIMEOUT : number == SIGABRT ? H_ENDED : H_UNDEFINED);
}

static void h_end_process(void) { h_leave(H_ENDED); }
static void h_end_with(int status) { (void)status; h_leave(H_ENDED); }

#if H_SANITIZED
/* The linker puts these in the place of the reports that end the process (option --wrap). */
#define H_REPORT(kind) \
    void __wrap___asan_report_##kind(void *p); \
    void __wrap___asan_report_##kind(void *p) { (void)p; h_leave(H_UNDEFINED); }
H_REPORT(load1) H_REPORT(load2) H_REPORT(load4) H_REPORT(load8) H_REPORT(load16) H_REPORT(load_n)
H_REPORT(store1) H_REPORT(store2) H_REPORT(store4) H_REPORT(store8) H_REPORT(store16) H_REPORT(store_n)
/* Copies of whole structs are calls, too. */
int __asan_region_is_poisoned(void *p, size_t n);
#define H_COPY(name, source, byte) \
    void *__real_##name(void *d, source, size_t n); \
    void *__wrap_##name(void *d, source, size_t n); \
    void *__wrap_##name(void *d, source, size_t n) \
    { \
        if (n > 0 && (__asan_region_is_poisoned(d, n) || (!(byte) && __asan_region_is_poisoned((void *)(uintptr_t)s, n)))) \
            h_leave(H_UNDEFINED); \
        return __real_##name(d, s, n); \
    }
#if defined(__clang__)
H_COPY(__asan_memcpy, const void *s, 0) H_COPY(__asan_memmove, const void *s, 0) H_COPY(__asan_memset, int s, 1)
#else
H_COPY(memcpy, const void *s, 0) H_COPY(memmove, const void *s, 0) H_COPY(memset, int s, 1)
#endif
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0:handle_segv=0:handle_sigill=0:handle_abort=0:handle_sigfpe=0:handle_sigbus=0:"
           "allocator_may_return_null=1:quarantine_size_mb=4:malloc_context_size=0:use_sigaltstack=0";
}
#endif

/* --- the C library, in code that the sanitizers see ------------------------------------------------------------------------- */

/*
 * A pointer that has left its array is undefined even if no byte is moved. The compiler knows some sizes, when it optimizes; then such
 * calls are told from others (a size of 0 may be the end of an array, which is allowed: such a case is dropped for nothing).
 */
static void h_check_room(size_t n, size_t room)
{
    if (room != (size_t)-1 && (n > room || room == 0))
        h_leave(H_UNDEFINED);
}

#define H_ROOM(p) __builtin_dynamic_object_size(p, 1)

static void *h_memmove(void *d, const void *s, size_t n)
{
    uint8_t *to = d;
    const uint8_t *from = s;

    if ((uintptr_t)to <= (uintptr_t)from)
        for (size_t i = 0; i < n; i++)
            to[i] = from[i];
    else
        while (n-- > 0)
            to[n] = from[n];
    return d;
}

static void *h_memcpy(void *d, const void *s, size_t n)
{
    uintptr_t a = (uintptr_t)d, b = (uintptr_t)s;

    if (n > 0 && a != b && (a < b ? b - a : a - b) < n)
        h_leave(H_UNDEFINED);
    return h_memmove(d, s, n);
}

static void *h_memset(void *d, int c, size_t n)
{
    uint8_t *p = d;

    for (size_t i = 0; i < n; i++)
        p[i] = (uint8_t)c;
    return d;
}

static int h_sign(int x) { return (x > 0) - (x < 0); }

static int h_memcmp(const void *x, const void *y, size_t n)
{
    const uint8_t *a = x, *b = y;
    int found = 0;

    for (size_t i = 0; i < n; i++)
        if (found == 0 && a[i] != b[i])
            found = h_sign(a[i] - b[i]);
    return found;
}

static size_t h_strlen(const char *s)
{
    size_t n = 0;

    while (s[n])
        n++;
    return n;
}

/* What is passed for a string is one, even if the answer is known after its first character: C asks for that. */
static const char *h_string(const char *s)
{
    (void)h_strlen(s);
    return s;
}

static void h_string_within(const char *s, size_t n)
{
    while (n > 0 && *s) {
        s++;
        n--;
    }
}

static int h_strncmp(const char *a, const char *b, size_t n)
{
    h_string_within(a, n);
    h_string_within(b, n);
    for (; n > 0; n--, a++, b++)
        if (*a != *b || *a == 0)
            return h_sign((unsigned char)*a - (unsigned char)*b);
    return 0;
}

static int h_strcmp(const char *a, const char *b) { return h_strncmp(h_string(a), h_string(b), (size_t)-1); }

static char *h_strcpy(char *d, const char *s) { return h_memcpy(d, s, h_strlen(s) + 1); }

static char *h_strcat(char *d, const char *s)
{
    h_strcpy(d + h_strlen(d), s);
    return d;
}

static char *h_strncpy(char *d, const char *s, size_t n)
{
    size_t i = 0;

    for (; i < n && s[i]; i++)
        d[i] = s[i];
    for (; i < n; i++)
        d[i] = 0;
    return d;
}

static char *h_strchr(const char *s, int c)
{
    h_string(s);
    for (; *s != (char)c; s++)
        if (*s == 0)
            return NULL;
    return (char *)s;
}

static void *h_memchr(const void *s, int c, size_t n)
{
    const uint8_t *p = s;

    for (size_t i = 0; i < n; i++)
        if (p[i] == (uint8_t)c)
            return (void *)(p + i);
    return NULL;
}

/* Nothing is printed: but what would be is looked at, as printf would. */
static void h_look(const char *format, va_list args)
{
    for (const char *p = h_string(format); *p; p++) {
        size_t precision = (size_t)-1;
        int longs = 0;

        if (*p != '%' || *++p == '%')
            continue;
        for (; *p && strchr("-+ #0123456789.*hlzjt", *p); p++) {
            if (*p == '.')
                precision = p[1] == '*' ? (size_t)-2 : (size_t)atoi(p + 1);
            if (*p == '*') {
                int given = va_arg(args, int);
                precision = precision == (size_t)-2 ? (given < 0 ? (size_t)-1 : (size_t)given) : precision;
            }
            longs += *p == 'l' || *p == 'z' || *p == 'j' || *p == 't';
        }
        if (*p == 's')
            h_string_within(va_arg(args, const char *), precision);
        else if (strchr("fFeEgGaA", *p))
            (void)va_arg(args, double);
        else if (*p == 'p' || longs)
            (void)va_arg(args, long);
        else if (strchr("diouxXc", *p))
            (void)va_arg(args, int);
        else
            h_leave(H_UNDEFINED);
    }
}

static int h_vsnprintf(char *to, size_t size, const char *format, va_list args)
{
    char text[4096];
    va_list again;
    int n;

    va_copy(again, args);
    h_look(format, again);
    va_end(again);
    n = vsnprintf(text, sizeof text, format, args);
    if (n < 0 || n >= (int)sizeof text)
        h_leave(H_UNDEFINED); /* not worth it */
    for (int i = 0; size > 0 && i <= n; i++)
        if ((size_t)i + 1 >= size || i == n) {
            to[i] = 0;
            break;
        } else {
            to[i] = text[i];
        }
    return n;
}

static int h_snprintf(char *to, size_t size, const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = h_vsnprintf(to, size, format, args);
    va_end(args);
    return n;
}

static int h_sprintf(char *to, const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = h_vsnprintf(to, (size_t)-1, format, args);
    va_end(args);
    return n;
}

static int h_fprintf(FILE *file, const char *format, ...)
{
    va_list args;
    int n;

    (void)file;
    va_start(args, format);
    n = h_vsnprintf(NULL, 0, format, args);
    va_end(args);
    return n;
}

/* What the driver itself copies is in order. */
#if H_SANITIZED && !defined(__clang__)
#define h_copy __real_memcpy
#else
#define h_copy memcpy
#endif

/* --- bytes in and out ------------------------------------------------------------------------------------------------------- */

static void h_put(struct h_bytes *w, const void *from, size_t n)
{
    if (w->len + n > H_BUFFER_MAX)
        h_leave(H_UNDEFINED); /* an input too large to be worth it */
    h_copy(w->data + w->len, from, n);
    w->len += n;
}

static void h_get(struct h_bytes *r, void *to, size_t n)
{
    if (r->at + n > r->len)
        _Exit(98);
    h_copy(to, r->data + r->at, n);
    r->at += n;
}

#define H_GET(place) h_get(r, &(place), sizeof(place))
#define H_PUT(place) h_put(w, &(place), sizeof(place))

/* Any NaN is as good as any other. */
static void h_put_double(struct h_bytes *w, double x)
{
    if (isnan(x))
        x = NAN;
    if (isnan(x) && signbit(x))
        x = -x;
    H_PUT(x);
}

static void h_put_float(struct h_bytes *w, float x)
{
    if (isnan(x))
        x = NAN;
    if (isnan(x) && signbit(x))
        x = -x;
    H_PUT(x);
}

/* --- memory of a call: freed after it, however it ends ------------------------------------------------------------------------ */

static void *h_blocks[64];
static unsigned h_block_count;

#if H_SANITIZED
void __asan_poison_memory_region(const volatile void *p, size_t n);
void __asan_unpoison_memory_region(const volatile void *p, size_t n);
#define H_GUARD(p, n) __asan_poison_memory_region(p, n)
#define H_UNGUARD(p, n) __asan_unpoison_memory_region(p, n)
#else
#define H_GUARD(p, n) (void)0
#define H_UNGUARD(p, n) (void)0
#endif

/* What lies before and after an object, far enough for wild indices. */
#define H_MARGIN ((size_t)1 << 15)

static size_t h_block_sizes[64];

static void *h_alloc(size_t count, size_t size)
{
    size_t bytes = count * size;
    char *p = malloc(bytes + 2 * H_MARGIN);

    if (p == NULL || h_block_count == 64)
        _Exit(97);
    h_block_sizes[h_block_count] = bytes + 2 * H_MARGIN;
    h_blocks[h_block_count++] = p;
    H_GUARD(p, H_MARGIN);
    H_GUARD(p + H_MARGIN + bytes, H_MARGIN);
    return p + H_MARGIN;
}

static void h_free_all(void)
{
    while (h_block_count > 0) {
        h_block_count--;
        H_UNGUARD(h_blocks[h_block_count], h_block_sizes[h_block_count]);
        free(h_blocks[h_block_count]);
    }
}

/* --- making inputs ---------------------------------------------------------------------------------------------------------- */

static uint64_t h_state;

static uint64_t h_random(void)
{
    uint64_t z = (h_state += 0x9e3779b97f4a7c15u);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static uint64_t h_below(uint64_t n) { return h_random() % n; }
static bool h_chance(unsigned percent) { return h_below(100) < percent; }

/* The length that buffers and length-like numbers of this input gather around, the style of its content, the letters of its text. */
static uint64_t h_length;
static unsigned h_style;
static const char *h_letters;
static uint64_t h_results[8];
static unsigned h_result_count;

enum { H_ZEROS, H_ONES, H_RANDOM, H_SMALL, H_TINY, H_TEXT, H_STYLES };

static void h_new_profile(void)
{
    static const uint16_t lengths[] = { 0,  0,  1,  1,  2,  3,  4,  5,  6,  7,  8,  8,  9,  10,  12,  15,  16,  16,  16,  17,  20,  24, 25,
                                        31, 32, 32, 33, 40, 48, 55, 56, 63, 64, 64, 65, 100, 127, 128, 129, 130, 192, 200, 255, 256, 257, 300 };
    static const char *const letters[] = { "ab", "ab*?", "abc ", "0123456789", "0123456789abcdefABCDEF", " \t+-0123456789.",
                                           "{}[]\",:\\ tn0123", "AZaz09+/=", "a,\"b\n;", "%+41aF ", "\x01 AZaz~\x7f\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80" };

    h_length = h_chance(30) ? h_below(24) : lengths[h_below(sizeof lengths / sizeof *lengths)];
    h_style = (unsigned)h_below(H_STYLES);
    h_letters = letters[h_below(sizeof letters / sizeof *letters)];
}

static uint64_t h_root(uint64_t n)
{
    uint64_t r = 0;

    while ((r + 1) * (r + 1) <= n)
        r++;
    return r;
}

/* A number as programs pass them: a length, an index, a small value, an edge of its type, anything. */
static unsigned __int128 h_number(unsigned bytes)
{
    unsigned bits = 8 * bytes;
    uint64_t any = h_random();

    switch (h_below(bytes == 1 ? 12 : 20)) {
    case 0: return 0;
    case 1: return h_below(4);
    case 2: case 3: return h_below(17);
    case 4: return (unsigned __int128)1 << h_below(bits);
    case 5: return ((unsigned __int128)1 << h_below(bits)) - 1;
    case 6: return -(unsigned __int128)h_below(3);                                      /* -2, -1, 0 */
    case 7: return ((unsigned __int128)1 << (bits - 1)) - 1 + h_below(3);               /* around the signed limits */
    case 8: case 9: case 10: return (unsigned __int128)any << 64 | h_random();
    case 11: return h_result_count ? h_results[h_below(h_result_count)] : any;
    case 12: return h_length > 0 ? h_below(h_length) : 0;
    case 13: return h_root(h_length);
    case 14: return h_length / (2 + h_below(7));
    case 15: return h_length + 1 - h_below(3);
    default: return h_length;
    }
}

static unsigned __int128 h_content(unsigned bytes)
{
    switch (h_style) {
    case H_ZEROS: return 0;
    case H_ONES: return ~(unsigned __int128)0;
    case H_SMALL: return bytes > 1 && h_chance(30) ? h_number(bytes) : h_below(16);
    case H_TINY: return h_below(3);
    case H_TEXT: return (unsigned __int128)(bytes == 1 ? (uint8_t)h_letters[h_below(h_strlen(h_letters))] : h_below(1000) - 500);
    default: return h_chance(25) ? h_number(bytes) : (unsigned __int128)h_random() << 64 | h_random();
    }
}

static void h_make_int(struct h_bytes *w, unsigned bytes, bool content)
{
    unsigned __int128 v = content ? h_content(bytes) : h_number(bytes);

    h_put(w, &v, bytes);
}

/*
 * A size_t. One that is larger than any object makes pointers that are undefined without being followed, and no sanitizer tells;
 * so there are none.
 */
static void h_make_size(struct h_bytes *w, bool content)
{
    uint64_t v = (uint64_t)h_number(8);

    if (content && h_style != H_RANDOM)
        v = (uint64_t)h_content(8);
    if (v > H_BUFFER_MAX)
        v = h_chance(50) ? v % H_BUFFER_MAX : h_length;
    H_PUT(v);
}

/* Brings the number just made between two bounds. */
static void h_confine(struct h_bytes *w, unsigned bytes, __int128 lowest, __int128 highest)
{
    uint8_t *at = w->data + w->len - bytes;
    unsigned __int128 raw = 0, span = (unsigned __int128)(highest - lowest) + 1;
    __int128 value;

    memcpy(&raw, at, bytes);
    value = (__int128)raw;
    if (lowest < 0 && bytes < 16 && raw >> (8 * bytes - 1))
        value -= (__int128)1 << (8 * bytes);
    if (value >= lowest && value <= highest)
        return;
    value = lowest + (__int128)(span ? raw % span : raw);
    memcpy(at, &value, bytes);
}

static void h_make_bool(struct h_bytes *w, bool content)
{
    uint8_t v = content && h_style == H_ZEROS ? 0 : (uint8_t)h_below(2);

    H_PUT(v);
}

static double h_real(void)
{
    static const double odd[] = { 0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 1e-300, 1e300, 4.9e-324, INFINITY, -INFINITY, NAN, 16777217.0, 0.1 };

    switch (h_below(6)) {
    case 0: return odd[h_below(sizeof odd / sizeof *odd)];
    case 1: return (double)h_below(8);
    case 2: return (double)h_below(2001) - 1000.0;
    default: return (double)(int64_t)h_random() / 9223372036854775808.0;
    }
}

static void h_make_double(struct h_bytes *w, bool content)
{
    h_put_double(w, content && h_style == H_ZEROS ? 0.0 : h_real());
}

static void h_make_float(struct h_bytes *w, bool content)
{
    h_put_float(w, content && h_style == H_ZEROS ? 0.0f : (float)h_real());
}

static uint32_t h_count(void)
{
    switch (h_below(12)) {
    case 0: return (uint32_t)h_length + 1;
    case 1: return h_length ? (uint32_t)h_length - 1 : 0;
    case 2: return (uint32_t)h_length * 2;
    case 3: return (uint32_t)h_length * 2 + 16;
    case 4: return (uint32_t)h_below(300);
    default: return (uint32_t)h_length;
    }
}

/* Bytes that C may take for a string end in NUL, most of the time. */
static void h_terminate(struct h_bytes *w, size_t start)
{
    size_t n = w->len - start;

    if (n > 0 && h_chance(h_style == H_TEXT ? 90 : 50))
        w->data[h_chance(80) ? w->len - 1 : start + h_below(n)] = 0;
}

/* --- objects seen before: what one call left behind is the best input for another --------------------------------------------- */

static struct { uint8_t *data[H_POOL_SLOTS]; size_t len[H_POOL_SLOTS]; unsigned count, next; } h_pools[H_POOLS];

static void h_remember(unsigned pool, const uint8_t *data, size_t len)
{
    unsigned slot = h_pools[pool].next++ % H_POOL_SLOTS;

    if (len > H_POOL_BYTES)
        return;
    if (h_pools[pool].data[slot] == NULL)
        h_pools[pool].data[slot] = malloc(H_POOL_BYTES);
    memcpy(h_pools[pool].data[slot], data, len);
    h_pools[pool].len[slot] = len;
    if (h_pools[pool].count < H_POOL_SLOTS)
        h_pools[pool].count++;
}

/* Writes an object of the pool, if chance will have it. */
static bool h_recall(struct h_bytes *w, unsigned pool, unsigned percent)
{
    unsigned slot;

    if (h_pools[pool].count == 0 || !h_chance(percent))
        return false;
    slot = (unsigned)h_below(h_pools[pool].count);
    if (h_pools[pool].data[slot] == NULL)
        return false;
    h_put(w, h_pools[pool].data[slot], h_pools[pool].len[slot]);
    return true;
}

static void h_remember_result(uint64_t v)
{
    if (v > 4096)
        return;
    h_results[h_random() % 8] = v;
    h_result_count = 8;
}

/* --- running ---------------------------------------------------------------------------------------------------------------- */

static bool h_generating;

static void h_limit(long microseconds)
{
    struct itimerval t = { { 0, 0 }, { 0, microseconds } };

    setitimer(ITIMER_VIRTUAL, &t, NULL);
}

static enum h_end h_run(const struct h_function *f, struct h_bytes *in, struct h_bytes *out)
{
    enum h_end end = sigsetjmp(h_escape, 1);

    if (end == H_RETURNED) {
        in->at = 0;
        out->len = 0;
        h_running = 1;
        h_limit(H_CALL_MICROSECONDS);
        f->call(in, out);
        h_running = 0;
    }
    h_limit(0);
    h_free_all();
    return end;
}

static bool h_make(const struct h_function *f, struct h_bytes *in)
{
    if (sigsetjmp(h_escape, 1) != 0)
        return false;
    h_running = 1;
    in->len = 0;
    h_new_profile();
    f->make(in);
    h_running = 0;
    return true;
}

static void h_write_case(FILE *cases, uint32_t f, const struct h_bytes *in, const struct h_bytes *out, enum h_end end)
{
    uint32_t head[3] = { f, (uint32_t)in->len, end == H_ENDED ? H_ABORTED : (uint32_t)out->len };

    fwrite(head, sizeof head, 1, cases);
    fwrite(in->data, 1, in->len, cases);
    if (end != H_ENDED)
        fwrite(out->data, 1, out->len, cases);
}

struct h_tally { unsigned tries, judged, undefined, timeouts; clock_t spent; bool full; };

static void h_one_case(uint32_t f, struct h_tally *t, struct h_bytes *in, struct h_bytes *out, FILE *cases)
{
    clock_t before = clock();
    enum h_end end;

    t->tries++;
    if (h_make(&h_functions[f], in)) {
        end = h_run(&h_functions[f], in, out);
        t->judged += end == H_RETURNED || end == H_ENDED;
        t->undefined += end == H_UNDEFINED;
        t->timeouts += end == H_TIMEOUT;
        if (end == H_RETURNED || end == H_ENDED)
            h_write_case(cases, f, in, out, end);
    }
    t->spent += clock() - before;
}

static int h_generate(char **argv, struct h_bytes *in, struct h_bytes *out)
{
    unsigned want = (unsigned)atoi(argv[3]), tries = (unsigned)atoi(argv[4]), open = h_function_count;
    struct h_tally *tallies = calloc(h_function_count + 1, sizeof *tallies);
    FILE *cases = fopen(argv[5], "wb"), *stats = fopen(argv[6], "w");

    h_generating = true;
    h_state = strtoull(argv[2], NULL, 10);
    while (open > 0) {
        open = 0;
        for (uint32_t f = 0; f < h_function_count; f++) {
            struct h_tally *t = &tallies[f];

            if (t->judged >= want || t->tries >= tries || t->timeouts >= H_MOST_TIMEOUTS ||
                t->spent > H_SECONDS_PER_FUNCTION * CLOCKS_PER_SEC)
                continue;
            h_one_case(f, t, in, out, cases);
            open++;
        }
    }
    for (uint32_t f = 0; f < h_function_count; f++)
        fprintf(stats, "%s %u %u %u %u\n", h_functions[f].name, tallies[f].tries, tallies[f].judged, tallies[f].undefined,
                tallies[f].timeouts);
    return fclose(cases) | fclose(stats);
}

static int h_replay(char **argv, struct h_bytes *in, struct h_bytes *out)
{
    FILE *cases = fopen(argv[2], "rb"), *mask = fopen(argv[3], "wb");
    uint8_t *expected = malloc(H_BUFFER_MAX);
    uint32_t head[3];

    while (fread(head, sizeof head, 1, cases) == 1) {
        bool ends = head[2] == H_ABORTED;
        enum h_end end;

        in->len = fread(in->data, 1, head[1], cases);
        if (!ends && fread(expected, 1, head[2], cases) != head[2])
            return 1;
        end = h_run(&h_functions[head[0]], in, out);
        fputc(ends ? end == H_ENDED : end == H_RETURNED && out->len == head[2] && memcmp(out->data, expected, head[2]) == 0, mask);
    }
    return fclose(cases) | fclose(mask);
}

static void h_catch_signals(void)
{
    static const int caught[] = { SIGILL, SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGVTALRM, SIGTRAP };
    stack_t alternative = { .ss_sp = malloc(1 << 16), .ss_size = 1 << 16 };
    struct sigaction action = { .sa_handler = h_on_signal, .sa_flags = SA_ONSTACK };

    sigaltstack(&alternative, NULL);
    for (size_t i = 0; i < sizeof caught / sizeof *caught; i++)
        sigaction(caught[i], &action, NULL);
}

static void h_timer_signal(int how)
{
    sigset_t timer;

    sigemptyset(&timer);
    sigaddset(&timer, SIGVTALRM);
    pthread_sigmask(how, &timer, NULL);
}

static void *h_work(void *given)
{
    struct h_bytes in = { malloc(H_BUFFER_MAX), 0, 0 }, out = { malloc(H_BUFFER_MAX), 0, 0 };
    char **argv = given;
    bool failed;

    h_timer_signal(SIG_UNBLOCK);
    h_catch_signals();
#ifdef H_REPLAYS
    failed = h_replay(argv, &in, &out);
#else
    failed = h_generate(argv, &in, &out);
#endif
    return failed ? argv : NULL;
}

/*
 * In a thread of its own. Where a signal leaves a call, the sanitizer asks for the bounds of the stack; those of the first thread stand in
 * a file of /proc, which takes longer than the call, and to clean a stack takes as long as it is large.
 */
static int h_main(int argc, char **argv)
{
    pthread_attr_t attributes;
    pthread_t worker;
    void *failed;

    (void)argc;
    if (freopen("/dev/null", "w", stdout) == NULL || freopen("/dev/null", "r", stdin) == NULL)
        return 1;
    h_timer_signal(SIG_BLOCK);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, H_STACK);
    if (pthread_create(&worker, &attributes, h_work, argv) != 0 || pthread_join(worker, &failed) != 0)
        return 1;
    return failed != NULL;
}

/* --- what the program under test gets to see ---------------------------------------------------------------------------------- */

#undef assert
#define assert(condition) ((condition) ? (void)0 : h_end_process())
#define abort h_end_process
#define exit h_end_with
#define main h_program_main
#define memcpy(d, s, n) (h_check_room(n, H_ROOM(d)), h_check_room(n, H_ROOM(s)), h_memcpy(d, s, n))
#define memmove(d, s, n) (h_check_room(n, H_ROOM(d)), h_check_room(n, H_ROOM(s)), h_memmove(d, s, n))
#define memset(d, c, n) (h_check_room(n, H_ROOM(d)), h_memset(d, c, n))
#define memcmp(a, b, n) (h_check_room(n, H_ROOM(a)), h_check_room(n, H_ROOM(b)), h_memcmp(a, b, n))
#define memchr h_memchr
#define strlen h_strlen
#define strcmp h_strcmp
#define strncmp h_strncmp
#define strcpy h_strcpy
#define strncpy h_strncpy
#define strcat h_strcat
#define strchr h_strchr
#define strrchr(s, c) strrchr(h_string(s), c)
#define strstr(a, b) strstr(h_string(a), h_string(b))
#define strspn(a, b) strspn(h_string(a), h_string(b))
#define strcspn(a, b) strcspn(h_string(a), h_string(b))
#define strpbrk(a, b) strpbrk(h_string(a), h_string(b))
#define strtol(s, end, base) strtol(h_string(s), end, base)
#define strtoul(s, end, base) strtoul(h_string(s), end, base)
#define strtoll(s, end, base) strtoll(h_string(s), end, base)
#define strtoull(s, end, base) strtoull(h_string(s), end, base)
#define strtod(s, end) strtod(h_string(s), end)
#define atoi(s) atoi(h_string(s))
#define atol(s) atol(h_string(s))
#define atoll(s) atoll(h_string(s))
#define atof(s) atof(h_string(s))
#define puts(s) ((void)h_string(s), 1)
#define fputs(s, file) ((void)h_string(s), (void)(file), 1)
#define printf(...) h_fprintf(NULL, __VA_ARGS__)
#define fprintf h_fprintf
#define sprintf h_sprintf
#define snprintf h_snprintf
