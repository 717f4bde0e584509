"""Leaves out the declarations of the library that a file does not use.

    #include <string.h>          ->   only `size_t` and `memcpy` reach the parser
    … memcpy(a, b, n) …

A header declares dozens of functions and a file calls a few; parsing and checking the rest would cost
more than the file itself, and the machine's own headers hold much that is refused. Declarations refer
backwards only, so one pass from the end finds what is needed. The user's own are never touched.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise

from compiler.frontends.c.gnu import GNU_WORDS
from compiler.frontends.c.preprocess_scan import Lexeme, LexemeKind


def prune_headers(tokens: list[Lexeme], headers: frozenset[str], also_used: Iterable[Lexeme] = ()) -> list[Lexeme]:
    """The tokens without unused declarations of these files; `also_used` are uses that stand elsewhere."""
    if not headers:
        return tokens
    runs = list(_runs(tokens, headers))
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


def _runs(tokens: list[Lexeme], headers: frozenset[str]) -> Iterator[tuple[int, int, bool]]:
    """Stretches (start, end, from the library); those from the library are one declaration each."""
    start, depth, body = 0, 0, False
    inside = bool(tokens) and tokens[0].file in headers
    for index, token in enumerate(tokens):
        header = token.file in headers
        if header != inside:
            if start < index:
                yield start, index, inside
            start, depth, inside = index, 0, header
        if not header or token.kind is not LexemeKind.PUNCTUATOR:
            continue
        if token.text == "{" and depth == 0:
            body = tokens[index - 1].text == ")"  # of a function, which no semicolon ends
        depth += (token.text in "({") - (token.text in ")}")
        if depth == 0 and (token.text == ";" or (token.text == "}" and body)):
            yield start, index + 1, True
            start = index + 1
    if start < len(tokens):
        yield start, len(tokens), inside


_AFTER_NAME = frozenset({",", ";", "[", "="}) | GNU_WORDS
_TAGGED = frozenset({"struct", "union", "enum"})


def _declared(declaration: list[Lexeme]) -> set[str]:
    """The names that a declaration introduces: functions, objects, types, tags, enumerators.

    Where pointers to functions make that hard to tell, all its names: keeping too much does no harm.
    """
    texts = [token.text for token in declaration]
    if any(text == "(" and after == "*" for text, after in pairwise(texts)):
        return {token.text for token in declaration if token.kind is LexemeKind.NAME}
    names: set[str] = set()
    round_depth = brace_depth = 0
    is_enum = "enum" in texts
    before = ""
    for token, after in zip(declaration, [*texts[1:], ""], strict=True):
        text = token.text
        if token.kind is LexemeKind.NAME:
            outside = not round_depth and (is_enum or not brace_depth)
            if outside and (before in _TAGGED or is_enum or after in _AFTER_NAME):
                names.add(text)
            elif outside and after == "(" and text not in GNU_WORDS:
                return {text}
        else:
            round_depth += (text == "(") - (text == ")")
            brace_depth += (text == "{") - (text == "}")
        before = text
    return names
