"""Reading and building operands inside the rules."""

from __future__ import annotations

from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.ir import Attribute, Operation, SSAValue

from compiler.analysis.rust_trees import literal
from compiler.dialects import rust
from compiler.dialects.rust_build import Builder
from compiler.dialects.rust_types import BOOL, SCALAR, ScalarType

COMMUTATIVE = frozenset(("+", "*", "&", "|", "^"))
NEGATED = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
MIRRORED = {"==": "==", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}


def is_integer(ty: Attribute) -> bool:
    return isinstance(ty, ScalarType) and ty.is_integer


def is_unsigned(ty: Attribute) -> bool:
    return isinstance(ty, ScalarType) and ty.is_integer and not ty.signed


def bounds(ty: ScalarType) -> tuple[int, int]:
    """The least and greatest value of an integer type (or bool)."""
    if ty == BOOL:
        return 0, 1
    if ty.signed:
        return -(1 << (ty.width - 1)), (1 << (ty.width - 1)) - 1
    return 0, (1 << ty.width) - 1


def wrapped(value: int, ty: ScalarType) -> int:
    """The value of type `ty` with the same low bits."""
    value &= (1 << ty.width) - 1
    return value - (1 << ty.width) if ty.signed and value >> (ty.width - 1) else value


def kind_of(op: Operation) -> str:
    """The operator of a `binary` or `unary`."""
    kind = op.properties["kind"]
    assert isinstance(kind, StringAttr)
    return kind.data


def binary(value: SSAValue, *kinds: str) -> Operation | None:
    """The op of a value that is a `binary` of one of some kinds."""
    owner = value.owner
    return owner if isinstance(owner, rust.BinaryOp) and kind_of(owner) in kinds else None


def method(value: SSAValue, *names: str) -> rust.MethodOp | None:
    """The op of a value that is a call of one of some methods."""
    owner = value.owner
    return owner if isinstance(owner, rust.MethodOp) and owner.method.data in names else None


def cast_source(value: SSAValue) -> SSAValue | None:
    """What a `cast` casts."""
    owner = value.owner
    return owner.operands[0] if isinstance(owner, rust.CastOp) else None


def boolean(value: SSAValue) -> bool | None:
    """The value of `true` or `false`."""
    owner = value.owner
    return bool(owner.value.data) if isinstance(owner, rust.BoolOp) else None


def is_literal(value: SSAValue) -> bool:
    return literal(value) is not None


def constant(value: SSAValue) -> int | None:
    """The value of an integer literal, or of a named constant that is one."""
    owner = value.owner
    if type(owner) is not rust.PathOp:
        return literal(value)
    limit = _limit(owner.path.data)
    return _named_value(owner, owner.path.data) if limit is None else limit


def _limit(path: str) -> int | None:
    """`u32::MAX` and its like."""
    kind, _, name = path.partition("::")
    if kind not in SCALAR or name not in ("MIN", "MAX") or not SCALAR[kind].is_integer:
        return None
    return bounds(SCALAR[kind])[name == "MAX"]


def computed(value: SSAValue) -> int | None:
    """The value of an integer expression of literals and named constants; None also where it would overflow."""
    known = constant(value)
    if known is not None or not isinstance(value.type, ScalarType) or not value.type.is_integer:
        return known
    owner = value.owner
    if isinstance(owner, rust.CastOp):
        source = computed(owner.operands[0])
        return None if source is None else wrapped(source, value.type)
    if isinstance(owner, rust.UnaryOp):
        source = computed(owner.operands[0])
        if source is None or (kind_of(owner) == "-" and source == bounds(value.type)[0]):
            return None
        return -source if kind_of(owner) == "-" else wrapped(~source, value.type)
    if not isinstance(owner, rust.BinaryOp):
        return None
    left, right = computed(owner.operands[0]), computed(owner.operands[1])
    result = None if left is None or right is None else arithmetic(kind_of(owner), left, right)
    low, high = bounds(value.type)
    return result if result is not None and low <= result <= high else None


def arithmetic(kind: str, left: int, right: int) -> int | None:
    """What + - * / % give, division as C and Rust have it: towards zero."""
    match kind:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/" | "%" if right != 0:
            quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
            return quotient if kind == "/" else left - quotient * right
        case _:
            return None


def _named_value(op: Operation, name: str) -> int | None:
    while (above := op.parent_op()) is not None:
        op = above
    assert isinstance(op, ModuleOp)
    items = (item for item in op.body.block.ops if isinstance(item, rust.ConstOp) and item.sym_name.data == name)
    item = next(items, None)
    last = item and item.init.block.last_op
    return literal(last.operands[0]) if isinstance(last, rust.YieldOp) else None


def spelling(value: SSAValue) -> str | None:
    owner = value.owner
    if isinstance(owner, rust.LitOp) and owner.spelling is not None:
        return owner.spelling.data
    return None


def retyped(b: Builder, value: SSAValue, ty: ScalarType) -> SSAValue:
    """The literal `value` as a literal of another integer type, wrapped into it."""
    number = literal(value)
    assert number is not None
    new = wrapped(number, ty)
    if new != number and ty.width > 8 and new == bounds(ty)[1]:
        return b.path(f"{ty.kind.data}::MAX", ty)
    spelt = spelling(value)
    if new != number and new > 255:
        spelt = "hex"
    elif spelt == "byte" and ty.width != 8:
        spelt = None
    return b.lit(new, ty, spelt)
