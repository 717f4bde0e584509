"""allow-lints: an item allows the lints that only other names, another signature or another meaning could satisfy.

    fn f(foo: u32) { loop { } }            #[allow(clippy::disallowed_names, clippy::empty_loop)] fn f(foo: u32) { loop { } }

Input and output: rust, all other rewrites done; what those allowed themselves stays. A lint is allowed where its pattern is
in the code: nowhere else, and never for a whole file.
Why here: after every pass that could still remove the pattern.
Limits: it knows the lints that C code has been seen to raise; the pattern may be wider than the lint's own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ArrayAttr, ModuleOp, StringAttr
from xdsl.ir import Block, Operation, SSAValue

from compiler.analysis.rust_trees import blocks_of, is_binding, is_pure, literal, same, tree_ops, tree_root
from compiler.dialects import rust
from compiler.dialects.rust_build import place_type
from compiler.dialects.rust_types import ArrayType, ScalarType
from compiler.passes.c_to_rust.folds.intervals import decided
from compiler.passes.c_to_rust.folds.terms import NEGATED, binary, boolean, is_integer, is_unsigned, kind_of
from compiler.passes.c_to_rust.move_elements import is_copy_loop

PLACEHOLDERS = ("foo", "baz", "quux")


@dataclass(frozen=True, slots=True)
class AllowLints:
    name: ClassVar[str] = "allow-lints"

    def apply(self, ctx: Context, op: ModuleOp, /) -> None:
        for item in op.body.block.ops:
            if isinstance(item, rust.FnOp | rust.ConstOp | rust.StructOp):
                _allow(item, sorted(set(_lints(item))))


def _allow(item: rust.FnOp | rust.ConstOp | rust.StructOp, lints: list[str]) -> None:
    allowed = [lint.data for lint in item.allow]
    more = [lint for lint in lints if lint not in allowed]
    if more:
        item.allow = ArrayAttr([StringAttr(lint) for lint in [*allowed, *more]])


def _lints(item: rust.FnOp | rust.ConstOp | rust.StructOp) -> Iterator[str]:
    if isinstance(item, rust.StructOp):
        yield from _of_struct(item)
        return
    if isinstance(item, rust.FnOp):
        yield from _of_names(name.data for name in item.param_names)
    for op in item.walk():
        rule = _RULES.get(type(op))
        if rule is not None:
            yield from rule(op)


def _of_struct(item: rust.StructOp) -> Iterator[str]:
    """`struct ABC`: an acronym all in capitals, which nobody outside relies on."""
    name = item.sym_name.data
    if item.public is None and len(name) > 2 and name.isalpha() and name.isupper():
        yield "clippy::upper_case_acronyms"


# --- statements -------------------------------------------------------------------------------------------


def _of_let(op: Operation) -> Iterator[str]:
    names = [op.var_name] if isinstance(op, rust.LetOp) else op.names if isinstance(op, rust.LetTupleOp) else ()
    yield from _of_names(name.data for name in names)


def _of_names(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        if name in PLACEHOLDERS:
            yield "clippy::disallowed_names"
        if name != "_" and not name.strip("_0123456789"):
            yield "clippy::just_underscores_and_digits"


def _of_for(op: Operation) -> Iterator[str]:
    assert isinstance(op, rust.ForOp)
    yield from _of_names(name.data for name in op.names)
    if is_copy_loop(op):
        yield "clippy::manual_memcpy"


def _of_loop(op: Operation) -> Iterator[str]:
    if op.regions[0].block.is_empty:
        yield "clippy::empty_loop"


def _of_while(op: Operation) -> Iterator[str]:
    assert isinstance(op, rust.WhileOp)
    tested, body = op.cond.block, op.body.block
    if any(each.regions for each in tested.ops):
        yield "clippy::blocks_in_conditions"
    read = {operand for each in tested.ops for operand in each.operands if is_binding(operand)}
    calls = any(isinstance(each, rust.CallOp | rust.MethodOp | rust.MacroOp) for each in tested.ops)
    if read and not calls and not any(each in read for inner in body.walk() for each in inner.operands):
        yield "clippy::while_immutable_condition"


def _of_if(op: Operation) -> Iterator[str]:
    assert isinstance(op, rust.IfOp)
    root = tree_root(op.operands[0])
    if root is not None and any(isinstance(each, rust.BlockOp) for each in tree_ops(root)):
        yield "clippy::blocks_in_conditions"
    compared = binary(op.operands[0], "==", "!=", ">")
    if compared is None or not is_unsigned(compared.operands[0].type) or literal(compared.operands[1]) != 0:
        return
    divided = op.orelse.block if kind_of(compared) == "==" else op.then.block
    if _divides(divided, compared.operands[0]):
        yield "clippy::manual_checked_ops"


def _divides(block: Block, divisor: SSAValue) -> bool:
    """Some division by what the condition compares with 0."""
    divisions = (op for op in block.walk() if type(op) in _ARITHMETIC and kind_of(op) in ("/", "%"))
    return any(same(op.operands[1], divisor) for op in divisions)


_ARITHMETIC = frozenset((rust.BinaryOp, rust.AssignOpOp))


def _of_match(op: Operation) -> Iterator[str]:
    """An arm that is only an `if`, which could be its guard: the last arm does nothing."""
    blocks = list(blocks_of(op))
    if not op.results and blocks[-1].is_empty and any(_is_only_if(block) for block in blocks):
        yield "clippy::collapsible_match"


def _is_only_if(block: Block) -> bool:
    last = block.last_op
    statements = sum(1 for op in block.ops if rust.is_statement(op))
    return isinstance(last, rust.IfOp) and not last.results and statements == 1 and last.orelse.block.is_empty


# --- expressions ------------------------------------------------------------------------------------------


def _of_unary(op: Operation) -> Iterator[str]:
    """`!(x < y)` of floats, which NaN makes different from `x >= y`."""
    compared = binary(op.operands[0], "<", "<=", ">", ">=")
    if kind_of(op) == "!" and compared is not None:
        ty = compared.operands[0].type
        if isinstance(ty, ScalarType) and ty.is_float:
            yield "clippy::neg_cmp_op_on_partial_ord"


def _of_binary(op: Operation) -> Iterator[str]:
    kind, right = kind_of(op), literal(op.operands[1])
    ty = op.operands[0].type
    if kind in ("/", "%") and right == 0:
        yield "unconditional_panic"
    if kind in ("<<", ">>") and right is not None and isinstance(ty, ScalarType) and not 0 <= right < ty.width:
        yield "arithmetic_overflow"
    if kind in ("|", "^", "+") and _is_signed_rotation(op):
        yield "clippy::manual_rotate"
    if kind in ("&&", "||"):
        yield from _of_logic(op)
    if kind in NEGATED and is_integer(ty) and decided(kind, op.operands[0], op.operands[1]) is not None:
        yield from ("clippy::absurd_extreme_comparisons", "clippy::bad_bit_mask", "unused_comparisons")
    if kind in ("*", "&") and 0 in (literal(op.operands[0]), right):
        yield from ("clippy::bad_bit_mask", "clippy::erasing_op")
    if kind in _SENSELESS and same(op.operands[0], op.operands[1]) and not is_pure(op.operands[0]):
        yield "clippy::eq_op"


_SENSELESS = ("==", "!=", "<", "<=", ">", ">=", "&&", "||", "-", "/", "&", "|", "^")


def _is_signed_rotation(op: Operation) -> bool:
    """Two shifts that would be a rotation of an unsigned number."""
    first, second = binary(op.operands[0], "<<", ">>"), binary(op.operands[1], "<<", ">>")
    if first is None or second is None or kind_of(first) == kind_of(second):
        return False
    return same(first.operands[0], second.operands[0]) and not is_unsigned(op.results[0].type)


def _of_logic(op: Operation) -> Iterator[str]:
    """A condition that says something twice, or a comparison of floats with both ends of a range."""
    use = op.results[0].get_unique_use()
    if use is not None and isinstance(use.operation, rust.BinaryOp | rust.UnaryOp):
        return  # looked at as a whole
    terms = list(_terms(op.results[0]))
    if any(boolean(term) is not None for term in terms) or any(
        _overlap(one, other) for n, one in enumerate(terms) for other in terms[n + 1 :]
    ):
        yield "clippy::nonminimal_bool"
        yield "clippy::overly_complex_bool_expr"
    for inner in tree_ops(op):
        if isinstance(inner, rust.BinaryOp) and kind_of(inner) == "||" and _is_float_range(inner):
            yield "clippy::manual_range_contains"


def _terms(value: SSAValue) -> Iterator[SSAValue]:
    """What && || ! are applied to."""
    owner = value.owner
    if isinstance(owner, rust.BinaryOp) and kind_of(owner) in ("&&", "||"):
        for operand in owner.operands:
            yield from _terms(operand)
    elif isinstance(owner, rust.UnaryOp):
        yield from _terms(owner.operands[0])
    else:
        yield value


def _overlap(one: SSAValue, other: SSAValue) -> bool:
    """The same, or one the opposite of the other."""
    if same(one, other):
        return True
    first, second = binary(one, *NEGATED), binary(other, *NEGATED)
    if first is None or second is None or kind_of(second) != NEGATED[kind_of(first)]:
        return False
    return same(first.operands[0], second.operands[0]) and same(first.operands[1], second.operands[1])


def _is_float_range(op: Operation) -> bool:
    first, second = binary(op.operands[0], "<", ">"), binary(op.operands[1], "<", ">")
    if first is None or second is None or kind_of(first) == kind_of(second):
        return False
    ty = first.operands[0].type
    return isinstance(ty, ScalarType) and ty.is_float and same(first.operands[0], second.operands[0])


def _of_index(op: Operation) -> Iterator[str]:
    ty, index = place_type(op.operands[0].type), literal(op.operands[1])
    if isinstance(ty, ArrayType) and index is not None and index >= ty.size.data:
        yield "unconditional_panic"
        yield "clippy::out_of_bounds_indexing"


def _of_float(op: Operation) -> Iterator[str]:
    assert isinstance(op, rust.FloatOp)
    if any(_resembles(op.value.value.data, known) for known in _CONSTANTS):
        yield "clippy::approx_constant"


_CONSTANTS = (
    *(math.pi, math.e, math.tau, math.log(2), math.log(10), math.log2(10), math.log2(math.e), math.log10(2)),
    *(math.log10(math.e), math.sqrt(2), (1 + math.sqrt(5)) / 2, 0.5772156649015329),
    *(math.pi / n for n in (2, 3, 4, 6, 8)),
    *(1 / math.pi, 2 / math.pi, 1 / math.sqrt(2), 2 / math.sqrt(math.pi)),
)


def _resembles(value: float, known: float) -> bool:
    """The literal is the constant, as far as its digits go."""
    digits = len(repr(value).partition(".")[2])
    return digits >= 2 and abs(value - known) <= 10.0 ** -min(digits, 15)


_RULES: Mapping[type[Operation], Callable[[Operation], Iterator[str]]] = {
    rust.LetOp: _of_let,
    rust.LetTupleOp: _of_let,
    rust.ForOp: _of_for,
    rust.LoopOp: _of_loop,
    rust.WhileOp: _of_while,
    rust.IfOp: _of_if,
    rust.MatchOp: _of_match,
    rust.UnaryOp: _of_unary,
    rust.BinaryOp: _of_binary,
    rust.IndexOp: _of_index,
    rust.FloatOp: _of_float,
}
