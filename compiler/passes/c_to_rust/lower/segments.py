"""What a call of the printf family prints: text with values in it, and bytes.

    Formatted(["x = ", Shown(…, width=5), "\\n"])        template: "x = {:5}\\n" and the values

Values are made when their turn comes (`Build`), because the ops of one tree stand together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from xdsl.ir import SSAValue

from compiler.passes.c_to_rust.lower.format_strings import Conversion

Build = Callable[[], SSAValue]
Field = int | Build | None
"""A width or precision: a number, or an argument."""


@dataclass(slots=True)
class Shown:
    """One `{}`: what stands in it after the colon (`width` and `precision` may be arguments of their own), and the value.

    `source` is what C passes: whoever reorders asks whether it calls anything.
    """

    source: SSAValue
    build: Build
    sign: str = ""
    align: str = ""
    zeros: bool = False
    width: Field = None
    precision: Field = None
    kind: str = ""


@dataclass(slots=True)
class Formatted:
    """Text, and values in it."""

    parts: list[str | Shown] = field(default_factory=list["str | Shown"])

    def add(self, part: str | Shown) -> None:
        """Text next to text is one text."""
        if isinstance(part, str) and self.parts and isinstance(self.parts[-1], str):
            self.parts[-1] += part
        elif part != "":
            self.parts.append(part)

    @property
    def ends_line(self) -> bool:
        """The last thing is a line feed."""
        last = self.parts[-1] if self.parts else ""
        return isinstance(last, str) and last.endswith("\n")

    @property
    def text(self) -> str | None:
        """The text, where there is nothing else."""
        if not self.parts:
            return ""
        return self.parts[0] if len(self.parts) == 1 and isinstance(self.parts[0], str) else None


@dataclass(slots=True)
class Raw:
    """Bytes: a `&[u8]`, made when its turn comes, of `value` where it is one byte; `string` makes the C string that they are all of."""

    build: Build
    value: Shown | None = None
    string: Build | None = None


Segment = Formatted | Raw


def sign_flag(conversion: Conversion, signed: bool) -> str:
    """Rust's flag for a plus sign."""
    return "+" if signed and "+" in conversion.flags else ""


def alignment(conversion: Conversion, *, text: bool = False) -> str:
    """Rust's flag for the end of the field; its own choice is the right end for numbers, the left one for text."""
    if conversion.width is None:
        return ""
    return "<" if conversion.left else ">" if text else ""


def fold(conversion: Conversion, value: int, width: int | None, precision: int | None) -> bytes:
    """A constant as C prints it."""
    digits = {"x": "x", "X": "X", "o": "o"}.get(conversion.kind, "d")
    body = "" if precision == 0 and value == 0 else format(abs(value), digits).rjust(precision or 0, "0")
    sign = "-" if value < 0 else sign_flag(conversion, conversion.kind in "di")
    if conversion.zeros and width is not None:
        body = body.rjust(width - len(sign), "0")
    return padded((sign + body).encode(), width, conversion)


def padded(text: bytes, width: int | None, conversion: Conversion) -> bytes:
    """A constant text in its field."""
    return text.ljust(width or 0) if conversion.left else text.rjust(width or 0)


def merged(segments: Iterable[Segment]) -> list[Segment]:
    """Text next to text is one text."""
    found: list[Segment] = []
    for segment in segments:
        last = found[-1] if found else None
        if isinstance(segment, Formatted) and isinstance(last, Formatted):
            for part in segment.parts:
                last.add(part)
        elif not isinstance(segment, Formatted) or segment.parts != [""]:
            found.append(segment)
    return found


def escaped(text: str) -> str:
    """Text as it stands in a format string."""
    return text.replace("{", "{{").replace("}", "}}")


def template(segment: Formatted) -> tuple[str, list[Build]]:
    """The format string, and the arguments in their order: the values first, then widths and precisions."""
    values = [part.build for part in segment.parts if isinstance(part, Shown)]
    extents: list[Build] = []

    def extent(value: Field) -> str:
        if value is None or isinstance(value, int):
            return "" if value is None else str(value)
        extents.append(value)
        return f"{len(values) + len(extents) - 1}$"

    texts: list[str] = []
    for part in segment.parts:
        if isinstance(part, str):
            texts.append(escaped(part))
            continue
        precision = "" if part.precision is None else f".{extent(part.precision)}"
        spec = f"{part.align}{part.sign}{'0' * part.zeros}{extent(part.width)}{precision}{part.kind}"
        texts.append(f"{{:{spec}}}" if spec else "{}")
    return "".join(texts), values + extents
