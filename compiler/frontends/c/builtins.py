"""Declarations of what a C compiler knows without a header.

    x = __builtin_bswap32(y);    ->   the unit begins with `unsigned int __builtin_bswap32(unsigned int x);`
    __builtin_memcpy(a, b, 4);   ->   the call is `memcpy(a, b, 4)`, declared as in our string.h
    abort();  (no header)        ->   declared likewise; gcc does the same

Only what a unit uses is declared, in front of it, in a file called `<builtin>`. A builtin that is
missing here stays undeclared, and the type checker refuses it by name.
"""

from collections.abc import Iterable, Iterator

from compiler.frontends.c.preprocess_scan import Lexeme, LexemeKind, scan_line

BUILTIN_FILE = "<builtin>"
ASSERT_CALL = "__c2rs_assert"
"""What `assert(e)` of our assert.h becomes: `__c2rs_assert(e)`; its operand may be of any scalar type."""
ASM_CALL = "__c2rs_asm"
"""What an asm statement becomes: `__c2rs_asm()`, so that only the function that holds it is refused."""


def _bit_builtins() -> Iterator[str]:
    for suffix, kind in (("", "int"), ("l", "long"), ("ll", "long long")):
        for name in ("clz", "ctz", "popcount", "parity"):
            yield f"int __builtin_{name}{suffix}(unsigned {kind} x);"
        for name in ("ffs", "clrsb"):
            yield f"int __builtin_{name}{suffix}({kind} x);"


_BUILTINS = f"""
typedef struct __va_list {{ unsigned long reserved[3]; }} __builtin_va_list;
typedef __int128 __int128_t;
typedef unsigned __int128 __uint128_t;
void {ASSERT_CALL}(int condition);
void {ASM_CALL}(void);
unsigned short __builtin_bswap16(unsigned short x);
unsigned int __builtin_bswap32(unsigned int x);
unsigned long __builtin_bswap64(unsigned long x);
_Noreturn void __builtin_unreachable(void);
_Noreturn void __builtin_trap(void);
void *__builtin_alloca(unsigned long size);
double __builtin_huge_val(void);
float __builtin_huge_valf(void);
double __builtin_inf(void);
float __builtin_inff(void);
double __builtin_nan(const char *tag);
float __builtin_nanf(const char *tag);
int __builtin_isnan(double x);
int __builtin_isinf(double x);
int __builtin_isfinite(double x);
int __builtin_isnormal(double x);
int __builtin_signbit(double x);
"""

_LIBRARY = """
_Noreturn void abort(void);
_Noreturn void exit(int status);
_Noreturn void _exit(int status);
_Noreturn void _Exit(int status);
void *malloc(unsigned long size);
void *calloc(unsigned long count, unsigned long size);
void *realloc(void *block, unsigned long size);
void free(void *block);
void *alloca(unsigned long size);
int abs(int value);
long labs(long value);
long long llabs(long long value);
void *memcpy(void *restrict to, const void *restrict from, unsigned long count);
void *memmove(void *to, const void *from, unsigned long count);
void *memset(void *to, int byte, unsigned long count);
int memcmp(const void *a, const void *b, unsigned long count);
void *memchr(const void *in, int byte, unsigned long count);
int bcmp(const void *a, const void *b, unsigned long count);
void bzero(void *to, unsigned long count);
unsigned long strlen(const char *s);
char *strcpy(char *restrict to, const char *restrict from);
char *stpcpy(char *restrict to, const char *restrict from);
char *strncpy(char *restrict to, const char *restrict from, unsigned long count);
char *strcat(char *restrict to, const char *restrict from);
char *strncat(char *restrict to, const char *restrict from, unsigned long count);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, unsigned long count);
char *strchr(const char *in, int c);
char *strrchr(const char *in, int c);
unsigned long strspn(const char *s, const char *accept);
unsigned long strcspn(const char *s, const char *reject);
char *strpbrk(const char *s, const char *accept);
char *strstr(const char *in, const char *what);
char *strdup(const char *s);
int printf(const char *restrict format, ...);
int sprintf(char *restrict to, const char *restrict format, ...);
int snprintf(char *restrict to, unsigned long size, const char *restrict format, ...);
int puts(const char *s);
int putchar(int c);
int isalnum(int c);
int isalpha(int c);
int isdigit(int c);
int islower(int c);
int isprint(int c);
int isspace(int c);
int isupper(int c);
int isxdigit(int c);
int tolower(int c);
int toupper(int c);
int ffs(int value);
double fabs(double x);
float fabsf(float x);
double sqrt(double x);
float sqrtf(float x);
double floor(double x);
double ceil(double x);
double pow(double x, double y);
double exp(double x);
double log(double x);
double sin(double x);
double cos(double x);
double copysign(double x, double sign);
float copysignf(float x, float sign);
"""


def _declarations(lines: Iterable[str]) -> dict[str, str]:
    """Each declaration by the name that it declares."""
    found: dict[str, str] = {}
    for line in lines:
        names = line.replace("*", " ").partition("(")[0].removesuffix(";").split()
        if names:
            found[names[-1]] = line
    return found


_TYPEDEFS = {line.removesuffix(";").split()[-1]: line for line in _BUILTINS.split("\n") if line.startswith("typedef")}
BUILTINS = _TYPEDEFS | _declarations(
    [line for line in _BUILTINS.split("\n") if not line.startswith("typedef")] + list(_bit_builtins())
)
LIBRARY = _declarations(_LIBRARY.split("\n"))


def prelude(tokens: list[Lexeme]) -> list[Lexeme]:
    """Declarations of the builtins, and of the library functions called but nowhere declared."""
    wanted: dict[str, str] = {}
    at_file_scope: set[str] = set()
    depth = 0
    for token in tokens:
        text = token.text
        if text in BUILTINS:
            wanted[text] = BUILTINS[text]
        elif token.kind is not LexemeKind.NAME:
            depth += (text == "{") - (text == "}")
        elif text in LIBRARY:
            if depth == 0:
                at_file_scope.add(text)
            wanted[text] = LIBRARY[text]
    lines = [line for name, line in wanted.items() if name not in at_file_scope]
    return [token for number, line in enumerate(lines, 1) for token in scan_line(line, BUILTIN_FILE, number)]
