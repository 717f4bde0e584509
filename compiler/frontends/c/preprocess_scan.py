"""Tokens of C source text, each with the place where it stands.

    int x;  /* n */      ->   lines[1] = [int x ;], comments = [/* n */]
    #define N 4          ->   directives = [#define N 4]

One regular expression reads a whole file. Tokens are kept by *logical* line (a line joined by
backslashes counts as its first), because that is how a preprocessor emits them; each token still
knows its own physical line and column. Nothing is refused here: what the expression does not know
becomes a one-character token that the parser rejects at its place.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple, cast


class LexemeKind(IntEnum):
    """What a token is; MARK stands for a whole macro constant (see `marks`)."""

    NAME = 0
    NUMBER = 1
    STRING = 2
    CHARACTER = 3
    PUNCTUATOR = 4
    STRAY = 5
    MARK = 6


NOWHERE = ("", 0)


class Lexeme(NamedTuple):
    """One token. A tuple, not a dataclass: there are 100,000 of them in 10,000 lines."""

    kind: LexemeKind
    text: str
    file: str
    line: int
    column: int
    spaced: bool = False
    """Does a blank stand before it?"""
    inner: tuple["Lexeme", ...] = ()
    """Of a MARK: the expansion."""
    defined: tuple[str, int] = NOWHERE
    """Of a MARK: file and line of the definition."""


class Directive(NamedTuple):
    """A preprocessing directive: `text` begins at `#`, its continuation lines joined."""

    text: str
    line: int
    column: int


class RawComment(NamedTuple):
    """A comment with its delimiters; `alone` when no code stands before it on its line."""

    text: str
    line: int
    column: int
    last_line: int
    alone: bool


@dataclass(frozen=True, slots=True)
class Scan:
    """The tokens of a file by logical line, and what lies between them."""

    lines: dict[int, list[Lexeme]]
    directives: list[Directive]
    comments: list[RawComment]

    numbers: list[int]
    """The numbers of the lines that hold tokens, ascending."""

    def at(self, number: int) -> int | None:
        """The index in `numbers` of line `number`."""
        index = bisect_left(self.numbers, number)
        return index if index < len(self.numbers) and self.numbers[index] == number else None

    def between(self, first: int, end: int) -> list[Lexeme]:
        """The tokens of the logical line that reaches `first`, and of those before line `end` (0: only it)."""
        start = max(0, bisect_right(self.numbers, first) - 1)
        stop = max(start + 1, bisect_left(self.numbers, end))
        return [token for number in self.numbers[start:stop] for token in self.lines[number]]


_NAME = r"[^\x00-#%-@\[-^`{-\x7f][^\x00-#%-/:-@\[-^`{-\x7f]*"
"""Letters, digits, `_`, `$` and all beyond ASCII, said by what is left out: `re` takes long to compile a set that reaches so far."""
_NUMBER = r"\.?[0-9](?:[eEpP][+-]|[\w.])*"
_STRING = r'(?:u8|[LuU])?"(?:[^"\\\n]|\\.)*"'
_CHARACTER = r"(?:u8|[LuU])?'(?:[^'\\\n]|\\.)*'"
_PUNCTUATOR = r"<<=|>>=|\.\.\.|->|\+\+|--|&&|\|\||<<|>>|[-+*/%&|^<>=!]=|\#\#|[-+*/%&|^<>=!~?:;,.(){}\[\]#]"

# The groups are numbered as LexemeKind, plus one, then what is no token.
_TOKEN = re.compile(
    rf"[ \t\f\v\r]*(?:(?!(?:u8|[LuU])?[\"'])({_NAME})|({_NUMBER})|({_STRING})|({_CHARACTER})"
    rf"|(?!/[/*])({_PUNCTUATOR})|(\n)|(//(?:[^\\\n]|\\\r?\n|\\.)*|/\*.*?\*/)|(\\\r?\n)|(\S))",
    re.DOTALL,
)
_SPLICED = re.compile(r"\\\r?\n")
_LONGEST_SPLICED = 200
"""How far a token that is broken over lines may go on."""
_NEWLINE, _COMMENT, _SPLICE, _STRAY = 6, 7, 8, 9
_DIRECTIVE_PART = re.compile(
    rf"([^\n\\\"'/]+)|(//(?:[^\\\n]|\\\r?\n)*|/\*.*?\*/)|\\\r?\n|{_STRING}|{_CHARACTER}|[^\n]", re.DOTALL
)
_KINDS = {
    1: LexemeKind.NAME,
    2: LexemeKind.NUMBER,
    3: LexemeKind.STRING,
    4: LexemeKind.CHARACTER,
    5: LexemeKind.PUNCTUATOR,
    _STRAY: LexemeKind.STRAY,
}
"""The groups that are tokens."""
_new = cast("Callable[[type[Lexeme], tuple[object, ...]], Lexeme]", tuple.__new__)  # pyright: ignore[reportUnknownMemberType]
"""What the constructor of a NamedTuple calls; there is a token for every four characters."""


def scan_line(text: str, file: str, line: int) -> list[Lexeme]:
    """The tokens of text that is already preprocessed; columns count in that text."""
    found: list[Lexeme] = []
    for match in _TOKEN.finditer(text):
        group = match.lastindex
        assert group is not None
        if group in _KINDS:
            start = match.start(group)
            found.append(Lexeme(_KINDS[group], match[group], file, line, start + 1, start > match.start()))
    return found


@lru_cache(maxsize=256)
def scan(text: str, file: str) -> Scan:
    """The tokens, directives and comments of a source file. Kept, because the files of a crate share their headers."""
    return _Scanner(text, file).run()


class _Scanner:
    """The state of one pass over a file."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.line = 1
        self.line_start = 0
        self.result = Scan({}, [], [], [])

    def run(self) -> Scan:
        position, end, text, file = 0, len(self.text), self.text, self.file
        kinds, next_token = _KINDS, _TOKEN.match
        current: list[Lexeme] = []
        logical, fresh = 1, True  # fresh: no token on this line yet, so `#` begins a directive
        apart = True  # a line end or a comment stands before
        while position < end:
            match = next_token(text, position)
            if match is None:
                break  # trailing blanks
            before, group, position = position, match.lastindex, match.end()
            assert group is not None
            if group in kinds:
                token = match[group]
                start = match.start(group)
                if fresh and token == "#":
                    position = self._directive(start)
                    continue
                if text.startswith("\\", position) and _SPLICED.match(text, position):
                    token, position = self._joined(token, start, position)
                spaced = apart or start > before
                fresh = apart = False
                if not current:
                    self.result.lines[logical] = current
                if "\n" in token:
                    token = _unsplice(token)
                column = start - self.line_start + 1
                current.append(_new(Lexeme, (kinds[group], token, file, self.line, column, spaced, (), NOWHERE)))
                if position - start > len(token):  # it stands on several lines
                    self._advance(start, position)
            elif group == _NEWLINE:
                self.line += 1
                self.line_start = position
                logical, fresh, apart = self.line, True, True
                current = []
            elif group == _SPLICE:
                self.line += 1
                self.line_start = position
            else:
                apart = True
                self._comment(match.start(group), position, alone=fresh)
                # A comment over several lines leaves the logical line where a preprocessor
                # puts the tokens after it: on the line where the comment ends.
                if not current:
                    logical = self.line
        self.result.numbers.extend(self.result.lines)
        return self.result

    def _joined(self, token: str, start: int, end: int) -> tuple[str, int]:
        """A token that goes on after a backslash at the end of a line, and where it ends."""
        whole = _TOKEN.match(_unsplice(self.text[start : end + _LONGEST_SPLICED]))
        if whole is None or whole.end() <= len(token):
            return token, end
        missing = whole.end() - len(token)
        while missing:
            while splice := _SPLICED.match(self.text, end):
                end = splice.end()
            end += 1
            missing -= 1
        return whole.group().strip(), end

    def _advance(self, start: int, end: int) -> None:
        newlines = self.text.count("\n", start, end)
        if newlines:
            self.line += newlines
            self.line_start = self.text.rindex("\n", start, end) + 1

    def _comment(self, start: int, end: int, *, alone: bool) -> None:
        line, column = self.line, start - self.line_start + 1
        self._advance(start, end)
        self.result.comments.append(RawComment(self.text[start:end], line, column, self.line, alone))

    def _directive(self, start: int) -> int:
        """Record the directive that begins at `start`; the position of its newline."""
        line, column = self.line, start - self.line_start + 1
        parts: list[str] = []
        position = start
        while match := _DIRECTIVE_PART.match(self.text, position):
            start, position = match.span()
            if match.lastindex == 1:  # nearly always the rest of the line
                parts.append(match[1])
            elif match.lastindex == 2:
                self._comment(start, position, alone=False)
                parts.append(" ")
            else:
                parts.append(_unsplice(match.group()))
                self._advance(start, position)
        self.result.directives.append(Directive("".join(parts), line, column))
        return position


def _unsplice(token: str) -> str:
    return token.replace("\\\r\n", "").replace("\\\n", "")


def spelling(tokens: list[Lexeme]) -> str:
    """The characters of the tokens without any blank: what two spellings of a line share."""
    return squeeze("".join([token.text for token in tokens]))


def squeeze(text: str) -> str:
    """The text without blanks."""
    return "".join(text.split())


def flat(tokens: Iterable[Lexeme]) -> Iterator[Lexeme]:
    """The tokens with every MARK replaced by what it stands for, at the place of the mark."""
    for token in tokens:
        if token.kind is not LexemeKind.MARK:
            yield token
            continue
        spaced = token.spaced
        for each in flat(token.inner):
            yield each._replace(file=token.file, line=token.line, column=token.column, spaced=spaced)
            spaced = each.spaced
