"""What the C library functions that we translate do with the memory behind their pointer arguments.

    memcpy(d, s, n)      writes n bytes at argument 0, reads n bytes at argument 1

One table; the Rust that stands for each call is the lowering's matter. A function that is not in the table is refused. A program that
defines such a function itself calls its own: ask `Program.library`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation, SSAValue

from compiler.dialects import minic
from compiler.dialects.minic_types import PtrType


@dataclass(frozen=True, slots=True)
class Touch:
    """How one pointer argument is used. `size`: the argument that holds the number of bytes (with `at_most`, a bound on it); None when it
    is found in the data."""

    argument: int
    read: bool = False
    written: bool = False
    size: int | None = None
    at_most: bool = False


@dataclass(frozen=True, slots=True)
class LibraryFunction:
    """`touches`: its pointer arguments. `strings_from`: from this argument on, every pointer is a string that is read.
    `returns_argument`: the result is that argument. `result`: bounds of the number it returns. `diverges`: it never returns."""

    touches: tuple[Touch, ...] = ()
    strings_from: int | None = None
    returns_argument: int | None = None
    result: tuple[int, int] | None = None
    diverges: bool = False

    def touched(self, arguments: Sequence[SSAValue]) -> Iterator[Touch]:
        """The pointer arguments of one call."""
        yield from self.touches
        if self.strings_from is not None:
            for index, argument in enumerate(arguments):
                if index >= self.strings_from and isinstance(argument.type, PtrType):
                    yield Touch(index, read=True)


def _reads(*arguments: int, size: int | None = None, result: tuple[int, int] | None = None) -> LibraryFunction:
    return LibraryFunction(tuple(Touch(each, read=True, size=size) for each in arguments), result=result)


def _copies(*, size: int | None) -> LibraryFunction:
    return LibraryFunction((Touch(0, written=True, size=size), Touch(1, read=True, size=size)), returns_argument=0)


_LENGTH = (0, (1 << 63) - 1)
_ORDER = (-1, 1)
_PRINTED = (0, (1 << 31) - 1)

_PLAIN = LibraryFunction()
_LEAVES = LibraryFunction(diverges=True)

_MEMORY: dict[str, LibraryFunction] = {
    "memcpy": _copies(size=2),
    "memmove": _copies(size=2),
    "bcopy": LibraryFunction((Touch(1, written=True, size=2), Touch(0, read=True, size=2))),
    "memset": LibraryFunction((Touch(0, written=True, size=2),), returns_argument=0),
    "bzero": LibraryFunction((Touch(0, written=True, size=1),)),
    "memcmp": _reads(0, 1, size=2, result=_ORDER),
    "bcmp": _reads(0, 1, size=2, result=_ORDER),
}

_APPENDS = LibraryFunction((Touch(0, read=True, written=True), Touch(1, read=True)), returns_argument=0)

_STRINGS: dict[str, LibraryFunction] = {
    **dict.fromkeys(("strlen", "strnlen"), _reads(0, result=_LENGTH)),
    **dict.fromkeys(("atoi", "atol", "atoll"), _reads(0)),
    **dict.fromkeys(("strcmp", "strncmp", "strcasecmp", "strncasecmp"), _reads(0, 1, result=_ORDER)),
    **dict.fromkeys(("strspn", "strcspn"), _reads(0, 1, result=_LENGTH)),
    **dict.fromkeys(("strchr", "strrchr"), _reads(0)),
    **dict.fromkeys(("strstr", "strpbrk"), _reads(0, 1)),
    "memchr": LibraryFunction((Touch(0, read=True, size=2, at_most=True),)),
    "strcpy": _copies(size=None),
    "strncpy": LibraryFunction((Touch(0, written=True, size=2), Touch(1, read=True)), returns_argument=0),
    "strcat": _APPENDS,
    "strncat": _APPENDS,
}

_STDIO: dict[str, LibraryFunction] = {
    "printf": LibraryFunction(strings_from=1),
    "fprintf": LibraryFunction(strings_from=2),
    "sprintf": LibraryFunction((Touch(0, written=True),), strings_from=2, result=_PRINTED),
    "snprintf": LibraryFunction((Touch(0, written=True, size=1, at_most=True),), strings_from=3, result=_PRINTED),
    "puts": _reads(0),
    "fputs": _reads(0),
    "fwrite": _reads(0),
    **dict.fromkeys(("getchar", "getc", "fgetc"), LibraryFunction(result=(-1, 255))),
    "fgets": LibraryFunction((Touch(0, written=True, size=1, at_most=True),)),
    **dict.fromkeys(("putchar", "putc", "fputc", "fflush"), _PLAIN),
}

_LEAVING = ("abort", "exit", "__builtin_unreachable", "__builtin_trap")

_CTYPE = """isalnum isalpha isascii isblank iscntrl isdigit isgraph islower isprint ispunct isspace isupper isxdigit""".split()

_BITS = [
    *(
        f"__builtin_{name}{suffix}"
        for name in ("clz", "ctz", "popcount", "parity", "ffs", "clrsb")
        for suffix in ("", "l", "ll")
    ),
    *("ffs", "ffsl", "ffsll"),
]
_SWAPS = [f"__builtin_bswap{width}" for width in (16, 32, 64)]

_INTEGERS = ("abs", "labs", "llabs")

_FLOATS = """acos asin atan atan2 ceil copysign cos cosh exp exp2 expm1 fabs floor fma fmax fmin fmod hypot log log10 log1p log2
lrint lround nearbyint pow rint round sin sinh sqrt tan tanh trunc nan""".split()

_FLOAT_BUILTINS = """huge_val huge_valf inf inff nan nanf isnan isinf isfinite isnormal signbit""".split()

LIBRARY: dict[str, LibraryFunction] = {
    **_MEMORY,
    **_STRINGS,
    **_STDIO,
    **dict.fromkeys(_LEAVING, _LEAVES),
    **dict.fromkeys(_CTYPE, LibraryFunction(result=(0, 1))),
    **dict.fromkeys(("toascii", "toupper", "tolower"), LibraryFunction(result=(-128, 255))),
    **dict.fromkeys(_BITS, LibraryFunction(result=(0, 64))),
    **dict.fromkeys((*_SWAPS, *_INTEGERS), _PLAIN),
    **dict.fromkeys(
        (*_FLOATS, *(f"{name}f" for name in _FLOATS), *(f"__builtin_{name}" for name in _FLOAT_BUILTINS)), _PLAIN
    ),
}

STREAMS = frozenset(("stdin", "stdout", "stderr"))
"""The objects of type `FILE *` that stdio.h declares: known by name, so that none of them needs a definition."""


def library_function(call: minic.CallOp | minic.CallStmtOp) -> LibraryFunction | None:
    """The library function that a call means; None for a function that the module defines."""
    entry = LIBRARY.get(call.callee.data)
    return None if entry is None or _is_defined(call) else entry


def _is_defined(call: minic.CallOp | minic.CallStmtOp) -> bool:
    at: Operation | None = call
    while at is not None and not isinstance(at, ModuleOp):
        at = at.parent_op()
    items = at.body.block.ops if at is not None else ()
    return any(
        isinstance(item, minic.FuncOp) and item.sym_name == call.callee and bool(item.body.blocks) for item in items
    )


def selection(pointer: SSAValue) -> minic.SelectOp | None:
    """The `?:` that a pointer is."""
    op = pointer.owner
    while isinstance(op, minic.CastOp):
        op = op.operand.owner
    return op if isinstance(op, minic.SelectOp) else None


def choices(pointer: SSAValue) -> Iterator[SSAValue]:
    """The pointers that `c ? p : q` chooses from; any other pointer is its own only choice."""
    op = selection(pointer)
    if op is None:
        yield pointer
        return
    for region in (op.if_true, op.if_false):
        end = region.block.last_op
        assert isinstance(end, minic.YieldOp)
        yield from choices(end.value)
