"""Leaves out the declarations of our headers that a file does not use.

    #include <string.h>          ->   only `size_t` and `memcpy` reach the parser
    … memcpy(a, b, n) …

A header declares dozens of functions and a file calls a few; parsing and checking the rest would cost
more than the file itself. Declarations refer backwards only, so one pass from the end finds what is
needed. The user's own declarations are never touched.
"""

import itertools
from collections.abc import Iterable, Iterator

from compiler.frontends.c.preprocess_job import is_ours
from compiler.frontends.c.preprocess_scan import Lexeme, LexemeKind


def prune_headers(tokens: list[Lexeme], also_used: Iterable[Lexeme] = ()) -> list[Lexeme]:
    """The tokens without unused declarations of our headers; `also_used` are uses that stand elsewhere."""
    ours = {file for file in {token.file for token in tokens} if is_ours(file)}
    if not ours:
        return tokens
    runs = list(_runs(tokens, ours))
    used = {token.text for token in also_used}
    for start, end, header in runs:
        if not header:
            used.update([token.text for token in tokens[start:end]])
    kept: list[list[Lexeme]] = []
    for start, end, header in reversed(runs):
        run = tokens[start:end]
        if not header or _declared(run) & used:
            kept.append(run)
            if header:
                used.update(token.text for token in run)
    return [token for run in reversed(kept) for token in run]


def _runs(tokens: list[Lexeme], ours: set[str]) -> Iterator[tuple[int, int, bool]]:
    """Stretches (start, end, from our headers); those from headers are one declaration each."""
    start, depth = 0, 0
    inside = bool(tokens) and tokens[0].file in ours
    for index, token in enumerate(tokens):
        header = token.file in ours
        if header != inside:
            if start < index:
                yield start, index, inside
            start, depth, inside = index, 0, header
        if header and token.kind is LexemeKind.PUNCTUATOR:
            depth += (token.text in "({") - (token.text in ")}")
            if token.text == ";" and depth == 0:
                yield start, index + 1, True
                start = index + 1
    if start < len(tokens):
        yield start, len(tokens), inside


def _declared(declaration: list[Lexeme]) -> set[str]:
    """The name of the function, or the last name and every tag of another declaration."""
    for name, after in itertools.pairwise(declaration):
        if after.text == "(" and name.kind is LexemeKind.NAME and name.text not in ("void", "int"):
            return {name.text}
    words = [token.text for token in declaration if token.kind is LexemeKind.NAME]
    tags = {after.text for word, after in itertools.pairwise(declaration) if word.text == "struct"}
    return tags | set(words[-1:])
