"""What `cc -E -dD` writes, as lines that know which source line they come from.

    # 7 "a.c"              ->   OutputLine("a.c", 7, "int x;")
    int x;

Line markers in the forms of gcc (`# 7 "a.c" 2`), clang and pcpp (`#line 7 "a.c"`) are understood.
Macro definitions and pragmas stay in the list, in order, because the table of macros at a line is
the sum of the definitions above it.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

COMMAND_LINE = "<command-line>"
"""Where `-D` defines; each compiler has its own spelling."""


class OutputLine(NamedTuple):
    """One line that is not blank; `text` begins with `#` for a definition or a pragma."""

    file: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Output:
    """All lines, and which files the compiler calls its own."""

    lines: list[OutputLine]
    system_files: frozenset[str] = frozenset()


_MARKER = re.compile(r'#\s*(?:line\s+)?(\d+)(?:\s+"((?:[^"\\]|\\.)*)")?([\s\d]*)')
_ESCAPE = re.compile(r"\\(.)")
_SYSTEM_FLAG = "3"


def read_output(text: str) -> Output:
    """The lines that carry something, each with the file and line that it came from."""
    found: list[OutputLine] = []
    system: set[str] = set()
    file, line = "", 0
    for content in text.split("\n"):
        if content.startswith("#") and (marker := _MARKER.match(content)):
            number, name, flags = marker.groups()
            line = int(number)
            if name is not None:
                file = _named(name)
                if _SYSTEM_FLAG in flags.split():
                    system.add(file)
            continue
        if content and not content.isspace():
            found.append(OutputLine(file, line, content.rstrip("\r")))
        line += 1
    return Output(found, frozenset(system))


def _named(quoted: str) -> str:
    name = _ESCAPE.sub(r"\1", quoted)
    return COMMAND_LINE if name in ("<command line>", "<built-in>") else name
