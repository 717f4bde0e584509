"""One operation of MLIR text, read by compiled regular expressions: names, operands, numbers, types; no grammar of any dialect.

    %1 = affine.load %b[%k, %j * 2 - 1] : memref<64x128xf32>

gives `Line(name="affine.load", results=("%1",), uses=("%b", "%k", "%j"), subscripts=("%k", "%j * 2 - 1"), shapes=(memref 64x128 f32,))`,
and the generic form of the same operation gives the same name, uses and shapes, and the alias of its map.

A text is cut where printers cut it: an operation a line; a line whose brackets stay open takes the next ones. The reading of a
line is remembered, for the candidates of one choice share most of theirs. Nothing is refused: what is no MLIR gives lines without
a known name, which the tokens then count as unknown.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from costmodel.tokens.vocabulary import OpClass, classify

_SSA = r"%[\w$.-]+(?:#\d+)?"
_HEAD = re.compile(rf"({_SSA}(?::\d+)?(?:\s*,\s*{_SSA}(?::\d+)?)*)\s*=\s*|")
_NAME = re.compile(r'"([\w$.-]+)"|([A-Za-z_][\w$]*(?:\.[\w$]+)*)')
_USES = re.compile(_SSA)
_SHAPED = re.compile(r"\b(memref|tensor|vector)<(\*x|(?:\[?\d+\]?x|\?x)*)(complex<\w+>|!?[A-Za-z][\w.]*)")
_STRIDED = re.compile(r"strided<\[([^\]]*)\]")
_SCALAR = re.compile(r"(?<![\w.%@#!\"])(index|bf16|f16|f32|f64|f80|f128|tf32|f8\w+|[su]?i\d+)(?![\w.\"])")
_NUMBER = re.compile(r"(?<![\w.%@#$^-])-?(?:0x[0-9A-Fa-f]+|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)(?![\w.])")
_SUBSCRIPT = re.compile(rf"({_SSA})\[([^\[\]]*)\]")
_DIGIT = re.compile(r"\d")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_COMMENT = re.compile(r'^((?:[^"/]|"(?:[^"\\]|\\.)*"|/(?!/))*)//.*$', re.MULTILINE)
_LOCATION = re.compile(r"\s+loc\((?:[^()\"]|\"(?:[^\"\\]|\\.)*\"|\((?:[^()]|\([^()]*\))*\))*\)")
_BLOCK = re.compile(r"\^[\w$.-]+(?:\(([^()]*(?:\([^()]*\)[^()]*)*)\))?\s*:")
_ALIAS = re.compile(r"[#!][\w$.-]+\s*=")
_REGION_ON_NEXT_LINE = re.compile(r"\n\s*(?=(?:reducer\(|cond \{))")
_CLOSERS = re.compile(r"(?:\}\s*(?:\)|,\s*\{|else\s*\{|do\s*\{)?)+")
_COUNTERS = re.compile(rf"\s*({_SSA}|\({_SSA}(?:\s*,\s*{_SSA})*\))\s*=")
_CARRIED = re.compile(rf"({_SSA})\s*=")
_PARAMETER = re.compile(rf"({_SSA})\s*:")


class Shape(NamedTuple):
    """A memref, tensor or vector type: sizes (-1 where unknown), element, and strides where the type gives them."""

    kind: str
    sizes: tuple[int, ...]
    element: str
    strides: tuple[int | None, ...] = ()


@dataclass(frozen=True)
class Line:
    """An operation, a block label, an alias, or the end of a region.

    `closes` regions end before it and `opens` begin after it; `arguments` are those of a block label or of the loop the line opens.
    Lines are remembered, and so is what is computed of them: their properties cost nothing the second time.
    """

    text: str
    name: str = ""
    results: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    subscripts: tuple[str, ...] | None = None
    base: str = ""
    numbers: tuple[float, ...] = ()
    shapes: tuple[Shape, ...] = ()
    scalars: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    opens: int = 0
    closes: int = 0
    generic: bool = False
    is_label: bool = False
    alias: str = ""

    @cached_property
    def kind(self) -> OpClass:
        """What the operation does."""
        return classify(self.name)

    @cached_property
    def work(self) -> tuple[OpClass, str]:
        """What it does, and to which type of element."""
        return self.kind, self.shapes[-1].element if self.shapes else self.scalars[-1] if self.scalars else "f32"

    @cached_property
    def reassociates(self) -> bool:
        """Whether it lets a compiler add up in another order."""
        return "reassoc" in self.text or "fastmath<fast>" in self.text

    @cached_property
    def is_index(self) -> bool:
        """Whether its result may be part of an address or a bound."""
        return bool(self.results) and ("index" in self.scalars or self.name.startswith("affine."))


def read_lines(text: str) -> list[Line]:
    """The operations of a text, in its order."""
    return [line for part in split(text) if (line := read_line(part)) is not None]


def has_operations(text: str) -> bool:
    """Whether it is MLIR at all: some line is an operation that computes, by its name, or the function or module around some."""
    return any("." in line.name and line.kind is not OpClass.OTHER for line in read_lines(text))


def split(text: str) -> Iterator[str]:
    """The text of one operation at a time, without comments and locations."""
    if "//" in text:
        text = _COMMENT.sub(r"\1", text)
    if " loc(" in text:
        text = _LOCATION.sub("", text)
    if "stablehlo." in text:
        text = _REGION_ON_NEXT_LINE.sub(" ", text)
    open_part = ""
    for part in map(str.strip, text.splitlines()):
        if open_part:
            part = f"{open_part} {part}".rstrip()
        if _is_open(part):
            open_part = part
        elif part:
            open_part = ""
            yield part
    if open_part:
        yield open_part


@lru_cache(maxsize=1 << 16)
def _is_open(part: str) -> bool:
    """A bracket other than a region's is still open at the end of the line."""
    if (
        part.count("(") == part.count(")")
        and part.count("[") == part.count("]")
        and part.count("<{") == part.count("}>")
    ):
        return False
    plain = _STRING.sub('""', part).replace("->", "")
    if plain.count("<{") != plain.count("}>"):
        return True
    round_open = plain.count("(") - plain.count(")")
    regions = len(re.findall(r"\(\{(?!.*\}\))", plain)) - (1 if plain.startswith("})") else 0)
    return round_open > max(regions, 0) or plain.count("[") > plain.count("]")


@lru_cache(maxsize=1 << 16)
def read_line(part: str) -> Line | None:
    """What a line says; None for one that holds nothing."""
    text = part
    closes = 0
    if part[0] == "}":
        ended = _CLOSERS.match(part)
        assert ended is not None
        closes, reopened = ended.group().count("}"), ended.group().count("{")
        rest = part[ended.end() :].strip()
        return Line(text, closes=closes, opens=reopened, numbers=_numbers(rest), shapes=(), uses=())
    if part[0] == "^" and (label := _BLOCK.match(part)):
        return Line(text, is_label=True, arguments=tuple(_USES.findall(label.group(1) or "")))
    if _ALIAS.match(part):
        name, _, value = part.partition("=")
        return Line(value.strip(), alias=name.strip())
    return _operation(text)


def _operation(text: str) -> Line | None:
    head = _HEAD.match(text)
    assert head is not None
    results = tuple(_USES.findall(head.group(1) or ""))
    name = _NAME.match(text, head.end())
    if name is None:
        return Line(text, name="?")
    rest = text[name.end() :]
    opens = 1 if rest.endswith("{") else 0
    subscripts, base = _subscripted(rest)
    used, bound = _uses(rest, opens)
    return Line(
        text,
        name.group(1) or name.group(2),
        results,
        used,
        subscripts,
        base,
        _numbers(rest),
        _shapes(rest),
        tuple(_SCALAR.findall(rest)),
        bound,
        opens,
        generic=name.group(1) is not None,
    )


def _uses(rest: str, opens: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Operands, and the names that a loop or function in pretty form binds for its region."""
    names = tuple(_USES.findall(rest))
    if not opens or not names:
        return names, ()
    if counted := _COUNTERS.match(rest):
        bound = (*_USES.findall(counted.group(1)), *_CARRIED.findall(rest, counted.end()))
    elif "@" in rest or " reducer(" in rest:
        bound = tuple(_PARAMETER.findall(rest))
    elif rest.endswith(" cond {"):
        bound = tuple(_CARRIED.findall(rest))
    else:
        return names, ()
    return tuple(each for each in names if each not in bound), bound


def _subscripted(rest: str) -> tuple[tuple[str, ...] | None, str]:
    found = _SUBSCRIPT.search(rest)
    if found is None:
        return None, ""
    inside = found.group(2).strip()
    return tuple(each.strip() for each in _commas(inside)) if inside else (), found.group(1)


def _commas(text: str) -> Iterator[str]:
    if "(" not in text:
        yield from text.split(",")
        return
    depth, start = 0, 0
    for at, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth == 0:
            yield text[start:at]
            start = at + 1
    yield text[start:]


def _shapes(rest: str) -> tuple[Shape, ...]:
    found: list[Shape] = []
    for match in _SHAPED.finditer(rest):
        kind, sizes, element = match.groups()
        layout = _STRIDED.match(rest, match.end() + 2) if rest.startswith(", strided", match.end()) else None
        strides = tuple(_stride(each) for each in layout.group(1).split(",")) if layout else ()
        found.append(Shape(kind, tuple(_size(each) for each in sizes.split("x")[:-1]), element, strides))
    return tuple(found)


def _size(text: str) -> int:
    text = text.strip("[]")
    return int(text) if text.isdigit() else -1


def _stride(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.lstrip("-").isdigit() else None


def _numbers(rest: str) -> tuple[float, ...]:
    if _DIGIT.search(rest) is None:
        return ()
    plain = _SHAPED.sub("", _STRING.sub("", rest))
    return tuple(_value(each) for each in _NUMBER.findall(plain))


def _value(text: str) -> float:
    if "0x" in text:
        return float(int(text, 16))
    return float(text)
