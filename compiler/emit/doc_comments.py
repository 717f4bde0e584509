"""Doc comments: prose that was no Markdown, written so that rustdoc and clippy read it as prose.

    Tokens:                     /// ```text
        NUM    a number         /// Tokens:
        ID     a name           ///     NUM    a number
                                ///     ID     a name
                                /// ```

Simple paragraphs, and lists whose items are one line each, stand as they are. Where Markdown would read code, tests, links or broken lists
into a comment, the whole of it is preformatted text.
"""

from __future__ import annotations

import re

from compiler.emit.rustfmt.blocks import comment_lines


def doc_lines(mark: str, text: str) -> list[str]:
    """The lines of a doc comment, each begun by `mark` (`///` or `//!`); none for a comment that says nothing."""
    lines = [line.expandtabs(4).rstrip() for line in text.split("\n")]
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    if not lines:
        return []
    margin = min(len(line) - len(line.lstrip()) for line in lines if line)
    lines = [line[margin:] for line in lines]
    if is_prose(lines):
        return comment_lines(mark, "\n".join(lines))
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return comment_lines(mark, "\n".join((f"{fence}text", *lines, fence)))


_ITEM = re.compile(r" {0,3}([-*+]|\d{1,9}[.)])( |$)")
_TROUBLE = re.compile(
    r" {4}"  # code
    r"| {0,3}(```|~~~)"  # code, or the end of ours
    r"| {0,3}>"  # a quotation, which every line has to mark
    r"| {0,3}\|"  # a table
    r"| *([-*+]|\d+[.)])? *\[[^]]*\]:"  # the target of a link, which is not shown
)


def is_prose(lines: list[str]) -> bool:
    """Whether Markdown reads paragraphs and one-line list items only."""
    in_item = False
    for line in lines:
        if _TROUBLE.match(line):
            return False
        if _ITEM.match(line):
            in_item = True
        elif line and in_item:
            return False
        else:
            in_item = False
    return True
