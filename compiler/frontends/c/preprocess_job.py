"""One file and the options it is preprocessed with, ready for either preprocessor.

    PreprocessOptions(include_dirs=("inc",), defines=("N=4",))   what the user asked for
    PreprocessJob(…)                                             plus the text, our headers, our macros

The predefined macros say "LP64, little-endian, Linux, no particular processor and no particular
compiler". So `#ifdef __SSE2__`, `#ifdef __x86_64__` and `#ifdef __GNUC__` choose the portable branch
wherever the source offers one, while byte order, type sizes and `__int128` are announced.
"""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from compiler.codes import Code
from compiler.diagnostics import Diagnostic, Span

LIBC_DIRECTORY = Path(__file__).with_name("libc")


class Standard(Enum):
    """What `--std` accepts. The value is what cc is given and `__STDC_VERSION__`."""

    C89 = ("c89", "")
    C90 = ("c90", "")
    C99 = ("c99", "199901L")
    C11 = ("c11", "201112L")
    C17 = ("c17", "201710L")
    C18 = ("c18", "201710L")
    GNU89 = ("gnu89", "")
    GNU90 = ("gnu90", "")
    GNU99 = ("gnu99", "199901L")
    GNU11 = ("gnu11", "201112L")
    GNU17 = ("gnu17", "201710L")
    GNU18 = ("gnu18", "201710L")

    def __init__(self, flag: str, version: str) -> None:
        self.flag = flag
        self.version = version

    @property
    def is_gnu(self) -> bool:
        return self.flag.startswith("gnu")

    @staticmethod
    def named(flag: str) -> "Standard | None":
        return next((each for each in Standard if each.flag == flag), None)


@dataclass(frozen=True, slots=True)
class PreprocessOptions:
    """What a C programmer says with -I, -D, -U, -include, --std and --system-headers."""

    include_dirs: tuple[str, ...] = ()
    defines: tuple[str, ...] = ()
    undefines: tuple[str, ...] = ()
    force_includes: tuple[str, ...] = ()
    standard: Standard = Standard.GNU17
    system_headers: bool = False


@dataclass(frozen=True, slots=True)
class PreprocessJob:
    """A file to preprocess. `path` is None for text that stands in no file."""

    name: str
    path: str | None
    text: str
    options: PreprocessOptions

    @property
    def include_dirs(self) -> tuple[str, ...]:
        """Where headers are searched: the user's folders, then ours."""
        if self.options.system_headers:
            return self.options.include_dirs
        return (*self.options.include_dirs, str(LIBC_DIRECTORY))


def missing_header(header: str, span: Span | None, *, system_headers: bool) -> Diagnostic:
    """The finding that `header` is neither among the user's files nor among ours."""
    message = f"header `{header}` not found"
    if system_headers:
        return Diagnostic(Code.MISSING_HEADER, message, span, help="give its folder with -I")
    advice = "give its folder with -I, or use --system-headers to search this machine's own headers"
    return Diagnostic(Code.MISSING_HEADER, message, span, help=advice)


def is_ours(file: str) -> bool:
    """Does the file name a header that we ship?"""
    return file.startswith(_LIBC_PREFIX)


_LIBC_PREFIX = str(LIBC_DIRECTORY)

_SIZES = {"SHORT": 2, "INT": 4, "LONG": 8, "LONG_LONG": 8, "POINTER": 8, "SIZE_T": 8, "INT128": 16}
_REALS = {"FLOAT": 4, "DOUBLE": 8, "LONG_DOUBLE": 16, "WCHAR_T": 4, "WINT_T": 4, "PTRDIFF_T": 8}
_TYPES = {
    "INT8": "signed char",
    "INT16": "short int",
    "INT32": "int",
    "INT64": "long int",
    "UINT8": "unsigned char",
    "UINT16": "short unsigned int",
    "UINT32": "unsigned int",
    "UINT64": "long unsigned int",
    "SIZE": "long unsigned int",
    "PTRDIFF": "long int",
    "INTPTR": "long int",
    "UINTPTR": "long unsigned int",
    "INTMAX": "long int",
    "UINTMAX": "long unsigned int",
    "WCHAR": "int",
    "WINT": "unsigned int",
}
_LIMITS = {
    "SCHAR": "0x7f",
    "SHRT": "0x7fff",
    "INT": "0x7fffffff",
    "LONG": "0x7fffffffffffffffL",
    "LONG_LONG": "0x7fffffffffffffffLL",
    "SIZE": "0xffffffffffffffffUL",
    "PTRDIFF": "0x7fffffffffffffffL",
    "INTMAX": "0x7fffffffffffffffL",
    "UINTMAX": "0xffffffffffffffffUL",
    "WCHAR": "0x7fffffff",
}

_FEATURES = ("attribute", "builtin", "feature", "extension", "c_attribute", "cpp_attribute", "declspec_attribute")
"""What compilers are asked for before an extension is used; ours has none, whichever cc preprocesses."""

PREDEFINED: tuple[tuple[str, str], ...] = (
    ("__linux__", "1"),
    ("__linux", "1"),
    ("__unix__", "1"),
    ("__unix", "1"),
    ("__LP64__", "1"),
    ("_LP64", "1"),
    ("__CHAR_BIT__", "8"),
    ("__ORDER_LITTLE_ENDIAN__", "1234"),
    ("__ORDER_BIG_ENDIAN__", "4321"),
    ("__ORDER_PDP_ENDIAN__", "3412"),
    ("__BYTE_ORDER__", "__ORDER_LITTLE_ENDIAN__"),
    ("__FLOAT_WORD_ORDER__", "__ORDER_LITTLE_ENDIAN__"),
    *((f"__has_{what}(x)", "0") for what in _FEATURES),
    *((f"__SIZEOF_{name}__", str(size)) for name, size in (_SIZES | _REALS).items()),
    *((f"__{name}_TYPE__", spelled) for name, spelled in _TYPES.items()),
    *((f"__{name}_MAX__", value) for name, value in _LIMITS.items()),
)
"""What is defined before the first line, unless `--system-headers` lets the machine's cc decide."""

FIXED_DATE = (("__DATE__", '"Jan  1 1970"'), ("__TIME__", '"00:00:00"'))
"""The same output every day."""

PREDEFINED_NAMES = frozenset(name for name, _ in PREDEFINED) | {"__STDC__", "__STDC_HOSTED__", "__STDC_VERSION__"}

SYSTEM_UNDEFINED = ("__SSE__", "__SSE2__", "__MMX__", "__SSE_MATH__", "__SSE2_MATH__", "__ARM_NEON")
"""What the machine's cc predefines and we take back under `--system-headers`: no vector code."""
