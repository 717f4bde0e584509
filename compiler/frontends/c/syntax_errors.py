"""What the parser's complaint means to a C programmer.

    pycparser: "t.c:3:9: before: x"   ->   t.c:3:5: error[C0222]: unknown type name `uint32_t`
                                           help: include <stdint.h>

The parser names the token at which it gave up; the mistake is often one token earlier.
"""

import re

from compiler.codes import Code
from compiler.diagnostics import Diagnostic, Span
from compiler.frontends.c.preprocess_scan import Lexeme, LexemeKind
from compiler.frontends.c.tokens import is_keyword

_REPORT = re.compile(r"(.*):(\d+):(\d+): (.*)", re.DOTALL)
_AT_A_NAME = ("Missing type", "Invalid function definition")
_BEFORE_A_TYPE = frozenset("; { } ( , const static extern inline volatile register typedef".split())
_STANDARD_TYPES = {
    "stdint.h": (
        "int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t intptr_t uintptr_t intmax_t uintmax_t"
    ),
    "stddef.h": "size_t ptrdiff_t wchar_t max_align_t",
    "stdbool.h": "bool",
    "stdio.h": "FILE fpos_t",
    "stdarg.h": "va_list",
    "sys/types.h": "ssize_t off_t pid_t mode_t u_char u_short u_int u_long",
    "time.h": "time_t clock_t",
    "setjmp.h": "jmp_buf",
}
_HEADER_OF = {name: header for header, names in _STANDARD_TYPES.items() for name in names.split()}


def explain(report: str, tokens: list[Lexeme], read: int) -> Diagnostic:
    """The parser's report as a finding. `read` is how many tokens it had taken when it gave up."""
    match = _REPORT.fullmatch(report)
    if match is None:
        return _before(tokens, read - 1, ended="At end of input" in report)
    file, line, column, message = match.groups()
    at = _find(tokens, (file, int(line), int(column)), read)
    if message.startswith("before: ") and at is not None:
        return _before(tokens, at, ended=False)
    if (
        message.startswith(("Missing type", "Invalid function definition"))
        and at is not None
        and (unknown := _unknown_type(tokens, at + 1)) is not None
    ):
        return unknown
    return Diagnostic(Code.SYNTAX, message[:1].lower() + message[1:], Span(file, int(line), int(column)))


def _find(tokens: list[Lexeme], place: tuple[str, int, int], read: int) -> int | None:
    """The index of the token at a place; the last one before the point that was read."""
    for at in range(min(read, len(tokens)) - 1, -1, -1):
        if (tokens[at].file, tokens[at].line, tokens[at].column) == place:
            return at
    return None


def _before(tokens: list[Lexeme], at: int, *, ended: bool) -> Diagnostic:
    token = tokens[at]
    if ended:
        return Diagnostic(Code.SYNTAX, "the file ends inside a declaration", _span(token), help="is a `}` missing?")
    if (unknown := _unknown_type(tokens, at)) is not None:
        return unknown
    if (nested := _nested_function(tokens, at)) is not None:
        return nested
    return Diagnostic(Code.SYNTAX, f"syntax error before `{token.text}`", _span(token))


def _unknown_type(tokens: list[Lexeme], at: int) -> Diagnostic | None:
    """`name x`, `name *` or `(name) x` where a type is expected and `name` is none."""
    if not 0 < at < len(tokens):
        return None
    name = tokens[at - 1]
    if name.text == ")" and at > 2 and tokens[at - 3].text == "(":
        name = tokens[at - 2]
    elif (at > 1 and tokens[at - 2].text not in _BEFORE_A_TYPE) or not _may_follow_a_type(tokens[at]):
        return None
    if name.kind is not LexemeKind.NAME or is_keyword(name.text):
        return None
    header = _HEADER_OF.get(name.text)
    advice = f"include <{header}>" if header else "declare it, or include the header that does"
    return Diagnostic(Code.UNKNOWN_TYPE, f"unknown type name `{name.text}`", _span(name), help=advice)


def _may_follow_a_type(token: Lexeme) -> bool:
    return token.kind is LexemeKind.NAME or token.text == "*"


def _nested_function(tokens: list[Lexeme], at: int) -> Diagnostic | None:
    """`type name ( … ) {` where the parser does not expect a body: inside another function."""
    if tokens[at].text != "{" or tokens[at - 1].text != ")":
        return None
    depth, opening = 0, at - 1
    while opening > 1:
        depth += (tokens[opening].text == ")") - (tokens[opening].text == "(")
        if depth == 0:
            break
        opening -= 1
    name, before = tokens[opening - 1], tokens[opening - 2]
    if name.kind is not LexemeKind.NAME or not (before.kind is LexemeKind.NAME or before.text == "*"):
        return None
    advice = "move it out, and pass what it uses as parameters"
    return Diagnostic(Code.NESTED_FUNCTION, f"`{name.text}` is defined inside a function", _span(name), help=advice)


def _span(token: Lexeme) -> Span:
    length = 0 if token.kind is LexemeKind.MARK else len(token.text)
    return Span(token.file, token.line, token.column, length)
