"""What `cc -E -dD` writes, as lines that know which source line they come from.

    # 7 "a.c"              ->   OutputLine("a.c", 7, "int x;")
    int x;

Line markers in the forms of gcc (`# 7 "a.c" 2`), clang and pcpp (`#line 7 "a.c"`) are understood.
Macro definitions and pragmas stay in the list, in order, because the table of macros at a line is
the sum of the definitions above it.
"""

import re
from typing import NamedTuple

COMMAND_LINE = "<command-line>"
"""Where `-D` defines; each compiler has its own spelling."""


class OutputLine(NamedTuple):
    """One line that is not blank; `text` begins with `#` for a definition or a pragma."""

    file: str
    line: int
    text: str


_MARKER = re.compile(r'#\s*(?:line\s+)?(\d+)(?:\s+"((?:[^"\\]|\\.)*)")?')
_ESCAPE = re.compile(r"\\(.)")


def read_output(text: str) -> list[OutputLine]:
    """The lines that carry something, each with the file and line that it came from."""
    found: list[OutputLine] = []
    file, line = "", 0
    for content in text.split("\n"):
        if content.startswith("#") and (marker := _MARKER.match(content)):
            line = int(marker.group(1))
            if marker.group(2) is not None:
                file = _ESCAPE.sub(r"\1", marker.group(2))
                file = COMMAND_LINE if file in ("<command line>", "<built-in>") else file
            continue
        if content and not content.isspace():
            found.append(OutputLine(file, line, content.rstrip("\r")))
        line += 1
    return found
