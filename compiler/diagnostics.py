"""What can be wrong with the user's program, and the one place that formats it.

A stage that cannot prove its input sound raises:

    raise refusal(Code.UNION, span, "`u` is a union", help="use a struct with a tag")

and the command renders:

    shape.c:14:10: error[C0201]: `u` is a union
       14 |     union { int i; float f; } u;
          |     ^^^^^
    help: use a struct with a tag

Errors are data until `render`; nothing else in the compiler formats one. Broken invariants of our
own are `assert`s, never diagnostics.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import groupby

from compiler.codes import DEFAULT_HELP, Code


class Severity(Enum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a source file. Line and column count from 1; length 0 means one token."""

    file: str
    line: int
    column: int = 1
    length: int = 0


@dataclass(frozen=True, slots=True)
class Label:
    """A remark on a place; the remark on the diagnostic's own span stands beside the carets."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. Without a span it concerns the command, not a place in a file."""

    code: Code
    message: str
    span: Span | None
    labels: tuple[Label, ...] = ()
    help: str = ""
    notes: tuple[str, ...] = ()
    severity: Severity = Severity.ERROR


class CompileError(Exception):
    """The user's program is refused, for at least one reason."""

    def __init__(self, first: Diagnostic, *rest: Diagnostic) -> None:
        self.diagnostics: tuple[Diagnostic, ...] = (first, *rest)
        super().__init__(f"{first.code.number}: {first.message}")


class InternalError(Exception):
    """A stage of ours broke; raised from the exception that broke it."""

    def __init__(self, stage: str, span: Span | None, cause: Exception) -> None:
        self.stage = stage
        self.span = span
        place = f" at {_place(span)}" if span else ""
        reason = str(cause).strip().partition("\n")[0]
        super().__init__(f"in {stage}{place}: {type(cause).__name__}: {reason}".removesuffix(": "))


def refusal(
    code: Code,
    span: Span | None,
    message: str,
    *,
    label: str = "",
    labels: tuple[Label, ...] = (),
    help: str = "",
    notes: tuple[str, ...] = (),
) -> CompileError:
    """A `CompileError` of one diagnostic; `label` is the remark beside the carets."""
    if label and span is not None:
        labels = (Label(span, label), *labels)
    return CompileError(Diagnostic(code, message, span, labels, help, notes))


Sources = Mapping[str, str]
"""Text by file name, as it stands in spans. A missing file costs the excerpt, nothing else."""


def render(diagnostics: Iterable[Diagnostic], sources: Sources, *, color: bool = False) -> str:
    """The text of the diagnostics, a blank line between two, each line ended."""
    paint = _in_color if color else _plain
    blocks = ("\n".join(_lines(each, sources, paint)) + "\n" for each in diagnostics)
    return "\n".join(blocks)


_Paint = Callable[[str, str], str]
_BOLD, _RED, _YELLOW, _BLUE = "1", "1;31", "1;33", "1;34"
_SEVERITY_STYLE = {Severity.ERROR: _RED, Severity.WARNING: _YELLOW}


def _plain(text: str, _style: str) -> str:
    return text


def _in_color(text: str, style: str) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if text else text


def _lines(diagnostic: Diagnostic, sources: Sources, paint: _Paint) -> Iterator[str]:
    style = _SEVERITY_STYLE[diagnostic.severity]
    head = paint(f"{diagnostic.severity.value}[{diagnostic.code.number}]", style)
    yield f"{paint(_place(diagnostic.span), _BOLD)}: {head}: {paint(diagnostic.message, _BOLD)}"
    yield from _excerpts(diagnostic, sources, style, paint)
    for note in diagnostic.notes:
        yield f"{paint('note', _BOLD)}: {note}"
    if advice := diagnostic.help or DEFAULT_HELP.get(diagnostic.code, ""):
        yield f"{paint('help', _BOLD)}: {advice}"


def _place(span: Span | None) -> str:
    return f"{span.file}:{span.line}:{span.column}" if span else "splitwood"


def _excerpts(diagnostic: Diagnostic, sources: Sources, style: str, paint: _Paint) -> Iterator[str]:
    """The marked lines: the diagnostic's own place first, then the labelled ones as given."""
    own = diagnostic.span
    if own is None:
        return
    remarks = [label for label in diagnostic.labels if label.span == own] or [Label(own, "")]
    others = [label for label in diagnostic.labels if label.span != own]
    file = own.file
    for (name, number), labels in groupby(remarks + others, lambda it: (it.span.file, it.span.line)):
        line = _source_line(sources, name, number)
        if line is None or _is_binary(line):
            continue
        if name != file:
            yield paint(f"      ::: {name}", _BLUE)
            file = name
        yield from _marked(line, list(labels), own, style, paint)


def _source_line(sources: Sources, file: str, number: int) -> str | None:
    lines = sources.get(file, "").split("\n")
    return lines[number - 1].rstrip("\r") if 0 < number <= len(lines) else None


def _is_binary(line: str) -> bool:
    return sum(not c.isprintable() and c != "\t" for c in line[:_WIDEST_EXCERPT]) > _STRANGE


def _marked(line: str, labels: list[Label], own: Span, style: str, paint: _Paint) -> Iterator[str]:
    start, shown = _window(line, labels[0].span.column - 1)
    yield paint(f"{labels[0].span.line:5} |", _BLUE) + f" {shown}".rstrip()
    for label in labels:
        column = label.span.column - 1
        sign, color = ("^", style) if label.span == own else ("-", _BLUE)
        width = max(1, min(_width(line, label.span), start + len(shown) - column))
        indent = "".join("\t" if c == "\t" else " " for c in shown[: max(0, column - start)])
        mark = f"{sign * width} {label.text}".rstrip()
        yield paint("      |", _BLUE) + f" {indent}" + paint(mark, color)


_WIDEST_EXCERPT = 160
_STRANGE = 8
"""More characters than this that cannot be shown, and the line is bytes rather than text: it would only disfigure the terminal."""


def _window(line: str, column: int) -> tuple[int, str]:
    """The part of a line worth showing, and where it begins; controls made harmless."""
    start = 0 if len(line) <= _WIDEST_EXCERPT else max(0, column - _WIDEST_EXCERPT // 2)
    part = line[start : start + _WIDEST_EXCERPT]
    return start, "".join(c if c == "\t" or c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in part)


_TOKEN = re.compile(
    r"""\w+|\.?\d[\w.]*"""  # a name, a number
    r"""|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'"""
    r"""|<<=|>>=|->|\+\+|--|&&|\|\||<<|>>|[-+*/%&|^<>=!]="""
)


def _width(line: str, span: Span) -> int:
    """How many columns to mark; a span that gives no length means the token it begins."""
    if span.length:
        return span.length
    token = _TOKEN.match(line, span.column - 1)
    return len(token.group()) if token else 1
