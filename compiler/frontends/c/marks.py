"""Macros that stand for constants keep their names.

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

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from compiler.diagnostics import Span
from compiler.frontends.c.preprocess_scan import NOWHERE, Lexeme, LexemeKind, flat

MARKER_PREFIX = "#"

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
    is_cast = bool(inside) and close > 0 and all(token.kind is LexemeKind.NAME for token in inside)
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
    span: Span
    """Where the name stands in its definition."""


def settle_marks(
    tokens: list[Lexeme], definition: Callable[[Lexeme], Span]
) -> tuple[list[Lexeme], dict[str, Constant]]:
    """Replace each mark by its marker's name, or by its expansion where the mark would not read alike.

    `definition` tells where the macro of a mark is defined.
    """
    if not any(token.kind is LexemeKind.MARK for token in tokens):
        return tokens, {}
    settler = _Settler(definition, _ARITHMETIC_WORDS | typedef_names(tokens))
    return settler.settled(tokens), settler.found


@dataclass(slots=True)
class _Settler:
    """Gives every distinct (name, expansion) its marker, in order of first use."""

    definition: Callable[[Lexeme], Span]
    types: frozenset[str]
    found: dict[str, Constant] = field(default_factory=dict[str, Constant])
    known: dict[tuple[str, ...], Constant] = field(default_factory=dict[tuple[str, ...], Constant])
    uses: dict[str, int] = field(default_factory=dict[str, int])

    def settled(self, tokens: Sequence[Lexeme]) -> list[Lexeme]:
        result: list[Lexeme] = []
        for at, token in enumerate(tokens):
            if token.kind is not LexemeKind.MARK:
                result.append(token)
            elif _may_stand(tokens, at, self.types):
                constant = self.constant(token)
                result.append(token._replace(text=constant.marker, inner=constant.expansion, defined=NOWHERE))
            else:
                result.extend(flat((token,)))
        return result

    def constant(self, mark: Lexeme) -> Constant:
        """What a mark stands for; the constants that its expansion uses are found before it."""
        key = (mark.text, *(token.text for token in flat(mark.inner)))
        if key not in self.known:
            self.known[key] = self.new_constant(mark)
        return self.known[key]

    def new_constant(self, mark: Lexeme) -> Constant:
        """Its tokens stand where its name is defined, so that a finding in it points there."""
        span = self.definition(mark)
        inside = [
            token._replace(file=span.file, line=span.line, column=span.column) for token in self.settled(mark.inner)
        ]
        count = self.uses[mark.text] = self.uses.get(mark.text, 0) + 1
        marker = MARKER_PREFIX + mark.text + (f"#{count}" if count > 1 else "")
        constant = self.found[marker] = Constant(mark.text, marker, tuple(inside), span)
        return constant


_OPERAND_ENDS = frozenset({")", "]", "}"})
_POSTFIX = frozenset({"(", "[", "{", ".", "->", "++", "--"})


def _may_stand(tokens: Sequence[Lexeme], at: int, types: frozenset[str]) -> bool:
    """Does the mark at `at` read like its expansion, there?"""
    leaves = list(flat(tokens[at].inner))
    if any(each.kind is LexemeKind.NAME and each.text not in types for each in leaves):
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


def typedef_names(tokens: Iterable[Lexeme]) -> frozenset[str]:
    """The names that file-scope typedefs may declare (with tags among them, which does no harm)."""
    return frozenset(name for names in _typedefs(tokens) for name in names)


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
