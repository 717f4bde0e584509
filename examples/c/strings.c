/*
 * String functions of a freestanding project: the usual ones written by hand, and a few more.
 */
#include <stdbool.h>
#include <stddef.h>

#define MAX_WORD 64

size_t str_length(const char *s)
{
    const char *p = s;

    while (*p)
        p++;
    return (size_t)(p - s);
}

/* Like strcmp. */
int str_compare(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return (unsigned char)*a - (unsigned char)*b;
}

/* Like strncmp, but letters match in either case. */
int str_compare_nocase(const char *a, const char *b, size_t n)
{
    for (; n > 0; n--, a++, b++) {
        unsigned char x = (unsigned char)*a, y = (unsigned char)*b;

        if (x >= 'A' && x <= 'Z')
            x += 'a' - 'A';
        if (y >= 'A' && y <= 'Z')
            y += 'a' - 'A';
        if (x != y)
            return x < y ? -1 : 1;
        if (x == 0)
            break;
    }
    return 0;
}

/* Like strlcpy: copies at most size - 1 characters, returns the length of src. */
size_t str_copy(char *dst, const char *src, size_t size)
{
    size_t i = 0;

    if (size > 0) {
        for (; i < size - 1 && src[i] != '\0'; i++)
            dst[i] = src[i];
        dst[i] = '\0';
    }
    while (src[i] != '\0')
        i++;
    return i;
}

/* Like strcat into a buffer of size bytes; false when it does not fit. */
bool str_append(char *dst, size_t size, const char *src)
{
    size_t at = 0;

    while (at < size && dst[at])
        at++;
    do {
        if (at >= size)
            return false;
        dst[at++] = *src;
    } while (*src++ != '\0');
    return true;
}

/* Offset of the first occurrence of needle, or -1. */
long str_find(const char *haystack, const char *needle)
{
    const char *start;

    if (!*needle)
        return 0;
    for (start = haystack; *start; start++) {
        const char *h = start;
        const char *n = needle;

        while (*h && *n && *h == *n) {
            h++;
            n++;
        }
        if (!*n)
            return start - haystack;
    }
    return -1;
}

/* Reverse in place. */
void str_reverse(char *s)
{
    size_t i = 0, j = str_length(s);

    while (i + 1 < j) {
        char c = s[i];

        s[i++] = s[--j];
        s[j] = c;
    }
}

/* Cut space at both ends, in place. Returns the new length. */
size_t str_trim(char *s)
{
    char *from = s, *to = s;
    char *last = s; /* one past the last character that is not space */

    while (*from == ' ' || *from == '\t')
        from++;
    for (; *from; from++) {
        *to++ = *from;
        if (*from != ' ' && *from != '\t')
            last = to;
    }
    *last = '\0';
    return (size_t)(last - s);
}

/* Count words separated by spaces. */
int str_count_words(const char *s)
{
    int words = 0;
    bool inside = false;

    for (; *s; ++s) {
        if (*s == ' ' || *s == '\n' || *s == '\t') {
            inside = false;
        } else if (!inside) {
            inside = true;
            ++words;
        }
    }
    return words;
}

/* Does text match a pattern of ?, * and plain characters? Backtracks over the last star only. */
bool glob_match(const char *pattern, const char *text)
{
    size_t p = 0, t = 0;
    size_t star = (size_t)-1, mark = 0;

    while (text[t]) {
        if (pattern[p] == '?' || (pattern[p] == text[t] && pattern[p] != '*')) {
            p++;
            t++;
        } else if (pattern[p] == '*') {
            star = p++;
            mark = t;
        } else if (star != (size_t)-1) {
            p = star + 1;
            t = ++mark;
        } else {
            return false;
        }
    }
    while (pattern[p] == '*')
        p++;
    return pattern[p] == '\0';
}

static int min3(int a, int b, int c)
{
    int m = a;

    if (b < m)
        m = b;
    if (c < m)
        m = c;
    return m;
}

/* Edit distance, or -1 when b is longer than MAX_WORD. */
int levenshtein(const char *a, const char *b)
{
    int row[MAX_WORD + 1];
    size_t lb = str_length(b);
    int i;

    if (lb > MAX_WORD)
        return -1;
    for (size_t j = 0; j <= lb; j++)
        row[j] = (int)j;
    for (i = 0; a[i]; i++) {
        int diagonal = row[0];

        row[0] = i + 1;
        for (size_t j = 0; j < lb; j++) {
            int above = row[j + 1];

            row[j + 1] = min3(above + 1, row[j] + 1, diagonal + (a[i] != b[j]));
            diagonal = above;
        }
    }
    return row[lb];
}
