"""Macros, and the constants among them that keep their names.

    #define BLOCK 64                     MacroConstant("BLOCK", expansion `64`, …)
    #define MASK (BLOCK - 1)             MacroConstant("MASK", expansion `(BLOCK - 1)`, …)
    x = y & MASK;                   ->   the AST of `y & MASK` with c_ast.ID("#MASK")

How. The preprocessor (`cc -E -dD`) expands everything and lists the definitions; `preprocess_expand`
expands the same source line once more, keeping a constant macro as one token of kind MARK; and where
both agree, the marks reach the parser as identifiers spelled `#NAME`, which no C identifier can be.
`#if`, stringizing, pasting and function-like macros see the macro itself, so they work as ever.

A macro is a constant when its expansion consists of numbers, character constants, operators,
`sizeof` and casts to arithmetic types, and reads the same in any surroundings: one literal, a
literal under unary operators or casts, or anything in parentheses. In surroundings where a mark
would still change the reading (`-1` after an operand, a postfix operator after a cast) the mark is
replaced by its expansion. Two definitions of one name give `#NAME` and `#NAME#2`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from compiler.frontends.c.preprocess_output import OutputLine
from compiler.frontends.c.preprocess_scan import Lexeme, LexemeKind, flat, scan_line

MARKER_PREFIX = "#"


@dataclass(frozen=True, slots=True)
class Macro:
    """A definition. `parameters` is None for an object-like macro."""

    name: str
    parameters: tuple[str, ...] | None
    variadic: bool
    body: tuple[Lexeme, ...]
    file: str
    line: int


_DEFINE = re.compile(r"#\s*define\s+([\w$]+)(\(([^)]*)\))?(.*)", re.DOTALL)
_UNDEF = re.compile(r"#\s*undef\s+([\w$]+)")


def parse_define(line: OutputLine) -> Macro:
    """The macro that a `#define` line defines."""
    match = _DEFINE.match(line.text)
    assert match is not None
    name, listed, inside, body = match.groups()
    parameters, variadic = _parameters(inside) if listed else (None, False)
    return Macro(name, parameters, variadic, tuple(scan_line(body, line.file, line.line)), line.file, line.line)


def _parameters(listed: str) -> tuple[tuple[str, ...], bool]:
    names = [name.strip() for name in listed.split(",")] if listed.strip() else []
    if not names or not names[-1].endswith("..."):
        return tuple(names), False
    names[-1] = names[-1].removesuffix("...").strip() or "__VA_ARGS__"
    return tuple(names), True


@dataclass(slots=True)
class MacroTable:
    """The macros defined at one point of the file. Lines are parsed when a name is first used."""

    _defined: dict[str, Macro | OutputLine] = field(default_factory=dict[str, Macro | OutputLine])
    constants: dict[str, tuple[Lexeme, ...] | None] = field(default_factory=dict[str, tuple[Lexeme, ...] | None])
    """Expansions of the constants used so far; None for a macro that is no constant."""

    def apply(self, line: OutputLine) -> None:
        """Take note of a `#define` or `#undef` line."""
        if match := _DEFINE.match(line.text):
            self._defined[match.group(1)] = line
        elif match := _UNDEF.match(line.text):
            self._defined.pop(match.group(1), None)
        self.constants.clear()

    def get(self, name: str) -> Macro | None:
        found = self._defined.get(name)
        if isinstance(found, OutputLine):
            found = self._defined[name] = parse_define(found)
        return found


_ARITHMETIC_WORDS = frozenset(
    "char short int long float double signed unsigned _Bool const sizeof __int128 __signed__".split()
)
_OPERATORS = frozenset("+ - * / % & | ^ ~ ! << >> < > <= >= == != && || ? : ( )".split())


def is_constant(tokens: Sequence[Lexeme]) -> bool:
    """Could these tokens, read on their own, be a constant expression of arithmetic type?

    Other identifiers are let through only in the place of a type name (`(uint32_t)5`); whether they
    are types is known when the file has been read (`typedef_names`).
    """
    leaves = list(flat(tuple(tokens)))
    return bool(leaves) and _reads_alone(leaves) and all(_fits(leaves, at) for at in range(len(leaves)))


def _fits(leaves: list[Lexeme], at: int) -> bool:
    token = leaves[at]
    match token.kind:
        case LexemeKind.NUMBER | LexemeKind.CHARACTER:
            return True
        case LexemeKind.PUNCTUATOR:
            return token.text in _OPERATORS and not _is_pointer_star(leaves, at)
        case LexemeKind.NAME:
            return token.text in _ARITHMETIC_WORDS or _is_type_place(leaves, at)
        case _:
            return False


def _is_type_place(leaves: list[Lexeme], at: int) -> bool:
    """`( NAME )` before an operand or after sizeof."""
    around = 0 < at < len(leaves) - 1 and leaves[at - 1].text == "(" and leaves[at + 1].text == ")"
    return around and at + 1 < len(leaves) and (at + 2 < len(leaves) or leaves[at - 2].text == "sizeof")


def _is_pointer_star(leaves: list[Lexeme], at: int) -> bool:
    return leaves[at].text == "*" and at + 1 < len(leaves) and leaves[at + 1].text == ")"


def _reads_alone(leaves: list[Lexeme]) -> bool:
    """One literal, a parenthesis that closes at the end, or either under unary operators and casts."""
    at = 0
    while at < len(leaves) and leaves[at].text in _UNARY:
        at += 1
    if at == len(leaves) - 1:
        return leaves[at].kind in (LexemeKind.NUMBER, LexemeKind.CHARACTER)
    if at >= len(leaves) or leaves[at].text != "(":
        return False
    close = _closing(leaves, at)
    if close == len(leaves) - 1:
        return True
    inside = leaves[at + 1 : close]
    is_cast = bool(inside) and all(token.kind is LexemeKind.NAME for token in inside)
    return is_cast and _reads_alone(leaves[close + 1 :])


_UNARY = frozenset({"-", "+", "~", "!", "sizeof"})


def _closing(leaves: Sequence[Lexeme], at: int) -> int:
    depth = 0
    for index in range(at, len(leaves)):
        depth += (leaves[index].text == "(") - (leaves[index].text == ")")
        if depth == 0:
            return index
    return -1


@dataclass(frozen=True, slots=True)
class Constant:
    """A constant macro that the program uses, as far as tokens can say it."""

    name: str
    marker: str
    expansion: tuple[Lexeme, ...]
    file: str
    line: int


@dataclass(slots=True)
class ConstantNames:
    """Gives every distinct (name, expansion) its marker, in order of first use."""

    found: dict[str, Constant] = field(default_factory=dict[str, Constant])
    _markers: dict[tuple[str, tuple[str, ...]], str] = field(default_factory=dict[tuple[str, tuple[str, ...]], str])
    _uses: dict[str, int] = field(default_factory=dict[str, int])

    def marker(self, mark: Lexeme, expansion: tuple[Lexeme, ...], place: tuple[str, int]) -> str:
        key = (mark.text, tuple(token.text for token in expansion))
        marker = self._markers.get(key)
        if marker is None:
            count = self._uses[mark.text] = self._uses.get(mark.text, 0) + 1
            marker = MARKER_PREFIX + mark.text + (f"#{count}" if count > 1 else "")
            self._markers[key] = marker
            self.found[marker] = Constant(mark.text, marker, expansion, *place)
        return marker


def settle_marks(
    tokens: list[Lexeme], definitions: dict[str, list[tuple[str, int]]]
) -> tuple[list[Lexeme], dict[str, Constant]]:
    """Replace each mark by its marker's name, or by its expansion where the mark would not read alike."""
    types = typedef_names(tokens)
    names = ConstantNames()
    settled: list[Lexeme] = []
    for at, token in enumerate(tokens):
        if token.kind is not LexemeKind.MARK:
            settled.append(token)
        elif _may_stand(tokens, at, types):
            settled.append(_settled(token, names, types, definitions))
        else:
            settled.extend(flat((token,)))
    return settled, names.found


def _settled(mark: Lexeme, names: ConstantNames, types: set[str], places: dict[str, list[tuple[str, int]]]) -> Lexeme:
    inner: list[Lexeme] = []
    for at, token in enumerate(mark.inner):
        if token.kind is not LexemeKind.MARK:
            inner.append(token)
        elif _may_stand(mark.inner, at, types):
            inner.append(_settled(token, names, types, places))
        else:
            inner.extend(flat((token,)))
    place = places.get(mark.text, [(mark.file, mark.line)])[-1]
    marker = names.marker(mark, tuple(inner), place)
    return Lexeme(LexemeKind.MARK, marker, mark.file, mark.line, mark.column)


_OPERAND_ENDS = frozenset({")", "]", "}"})
_POSTFIX = frozenset({"(", "[", "{", ".", "->", "++", "--"})


def _may_stand(tokens: Sequence[Lexeme], at: int, types: set[str]) -> bool:
    """Does the mark at `at` read like its expansion, there?"""
    leaves = list(flat(tokens[at].inner))
    if any(each.kind is LexemeKind.NAME and each.text not in _ARITHMETIC_WORDS | types for each in leaves):
        return False
    if len(leaves) == 1 or (leaves[0].text == "(" and _closing(leaves, 0) == len(leaves) - 1):
        return True
    before = tokens[at - 1] if at else None
    after = tokens[at + 1].text if at + 1 < len(tokens) else ""
    return not (after in _POSTFIX or (before is not None and _ends_operand(before)))


def _ends_operand(token: Lexeme) -> bool:
    if token.kind is LexemeKind.PUNCTUATOR:
        return token.text in _OPERAND_ENDS
    return token.text == "sizeof" or token.text not in _STATEMENT_WORDS


_STATEMENT_WORDS = frozenset({"return", "case", "else", "do"})


def typedef_names(tokens: Iterable[Lexeme]) -> set[str]:
    """The names that file-scope typedefs may declare (with tags among them, which does no harm)."""
    return {name for names in _typedefs(tokens) for name in names}


def _typedefs(tokens: Iterable[Lexeme]) -> Iterator[set[str]]:
    names: set[str] | None = None
    depth = 0
    for token in tokens:
        text = token.text
        if text == "typedef" and depth == 0:
            names = set()
        elif text in "{}" and text:
            depth += 1 if text == "{" else -1
        elif names is not None and depth == 0:
            if text == ";":
                yield names
                names = None
            elif token.kind is LexemeKind.NAME:
                names.add(text)
