"""Library functions that are known and not translated: why, and what to do instead.

refusal_of("malloc").code      Code.HEAP_ALLOCATION
"""

from __future__ import annotations

from dataclasses import dataclass

from compiler.codes import Code


@dataclass(frozen=True, slots=True)
class Unmapped:
    """Why a function is refused."""

    code: Code
    reason: str
    help: str


def _table() -> dict[str, Unmapped]:
    found: dict[str, Unmapped] = {}
    for names, code, reason, help in _GROUPS:
        found.update(dict.fromkeys(names.split(), Unmapped(code, reason, help)))
    return found


_PLAIN = Code.UNMAPPED_FUNCTION
_GROUPS = (
    (
        "malloc calloc realloc free aligned_alloc alloca __builtin_alloca strdup strndup reallocarray posix_memalign",
        Code.HEAP_ALLOCATION,
        "allocates or frees memory, which needs an owner (`Box`, `Vec`: rung 5), and owners are not built yet",
        "use an array of a fixed size, or let the caller pass the memory",
    ),
    (
        "setjmp longjmp _setjmp sigsetjmp siglongjmp",
        Code.NON_LOCAL_JUMP,
        "jumps out of functions",
        "return a status, and test it at every call",
    ),
    (
        "signal raise sigaction kill sigprocmask",
        Code.SIGNAL,
        "handles signals, and std has no counterpart",
        "leave signals to the caller",
    ),
    (
        "pthread_create pthread_join pthread_mutex_lock pthread_mutex_unlock thrd_create thrd_join mtx_lock mtx_unlock",
        Code.THREAD,
        "uses threads",
        "translate the sequential part alone",
    ),
    (
        """fopen freopen fdopen tmpfile fclose fread ungetc fscanf scanf gets getline fseek ftell rewind fgetpos
        fsetpos feof ferror clearerr setvbuf setbuf fileno remove rename perror read write open close lseek unlink""",
        Code.FILE_STREAM,
        "reads or writes files, or takes its input apart",
        "pass the data in an array, and read or write it in Rust",
    ),
    (
        "vprintf vfprintf vsprintf vsnprintf sscanf vsscanf",
        _PLAIN,
        "takes a variable argument list or takes a string apart",
        "format or parse each value on its own",
    ),
    (
        "rand srand rand_r random srandom drand48 lrand48",
        _PLAIN,
        "gives numbers that only this C library gives",
        "write a generator of your own: a few lines of xorshift",
    ),
    (
        "time clock gettimeofday clock_gettime localtime gmtime gmtime_r localtime_r mktime strftime asctime ctime difftime nanosleep sleep usleep",
        _PLAIN,
        "asks for the time",
        "let the caller pass the time",
    ),
    (
        "getenv setenv system atexit popen pclose getopt getpid isatty access fork execv waitpid",
        _PLAIN,
        "asks the operating system",
        "let the caller pass what it gives",
    ),
    ("_exit _Exit quick_exit", _PLAIN, "ends the program without writing out what was printed", "call `exit`"),
    (
        "index rindex stpcpy memccpy strchrnul memrchr memmem strcasestr",
        _PLAIN,
        "returns a pointer into its argument",
        "search in a loop that counts",
    ),
    (
        "strtok strtok_r strsep",
        _PLAIN,
        "keeps a pointer into its argument between calls",
        "find the ends of each word in a loop that counts",
    ),
    (
        "strtol strtoul strtoll strtoull strtod strtof atof",
        _PLAIN,
        "parses a number in ways that std has no counterpart for",
        "parse the digits in a loop, or use `atoi`",
    ),
    ("strerror strcoll strxfrm setlocale localeconv", _PLAIN, "depends on the locale", "use strings of your own"),
    (
        "qsort bsearch",
        Code.FUNCTION_POINTER,
        "takes a function's address",
        "write the loop, for instance an insertion sort",
    ),
    ("div ldiv lldiv imaxdiv", _PLAIN, "returns two numbers at once", "use `/` and `%`"),
    (
        "frexp frexpf modf modff remquo remquof ldexp ldexpf scalbn scalbnf scalbln logb ilogb nextafter remainder fdim fdimf",
        _PLAIN,
        "has no counterpart in std",
        "compute it from the bits of the number",
    ),
    (
        "cbrt cbrtf asinh acosh atanh asinhf acoshf atanhf tgamma lgamma erf erfc tgammaf lgammaf erff erfcf exp10 pow10",
        _PLAIN,
        "is computed by Rust in another way, and may differ in the last bit",
        "write the function out",
    ),
)

UNMAPPED = _table()
