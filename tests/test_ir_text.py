"""IR text: round trips, and errors at the line at fault."""

import pytest
from xdsl.context import Context
from xdsl.dialects.arith import Arith
from xdsl.dialects.builtin import Builtin

from compiler.codes import Code
from compiler.diagnostics import CompileError, Span
from compiler.ir_text import from_text, to_text
from compiler.locations import span_of, unlocated

TEXT = """\
builtin.module {
  %0 = arith.constant 7 : i32
  %1 = arith.addi %0, %0 : i32
}
"""


@pytest.fixture
def context() -> Context:
    context = Context()
    context.load_dialect(Builtin)
    context.load_dialect(Arith)
    return context


def refused(text: str, context: Context) -> tuple[Code, Span | None]:
    with pytest.raises(CompileError) as caught:
        from_text(text, "x.mlir", context)
    (diagnostic,) = caught.value.diagnostics
    return diagnostic.code, diagnostic.span


def test_text_comes_back(context: Context) -> None:
    assert to_text(from_text(TEXT, "x.mlir", context)) == TEXT


def test_with_locations_the_module_comes_back(context: Context) -> None:
    located = to_text(from_text(TEXT, "x.mlir", context), locations=True)
    assert 'loc("x.mlir":3:3)' in located
    assert to_text(from_text(located, "other.mlir", context), locations=True) == located


def test_an_op_without_location_is_located_in_the_text(context: Context) -> None:
    module = from_text(TEXT, "x.mlir", context)
    assert not list(unlocated(module))
    assert [span_of(op) for op in module.ops] == [Span("x.mlir", 2, 3), Span("x.mlir", 3, 3)]


def test_a_syntax_error_is_at_its_token(context: Context) -> None:
    assert refused(TEXT.replace("%0, %0", "%0, ?"), context) == (Code.IR_SYNTAX, Span("x.mlir", 3, 23))


def test_an_unknown_op_is_named_where_it_stands(context: Context) -> None:
    assert refused(TEXT.replace("arith.addi", "arith.nope"), context) == (Code.IR_SYNTAX, Span("x.mlir", 3, 3))


def test_invalid_ir_is_at_the_op_at_fault(context: Context) -> None:
    bad = '"builtin.module"() ({\n  %0 = "arith.constant"() : () -> i32\n}) : () -> ()'
    assert refused(bad, context) == (Code.IR_INVALID, Span("x.mlir", 2, 3))
