"""Comments, found again from the place of what stands below them.

/* Rotates left. */          doc of `rotl`:  "Rotates left."
static u32 rotl(…) { … }
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from compiler.frontends.c.preprocess_scan import RawComment


@dataclass(slots=True)
class Comments:
    """The comments that stand alone on their lines; each is given out once."""

    table: dict[str, list[RawComment]]
    sources: dict[str, str]
    _by_last_line: dict[str, dict[int, RawComment]] = field(default_factory=dict[str, dict[int, RawComment]])
    _blank: dict[str, list[bool]] = field(default_factory=dict[str, list[bool]])
    _given: set[tuple[str, int]] = field(default_factory=set[tuple[str, int]])

    def above(self, file: str, line: int, skip_blank: bool) -> str:
        """The text of the comments directly above a line, or above it with only blank lines between."""
        ends = self._ends(file)
        texts: list[str] = []
        while ends:
            line -= 1
            if skip_blank:
                line = self._last_not_blank(file, line)
            comment = ends.get(line)
            if comment is None or (file, line) in self._given:
                break
            self._given.add((file, line))
            texts.append(_undecorated(comment.text))
            line = comment.line
        return "\n".join(reversed(texts))

    def _ends(self, file: str) -> dict[int, RawComment]:
        if file not in self._by_last_line:
            alone = (comment for comment in self.table.get(file, ()) if comment.alone)
            self._by_last_line[file] = {comment.last_line: comment for comment in alone}
        return self._by_last_line[file]

    def _last_not_blank(self, file: str, line: int) -> int:
        if file not in self._blank:
            self._blank[file] = [not text.strip() for text in self.sources.get(file, "").split("\n")]
        blank = self._blank[file]
        while 0 < line <= len(blank) and blank[line - 1]:
            line -= 1
        return line


_STARS = re.compile(r"^[ \t]*\*+ ?")


def _undecorated(text: str) -> str:
    if text.startswith("//"):
        return text.lstrip("/").strip().lstrip("!< ")
    lines = text[2:-2].strip("*!").split("\n")
    starred = all(_STARS.match(line) or not line.strip() for line in lines[1:])
    cleaned = [lines[0].strip(), *(_STARS.sub("", line).rstrip() if starred else line.strip() for line in lines[1:])]
    return "\n".join(cleaned).strip("\n").strip()


def call_argument(sources: dict[str, str], file: str, line: int, column: int) -> str:
    """The source between the parentheses of a call that begins at a place, on one line; empty if it cannot be found."""
    lines = sources.get(file, "").split("\n")
    text = "\n".join(lines[line - 1 : line + 9])[column - 1 :]
    start = text.find("(")
    depth = 0
    for at in range(max(start, 0), len(text)):
        depth += (text[at] == "(") - (text[at] == ")")
        if depth == 0 and at > start >= 0:
            return " ".join(text[start + 1 : at].split())
    return ""
