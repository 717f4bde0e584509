"""Macro definitions, and the table of them at one point of a file.

    #define MAX(a, b) ((a) > (b) ? (a) : (b))    ->   Macro("MAX", ("a", "b"), body, …)

Definitions come as the preprocessor lists them (`cc -E -dD`); most are never used by the lines that
are expanded again, so a line is taken apart when its name is first looked up.
"""

import re
from dataclasses import dataclass, field

from compiler.frontends.c.preprocess_output import OutputLine
from compiler.frontends.c.preprocess_scan import Lexeme, scan_line


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
