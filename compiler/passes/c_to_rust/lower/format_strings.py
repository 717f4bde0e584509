"""printf's format strings, taken apart.

parse(b"%-5d of %s\\n")     [Conversion("d", flags="-", width=5), b" of ", Conversion("s"), b"\\n"]

Knows nothing of Rust. Refuses (FormatError, in words for the user) what C leaves undefined and positional arguments.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum, auto


class Star(Enum):
    """A width or precision that an argument gives."""

    STAR = auto()


Extent = int | Star | None


class FormatError(Exception):
    """What is wrong with a format string."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """`%[flags][width][.precision][length]kind`."""

    kind: str
    flags: str = ""
    width: Extent = None
    precision: Extent = None
    length: str = ""

    @property
    def left(self) -> bool:
        """Filled up on the right."""
        return "-" in self.flags

    @property
    def zeros(self) -> bool:
        """Filled up with zeros."""
        integer = self.kind in "diuxXo" and self.precision is not None
        return "0" in self.flags and not self.left and not integer

    def plain(self, **changes: Extent) -> Conversion:
        """With other extents."""
        return replace(self, **changes)

    def __str__(self) -> str:
        return f"%{self.length}{self.kind}"


_CONVERSION = re.compile(
    rb"%(?P<flags>[-+ #0']*)(?P<width>\*|\d+)?(?P<precision>\.(?:\*|\d*))?(?P<length>hh|h|ll|l|q|j|z|t|L)?(?P<kind>.)",
    re.S,
)

_LENGTHS = {
    **dict.fromkeys("diuxXo", ("", "hh", "h", "l", "ll", "j", "z", "t")),
    **dict.fromkeys("feEgG", ("", "l")),
    **dict.fromkeys("cs", ("",)),
}


def parse(text: bytes) -> list[bytes | Conversion]:
    """Text and conversions in turn; `%%` is text."""
    found: list[bytes | Conversion] = []
    at = 0
    for each in _CONVERSION.finditer(text):
        _add(found, _checked(text[at : each.start()]))
        _add(found, b"%" if each[0] == b"%%" else _conversion(each))
        at = each.end()
    _add(found, _checked(text[at:]))
    return found


def _add(found: list[bytes | Conversion], part: bytes | Conversion) -> None:
    """Text next to text is one text."""
    last = found[-1] if found else None
    if isinstance(part, bytes) and isinstance(last, bytes):
        found[-1] = last + part
    elif part != b"":
        found.append(part)


def _checked(text: bytes) -> bytes:
    if b"%" in text:
        raise FormatError("the format ends within a conversion")
    return text


def _conversion(found: re.Match[bytes]) -> Conversion:
    words = {name: (value or b"").decode("latin-1") for name, value in found.groupdict().items()}
    kind, length, precision = words["kind"], words["length"].replace("q", "ll"), words["precision"]
    if kind not in _LENGTHS or length not in _LENGTHS[kind]:
        raise FormatError(f"the conversion `{_shown(found[0])}` is not supported")
    if any(flag in words["flags"] for flag in " #'"):
        raise FormatError(f"the flags of `{_shown(found[0])}` are not supported")
    return Conversion(
        kind, words["flags"], _extent(words["width"]), _extent(precision[1:] or "0") if precision else None, length
    )


def _extent(text: str) -> Extent:
    return Star.STAR if text == "*" else int(text) if text else None


def _shown(text: bytes) -> str:
    """A part of a format, for a message of one line."""
    return text.decode("latin-1").encode("unicode_escape").decode("ascii")
