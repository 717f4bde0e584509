"""IR from text.

    read(text, "x.mlir", context)   # a verified module, or CompileError at the line at fault

An op that is read without a location gets its place in the text itself, so that every op of every module has one. `ir_text` imports this
only when IR is read: xDSL's parser takes a tenth of the time that a translation of C takes to start.
"""

import re
from bisect import bisect_right
from itertools import accumulate

from xdsl.context import Context
from xdsl.dialects.builtin import UNKNOWN_LOC, ModuleOp
from xdsl.ir import Operation
from xdsl.parser import Parser, ParserState
from xdsl.utils.exceptions import ParseError, VerifyException
from xdsl.utils.lexer import Input
from xdsl.utils.mlir_lexer import MLIRLexer, MLIRTokenKind

from compiler.codes import Code
from compiler.diagnostics import CompileError, Span, refusal
from compiler.locations import location, span_of
from compiler.objection import Objection


def read(text: str, file: str, context: Context) -> ModuleOp:
    """The module that a text says, verified."""
    parser = _LocatingParser(context, text, file)
    try:
        module = parser.parse_module()
    except ParseError as error:
        raise refusal(Code.IR_SYNTAX, parser.blamed(error), _in_words(error.msg)) from error
    except VerifyException as error:
        raise refusal(Code.IR_INVALID, parser.place, _first_line(error)) from error
    except (CompileError, RecursionError):
        raise
    except Exception as error:  # xDSL's parsers take some things for granted that a text need not give
        raise refusal(Code.IR_SYNTAX, parser.place, f"this does not parse: {_first_line(error)}") from error
    _verify(module)
    return module


def _verify(module: ModuleOp) -> None:
    for op in module.walk():
        try:
            op.verify(verify_nested_ops=False)
        except Objection as error:
            raise refusal(error.code, span_of(op), str(error), help=error.help) from error
        except VerifyException as error:
            raise refusal(Code.IR_INVALID, span_of(op), _first_line(error)) from error


def _in_words(message: str) -> str:
    """xDSL's message when text follows, or stands where, the operations: with nothing of it understood."""
    return "no operation of MLIR begins here" if message == "Could not parse entire input!" else message


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


class _Lexer(MLIRLexer):
    """xDSL's lexer, but a string that is not closed ends in an error at once: backtracking through it takes forever."""

    _unescaped_characters_regex = re.compile(r'"(?:[^"\\\n\v\f]++|\\(?:["nt\\]|[0-9A-Fa-f]{2}))*+"')


_UNDEFINED = re.compile(r"values used but not defined: \[(%[\w$.-]+)")


class _LocatingParser(Parser):
    """xDSL's parser, but an op written without `loc(...)` is located in the text."""

    def __init__(self, context: Context, text: str, file: str) -> None:
        super().__init__(context, "", file)
        self._file, self._text = file, text
        self._op_start = 0
        self._line_starts = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]

    def parse_module(self, allow_implicit_module: bool = True) -> ModuleOp:
        self._parser_state = ParserState(_Lexer(Input(self._text, self._file)))  # reads the first token
        return super().parse_module(allow_implicit_module)

    def parse_operation(self) -> Operation:
        start = self._op_start = self._current_token.span.start
        op = super().parse_operation()
        if op.location is UNKNOWN_LOC:
            place = self.span(start)
            op.location = location(place.file, place.line, place.column)
        return op

    def parse_optional_str_literal(self) -> str | None:
        """xDSL writes letters beyond ASCII as bytes, and reads those as an attribute of bytes."""
        found = super().parse_optional_str_literal()
        if found is None and self._current_token.kind is MLIRTokenKind.BYTES_LIT:
            data = self.parse_optional_bytes_literal()
            assert data is not None
            return data.decode("utf-8", "replace")
        return found

    def _get_op_by_name(self, name: str) -> type[Operation]:
        """xDSL reports an unknown op at the token after it, be it on another line."""
        try:
            return super()._get_op_by_name(name)
        except ParseError as error:
            self.raise_error(error.msg, self._op_start)

    def blamed(self, error: ParseError) -> Span:
        """Where the fault is: xDSL reports a value that nothing defines at the end of the text, not where it is used."""
        undefined = _UNDEFINED.match(error.msg)
        used = re.search(rf"{re.escape(undefined.group(1))}(?![\w$.-])", self._text) if undefined else None
        return self.span(used.start() if used else error.span.start)

    @property
    def place(self) -> Span:
        """Where the op begins that was last begun."""
        return self.span(self._op_start)

    def span(self, position: int) -> Span:
        line = bisect_right(self._line_starts, position)
        return Span(self._file, line, position - self._line_starts[line - 1] + 1)
