"""What the C library functions that we translate do with the memory behind their pointer arguments.

    memcpy(d, s, n)      writes n bytes at argument 0, reads n bytes at argument 1

One table; the Rust that stands for each call is the lowering's matter. A function that is not in the table is refused.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Touch:
    """How one pointer argument is used. `size`: the argument that holds the number of bytes; None when it is found in the data."""

    argument: int
    read: bool = False
    written: bool = False
    size: int | None = None


@dataclass(frozen=True, slots=True)
class LibraryFunction:
    """`touches`: its pointer arguments. `returns_argument`: the result is that argument. `diverges`: it never returns."""

    touches: tuple[Touch, ...] = ()
    returns_argument: int | None = None
    diverges: bool = False


def _copy() -> LibraryFunction:
    return LibraryFunction((Touch(0, written=True, size=2), Touch(1, read=True, size=2)), returns_argument=0)


LIBRARY: dict[str, LibraryFunction] = {
    "memcpy": _copy(),
    "memmove": _copy(),
    "memset": LibraryFunction((Touch(0, written=True, size=2),), returns_argument=0),
    "memcmp": LibraryFunction((Touch(0, read=True, size=2), Touch(1, read=True, size=2))),
    "strlen": LibraryFunction((Touch(0, read=True),)),
    "abort": LibraryFunction(diverges=True),
    "exit": LibraryFunction(diverges=True),
    "__builtin_unreachable": LibraryFunction(diverges=True),
    "abs": LibraryFunction(),
    "labs": LibraryFunction(),
    "llabs": LibraryFunction(),
    "__builtin_bswap16": LibraryFunction(),
    "__builtin_bswap32": LibraryFunction(),
    "__builtin_bswap64": LibraryFunction(),
}
