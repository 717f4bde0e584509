"""From rust ops to Rust syntax: expressions, with the parentheses that precedence asks for.

    rust.cast (rust.binary "+" %a, %b) : u64       is       (a + b) as u64

Ops of one tree stand before their user, so a block is read once, front to back, without recursion: each op finds its operands done.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xdsl.ir import Attribute, Operation

from compiler.dialects import rust
from compiler.dialects.rust_types import NamedType, ScalarType
from compiler.emit import rust_literals
from compiler.emit.rust_properties import optional_text, text, texts
from compiler.emit.rust_types import syntax
from compiler.emit.rustfmt.calls import Array, Call, Macro, StructLiteral, Tuple
from compiler.emit.rustfmt.chains import Chain, Link
from compiler.emit.rustfmt.expressions import Index, Paren, Prefix
from compiler.emit.rustfmt.pairs import Binary, Cast, Range, Repeat
from compiler.emit.rustfmt.precedence import Precedence, operand_wants_parentheses
from compiler.emit.rustfmt.tree import Expr, Literal, StringLiteral, Text


def at_least(operand: Expr, precedence: Precedence) -> Expr:
    """The operand, in parentheses if it binds less tightly."""
    return Paren(operand) if operand.precedence() < precedence or operand.is_block() else operand


def as_condition(condition: Expr) -> Expr:
    """Before a `{`: a struct literal would be taken for the block."""
    return Paren(condition) if condition.has_bare_struct() else condition


def _scalar(ty: Attribute) -> ScalarType:
    assert isinstance(ty, ScalarType)
    return ty


def _suffix(op: Operation) -> str:
    return _scalar(op.results[0].type).kind.data if "suffix" in op.properties else ""


def _literal(op: rust.LitOp, _operands: Sequence[Expr]) -> Expr:
    return Literal(rust_literals.integer(op.value.data, optional_text(op, "spelling")) + _suffix(op))


def _bool(op: rust.BoolOp, _operands: Sequence[Expr]) -> Expr:
    return Literal("true" if op.value.data else "false")


def _float(op: rust.FloatOp, _operands: Sequence[Expr]) -> Expr:
    digits = rust_literals.floating(op.value.value.data, _scalar(op.results[0].type).width)
    if "::" in digits:
        return Text(digits, simple=False)
    return Literal(digits + _suffix(op))


def _bytes(op: rust.BytesOp, _operands: Sequence[Expr]) -> Expr:
    return Literal(rust_literals.byte_string(bytes.fromhex(text(op, "bytes"))))


def _str(op: rust.StrOp, _operands: Sequence[Expr]) -> Expr:
    return StringLiteral(rust_literals.string(text(op, "text")))


def _path(op: rust.PathOp, _operands: Sequence[Expr]) -> Expr:
    path = text(op, "path")
    return Text(path, simple="::" not in path)


def _binary(op: rust.BinaryOp, operands: Sequence[Expr]) -> Expr:
    kind = text(op, "kind")
    lhs = _operand(kind, operands[0], on_right=False)
    if kind in ("<", "<<") and lhs.ends_in_cast():
        lhs = Paren(lhs)
    return Binary(kind, lhs, _operand(kind, operands[1], on_right=True))


def _operand(kind: str, operand: Expr, *, on_right: bool) -> Expr:
    wanted = operand_wants_parentheses(kind, operand.precedence(), on_right=on_right)
    return Paren(operand) if wanted or operand.is_block() else operand


def _unary(op: rust.UnaryOp, operands: Sequence[Expr]) -> Expr:
    kind = text(op, "kind")
    operand = at_least(operands[0], Precedence.UNARY)
    if kind == "-" and operand.flat is not None and operand.flat.startswith("-"):
        operand = Paren(operand)
    return Prefix(kind, operand)


def _deref(_op: rust.DerefOp, operands: Sequence[Expr]) -> Expr:
    return Prefix("*", at_least(operands[0], Precedence.UNARY))


def _ref(op: rust.RefOp, operands: Sequence[Expr]) -> Expr:
    return Prefix("&mut " if "mutable" in op.properties else "&", at_least(operands[0], Precedence.UNARY))


def _cast(op: rust.CastOp, operands: Sequence[Expr]) -> Expr:
    return Cast(at_least(operands[0], Precedence.CAST), syntax(op.results[0].type))


def _call(op: rust.CallOp, operands: Sequence[Expr]) -> Expr:
    return Call(text(op, "callee"), operands)


def _link(receiver: Expr, link: Link) -> Expr:
    receiver = at_least(receiver, Precedence.POSTFIX)
    return receiver.followed_by(link) if isinstance(receiver, Chain) else Chain(receiver, (link,))


def _method(op: rust.MethodOp, operands: Sequence[Expr]) -> Expr:
    turbofish = optional_text(op, "turbofish")
    name = text(op, "method") + ("" if turbofish is None else f"::<{turbofish}>")
    return _link(operands[0], Link(name, operands[1:]))


def _field(op: rust.FieldOp, operands: Sequence[Expr]) -> Expr:
    return _link(operands[0], Link(text(op, "field")))


def _macro(op: rust.MacroOp, operands: Sequence[Expr]) -> Expr:
    return Macro(text(op, "callee"), operands)


def _index(_op: rust.IndexOp, operands: Sequence[Expr]) -> Expr:
    return Index(at_least(operands[0], Precedence.POSTFIX), operands[1])


def _range(op: rust.RangeOp, operands: Sequence[Expr]) -> Expr:
    bounds = [at_least(operand, Precedence.OR) for operand in operands]
    lo = bounds[0] if "has_lo" in op.properties else None
    hi = bounds[-1] if "has_hi" in op.properties else None
    return Range(lo, hi, "..=" if "inclusive" in op.properties else "..")


def _array(_op: rust.ArrayOp, operands: Sequence[Expr]) -> Expr:
    return Array(operands)


def _repeat(op: rust.RepeatOp, operands: Sequence[Expr]) -> Expr:
    return Repeat(operands[0], Text(str(op.count.data)))


def _struct_literal(op: rust.StructLitOp, operands: Sequence[Expr]) -> Expr:
    ty = op.results[0].type
    assert isinstance(ty, NamedType)
    return StructLiteral(ty.symbol.data, list(zip(texts(op, "field_names"), operands, strict=True)))


def _tuple(_op: rust.TupleOp, operands: Sequence[Expr]) -> Expr:
    return Tuple(operands) if operands else Text("()", simple=False)


_Reader = Callable[..., Expr]

READERS: dict[type[Operation], _Reader] = {
    rust.LitOp: _literal,
    rust.BoolOp: _bool,
    rust.FloatOp: _float,
    rust.BytesOp: _bytes,
    rust.StrOp: _str,
    rust.PathOp: _path,
    rust.BinaryOp: _binary,
    rust.UnaryOp: _unary,
    rust.DerefOp: _deref,
    rust.RefOp: _ref,
    rust.CastOp: _cast,
    rust.CallOp: _call,
    rust.MethodOp: _method,
    rust.FieldOp: _field,
    rust.MacroOp: _macro,
    rust.IndexOp: _index,
    rust.RangeOp: _range,
    rust.ArrayOp: _array,
    rust.RepeatOp: _repeat,
    rust.StructLitOp: _struct_literal,
    rust.TupleOp: _tuple,
}
"""How each expression op without regions reads: `(op, operands) -> syntax`."""
