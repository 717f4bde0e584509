"""Scalar and struct expressions, exactly as C computes them.

    (uint8_t)(x ^ y)  with uint8_t x, y        x ^ y                      computed in the narrow type: the promotions cancel
    a + b             unsigned                 a.wrapping_add(b)          a + b, when it is proven not to wrap
    a + b             signed                   a + b                      overflow is undefined in C and trapped in a debug build

Each rule is exact for every execution that C defines.
"""

from __future__ import annotations

from collections.abc import Callable

from xdsl.ir import Attribute, Block, Operation, Region, SSAValue

from compiler.analysis.interval import Interval
from compiler.analysis.loops import constant_of
from compiler.analysis.paths import BaseKind
from compiler.analysis.ranges import type_range
from compiler.analysis.representation import Shape
from compiler.analysis.variables import is_binding
from compiler.codes import Code
from compiler.diagnostics import refusal
from compiler.dialects import minic
from compiler.dialects.minic_types import INTS, ArrayType, FloatType, IntType, PtrType, StructType
from compiler.dialects.rust_types import BOOL, SCALAR, USIZE, ScalarType
from compiler.passes.c_to_rust.lower.names import rust_name
from compiler.passes.c_to_rust.lower.places import Places
from compiler.passes.c_to_rust.lower.types import element_type, rust_type, zero_value
from compiler.report import Rung

OPERATORS = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "div": "/",
    "rem": "%",
    "and": "&",
    "or": "|",
    "xor": "^",
    "shl": "<<",
    "shr": ">>",
}
_WRAPPING = {"add": "wrapping_add", "sub": "wrapping_sub", "mul": "wrapping_mul"}
_LARGE = 1 << 16
"""Folded constants above this are spelled in hexadecimal."""
_MODULAR = frozenset(("add", "sub", "mul", "and", "or", "xor"))
"""Operations whose low bits depend on the operands' low bits alone."""


class Values(Places):
    """Layer 3: values."""

    def value(self, value: SSAValue) -> SSAValue:
        op = value.owner
        match op:
            case minic.ConstOp():
                return self._constant(op)
            case minic.FloatConstOp():
                kind = rust_type(value.type)
                assert isinstance(kind, ScalarType)
                return self.b.float_(op.value.value.data, kind)
            case minic.LoadOp():
                return self._load(op)
            case minic.BinaryOp():
                return self._binary(op)
            case minic.UnaryOp():
                return self._unary(op)
            case minic.CastOp():
                return self._cast(op)
            case minic.CompareOp() | minic.TruthOp() | minic.NotOp() | minic.LogicalOp():
                return self.cond(value)
            case minic.SelectOp():
                cond = self.cond(op.cond)
                blocks = self._yielding(op.if_true), self._yielding(op.if_false)
                return self.b.if_value(cond, *blocks, rust_type(value.type))
            case minic.ZeroOp():
                return zero_value(self.b, value.type, self.program)
            case minic.AggregateOp():
                return self._aggregate(op)
            case minic.CallOp():
                return self.call(op)
            case minic.PtrDiffOp():
                return self.difference(op)
            case _ if isinstance(value.type, PtrType):
                raise refusal(
                    Code.UNFOLLOWED_POINTER,
                    None,
                    "a pointer is used where it cannot be followed",
                    help="keep pointers in parameters and local variables",
                )
            case _:
                raise AssertionError(f"not a value: {op}")

    def call(self, op: minic.CallOp) -> SSAValue:
        """A call in an expression."""
        raise NotImplementedError

    def difference(self, op: minic.PtrDiffOp) -> SSAValue:
        """The distance of two pointers."""
        raise NotImplementedError

    # --- leaves --------------------------------------------------------------------------------------------------------------

    def _constant(self, op: minic.ConstOp) -> SSAValue:
        kind = rust_type(op.result.type)
        if op.symbol is not None and (name := self.analyses.items.get(op.symbol.data)) is not None:
            return self.b.cast(self.b.path(name, self.analyses.constant_types[op.symbol.data]), kind)
        if kind == BOOL:
            return self.b.bool_(op.value.data != 0)
        spelling = op.spelling.data if op.spelling is not None else None
        return self.literal(op.value.data, kind, spelling)

    def literal(self, value: int, kind: Attribute, spelling: str | None = None) -> SSAValue:
        """A literal of a Rust type, spelled as in C where Rust has that spelling."""
        if value < 0 and kind == SCALAR["u8"]:
            value &= 0xFF  # a negative `char`
        if spelling == "char":
            spelling = "byte" if kind == SCALAR["u8"] and 0 <= value < 128 else None
        return self.b.lit(value, kind, spelling if value >= 0 else None)

    def _load(self, op: minic.LoadOp) -> SSAValue:
        if isinstance(op.result.type, PtrType):
            raise self.refuse(
                Code.UNFOLLOWED_POINTER,
                op,
                "a pointer is used where it cannot be followed",
                help="keep pointers in parameters and local variables",
            )
        binding = self.binding_of_load(op.result)
        if binding is not None:
            return self.b.cast(binding, rust_type(op.result.type))
        if is_binding(op.place):
            raise AssertionError("a variable without a binding is read")
        return self.place(self.path_of(op.place), op)

    def _aggregate(self, op: minic.AggregateOp) -> SSAValue:
        kind = op.result.type
        if isinstance(kind, StructType):
            struct = self.program.structs[kind.symbol.data]
            names = [rust_name(name.data) for name in struct.field_names.data]
            values = [
                self._field_value(each, want) for each, want in zip(op.elements, struct.field_types.data, strict=True)
            ]
            return self.b.struct_lit(rust_type(kind), dict(zip(names, values, strict=True)))
        assert isinstance(kind, ArrayType)
        text = self._text_of(op, kind)
        if text is not None:
            return self.b.deref(self.b.bytes_(text))
        missing = kind.size.data - len(op.elements)
        if missing and all(self._is_zero(each) for each in op.elements):
            return zero_value(self.b, kind, self.program)
        elements = [self._element(each) for each in op.elements]
        elements += [zero_value(self.b, kind.element, self.program) for _ in range(missing)]
        return self.b.array(elements, element_type(kind.element))

    def _text_of(self, op: minic.AggregateOp, kind: ArrayType) -> bytes | None:
        """The array is initialized by a string: `*b"text\\0"`, unless most of that would be zeros."""
        if kind.element in (_CHAR, INTS["u8"]) and any(self._spelled(each) == "char" for each in op.elements):
            values = [constant_of(each) for each in op.elements]
            data = bytes(each & 255 for each in values if each is not None).ljust(kind.size.data, b"\0")
            zeros = len(data) - len(data.rstrip(b"\0"))
            return data if None not in values and zeros <= _FEW_ZEROS else None
        return None

    def _element(self, value: SSAValue) -> SSAValue:
        """An element of an array; pointers are literals (`holds_literals`)."""
        return self.table_text(value) if isinstance(value.type, PtrType) else self.value(value)

    def table_text(self, pointer: SSAValue) -> SSAValue:
        """A string literal as a slice."""
        return self.static_text(pointer)

    def _field_value(self, value: SSAValue, kind: Attribute) -> SSAValue:
        if not isinstance(kind, PtrType):
            return self.value(value)
        if isinstance(value.owner, minic.NullOp | minic.ZeroOp):
            return zero_value(self.b, kind, self.program)
        return self.slice_at(value, not kind.is_const.data, _owner(value))

    def slice_at(self, pointer: SSAValue, mutable: bool, at: Operation) -> SSAValue:
        """What a pointer points at, to the end of its array, as a slice that something is to hold."""
        path = self.resolve(pointer)
        if path.is_null:
            assert isinstance(pointer.type, PtrType)
            return zero_value(self.b, pointer.type, self.program)
        if mutable and path.base.kind is BaseKind.FIELD:
            raise self.refuse(
                Code.MUTABLE_ALIAS,
                at,
                "two structs would hold the same mutable pointer",
                help="that takes cells (rung 6); pass the buffer where it is used",
            )
        return self.borrow(path, Shape(Rung.SLICE, self.type_at(path), mutable), at)

    def _is_zero(self, value: SSAValue) -> bool:
        op = value.owner
        if isinstance(op, minic.AggregateOp):
            return all(self._is_zero(each) for each in op.elements)
        return isinstance(op, minic.ZeroOp) or constant_of(value) == 0

    def _yielding(self, region: Region) -> Block:
        """A region that yields a value, as a Rust block."""
        return self.region_block(region, lambda end: self.b.yield_(self.value(end)))

    def region_block(self, region: Region, finish: Callable[[SSAValue], None]) -> Block:
        """The statements of a region, and what `finish` makes of the yielded value."""
        raise NotImplementedError

    # --- arithmetic ----------------------------------------------------------------------------------------------------------

    def _binary(self, op: minic.BinaryOp) -> SSAValue:
        if isinstance(op.result.type, IntType) and self._is_folded(op):
            known = self.interval(op.result).value
            if known is not None:
                return self.literal(known, rust_type(op.result.type), "hex" if known > _LARGE else None)
        return self.combine(op.kind.data, op.lhs, op.rhs, op.result.type)

    def _is_folded(self, op: minic.BinaryOp) -> bool:
        """Arithmetic on constants that have no names."""
        return all(constant_of(each) is not None and not self._is_named(each) for each in (op.lhs, op.rhs))

    def combine(self, kind: str, lhs: SSAValue, rhs: SSAValue, ty: Attribute) -> SSAValue:
        """`lhs kind rhs` in type `ty`, both minic values."""
        if kind in ("shl", "shr"):
            self._check_count(rhs, ty)
            left = self.value(lhs)
            return self.b.binary(OPERATORS[kind], left, self._count(rhs))
        self._check_defined(kind, lhs, rhs, ty)
        left = self.value(lhs)
        right = self.value(rhs)
        if self.wraps(kind, lhs, rhs, ty):
            return self.b.method(_WRAPPING[kind], left, right, ty=rust_type(ty))
        return self.b.binary(OPERATORS[kind], left, right)

    def _check_count(self, count: SSAValue, ty: Attribute) -> None:
        counts = self.interval(count)
        if isinstance(ty, IntType) and counts.meet(Interval(0, ty.width - 1)) is None:
            raise refusal(
                Code.CONSTANT_UNDEFINED,
                None,
                f"a shift by {counts.lo} in a type of {ty.width} bits",
                help="C leaves the result undefined",
            )

    def _check_defined(self, kind: str, lhs: SSAValue, rhs: SSAValue, ty: Attribute) -> None:
        """Signed arithmetic that surely overflows has no meaning in C, and rustc rejects it."""
        if kind not in _WRAPPING or not isinstance(ty, IntType) or not ty.signed:
            return
        a, b = self.interval(lhs), self.interval(rhs)
        exact = {"add": lambda: a + b, "sub": lambda: a - b, "mul": lambda: a * b}[kind]()
        if exact.meet(type_range(ty)) is None:
            raise refusal(
                Code.CONSTANT_UNDEFINED,
                None,
                "signed arithmetic that always overflows",
                help="C leaves the result undefined; compute in an unsigned type",
            )

    def _count(self, value: SSAValue) -> SSAValue:
        """A shift count: any integer type will do, so conversions that keep the value are dropped."""
        constant = constant_of(value)
        if constant is not None:
            return self.b.lit(constant, SCALAR["i32"])
        return self.value(self.unwidened(value))

    def unwidened(self, value: SSAValue) -> SSAValue:
        """The value before conversions that could not change it."""
        op = value.owner
        while isinstance(op, minic.CastOp) and self._keeps(op) and op.operand.type != _CHAR:
            value = op.operand
            op = value.owner
        return value

    def _keeps(self, op: minic.CastOp) -> bool:
        source = op.operand.type
        return (
            isinstance(source, IntType)
            and source.kind.data != "bool"
            and self.interval(op.operand).within(type_range(op.result.type))
        )

    def wraps(self, kind: str, lhs: SSAValue, rhs: SSAValue, ty: Attribute) -> bool:
        """True when unsigned arithmetic must be written as wrapping: the mathematical result is not proven to fit."""
        if kind not in _WRAPPING or not isinstance(ty, IntType) or ty.signed:
            return False
        a, b = self.interval(lhs), self.interval(rhs)
        exact = {"add": lambda: a + b, "sub": lambda: a - b, "mul": lambda: a * b}[kind]()
        if kind == "sub" and self.at_least(lhs, rhs):
            return False
        return not exact.within(type_range(ty))

    def _unary(self, op: minic.UnaryOp) -> SSAValue:
        kind = op.result.type
        operand = self.value(op.operand)
        if op.kind.data == "bitnot":
            return self.b.unary("!", operand)
        if isinstance(kind, IntType) and not kind.signed:
            return self.b.method("wrapping_neg", operand, ty=operand.type)
        return self.b.unary("-", operand)

    # --- conversions ---------------------------------------------------------------------------------------------------------

    def _cast(self, op: minic.CastOp) -> SSAValue:
        source, target = op.operand.type, op.result.type
        if isinstance(source, PtrType) or isinstance(target, PtrType):
            raise self.refuse(
                Code.POINTER_TO_INTEGER,
                op,
                "a pointer is made into an integer",
                help="safe Rust has no such conversion",
            )
        assert isinstance(target, IntType | FloatType)
        if target.name == "minic.int" and isinstance(target, IntType) and target.kind.data == "bool":
            return self.b.binary("!=", self.value(op.operand), self._zero(source))
        return self.converted(op.operand, target)

    def _zero(self, kind: Attribute) -> SSAValue:
        ty = rust_type(kind)
        assert isinstance(ty, ScalarType)
        return self.b.float_(0.0, ty) if ty.is_float else self.b.lit(0, ty)

    def converted(self, value: SSAValue, target: IntType | FloatType) -> SSAValue:
        """A value converted to another type as C does it."""
        kind = rust_type(target)
        if isinstance(target, IntType):
            constant = constant_of(value)
            if constant is not None and self._is_named(value) and type_range(target).contains(constant):
                bare = self._bare(value).owner
                assert isinstance(bare, minic.ConstOp) and bare.symbol is not None
                item = bare.symbol.data
                return self.b.cast(self.b.path(self.analyses.items[item], self.analyses.constant_types[item]), kind)
            if constant is not None and isinstance(value.owner, minic.ConstOp) and value.owner.symbol is None:
                return self.literal(
                    Interval.exactly(constant).wrapped(target.width, target.signed).lo or 0, kind, self._spelled(value)
                )
            if kind == USIZE and self.reads_usize(value):
                return self.index(value)
            narrowed = self._narrowed(value, target)
            if narrowed is not None:
                return narrowed
        promoted = self._promoted(value, target)
        if isinstance(target, FloatType) and promoted.type == BOOL:
            promoted = self.b.cast(promoted, SCALAR["u8"])
        return self.b.cast(promoted, kind)

    def _spelled(self, value: SSAValue) -> str | None:
        op = value.owner
        return op.spelling.data if isinstance(op, minic.ConstOp) and op.spelling is not None else None

    def _promoted(self, value: SSAValue, target: Attribute) -> SSAValue:
        """The operand of a conversion; a `char` shows its sign unless it is known to be ASCII or only its bits count."""
        if value.type == _CHAR and not self._same_bits(value, target):
            return self.b.cast(self.value(value), SCALAR["i8"])
        op = value.owner
        if isinstance(op, minic.CastOp) and isinstance(target, IntType) and self._dissolves(op, target):
            return self._promoted(op.operand, target)
        return self.value(value)

    def _same_bits(self, value: SSAValue, target: Attribute) -> bool:
        narrow = isinstance(target, IntType) and target.width == 8
        return narrow or self.interval(value).is_nonnegative

    def _dissolves(self, inner: minic.CastOp, target: IntType) -> bool:
        """`(target)(inner)x` = `(target)x`: the inner conversion kept the value, or kept all the bits that the outer one keeps."""
        source, middle = inner.operand.type, inner.result.type
        if (
            not isinstance(source, IntType)
            or not isinstance(middle, IntType)
            or "bool" in (source.kind.data, middle.kind.data)
        ):
            return False
        return self._keeps(inner) or middle.width >= target.width

    # --- narrow arithmetic ---------------------------------------------------------------------------------------------------

    def _narrowed(self, value: SSAValue, target: IntType) -> SSAValue | None:
        """Promoted arithmetic whose result is cut down again, computed in the narrow type; None when that is not exact or not simpler."""
        wide = value.type
        if (
            not isinstance(wide, IntType)
            or wide.width <= target.width
            or not isinstance(value.owner, minic.BinaryOp | minic.UnaryOp)
        ):
            return None
        return self._narrow(value, target) if self._narrows(value, target) else None

    def _narrows(self, value: SSAValue, target: IntType) -> bool:
        """Every leaf is free in the narrow type: a constant, or a conversion from a type of the same Rust type."""
        op = value.owner
        match op:
            case minic.ConstOp():
                return op.symbol is None
            case minic.CastOp():
                return rust_type(op.operand.type) == rust_type(target)
            case minic.UnaryOp():
                return self._narrows(op.operand, target)
            case minic.BinaryOp() if op.kind.data in _MODULAR:
                return self._narrows(op.lhs, target) and self._narrows(op.rhs, target)
            case minic.BinaryOp() if op.kind.data == "shl":
                count = self.interval(op.rhs).hi
                return count is not None and count < target.width and self._narrows(op.lhs, target)
            case minic.BinaryOp() if op.kind.data == "shr":
                count = self.interval(op.rhs).hi
                source = op.lhs.owner
                fits = isinstance(source, minic.CastOp) and not target.signed and self.interval(op.lhs).is_nonnegative
                return fits and count is not None and count < target.width and self._narrows(op.lhs, target)
            case _:
                return False

    def _narrow(self, value: SSAValue, target: IntType) -> SSAValue:
        op = value.owner
        kind = rust_type(target)
        match op:
            case minic.ConstOp():
                constant = Interval.exactly(op.value.data).wrapped(target.width, target.signed).lo or 0
                return self.literal(constant, kind, self._spelled(value))
            case minic.CastOp():
                return self.value(op.operand)
            case minic.UnaryOp():
                operand = self._narrow(op.operand, target)
                if op.kind.data == "bitnot":
                    return self.b.unary("!", operand)
                return self.b.method("wrapping_neg", operand, ty=kind)
            case minic.BinaryOp():
                left = self._narrow(op.lhs, target)
                if op.kind.data in ("shl", "shr"):
                    return self.b.binary(OPERATORS[op.kind.data], left, self._count(op.rhs))
                right = self._narrow(op.rhs, target)
                if op.kind.data in _WRAPPING and not self._exact_in(op, target):
                    return self.b.method(_WRAPPING[op.kind.data], left, right, ty=kind)
                return self.b.binary(OPERATORS[op.kind.data], left, right)
            case _:
                raise AssertionError(op)

    def _exact_in(self, op: minic.BinaryOp, target: IntType) -> bool:
        return (
            not self.wraps(op.kind.data, op.lhs, op.rhs, target)
            if not target.signed
            else self.interval(op.result).within(type_range(target))
        )

    def _bare(self, value: SSAValue) -> SSAValue:
        op = value.owner
        while isinstance(op, minic.CastOp):
            value = op.operand
            op = value.owner
        return value

    def _is_named(self, value: SSAValue) -> bool:
        """A constant that stands for a macro or an enumerator."""
        op = value.owner
        while isinstance(op, minic.CastOp):
            op = op.operand.owner
        return isinstance(op, minic.ConstOp) and op.symbol is not None and op.symbol.data in self.analyses.items

    def source_of(self, value: SSAValue) -> SSAValue:
        op = value.owner
        while isinstance(op, minic.CastOp) and self._keeps(op):
            value = op.operand
            op = value.owner
        return value


def _owner(value: SSAValue) -> Operation:
    assert isinstance(value.owner, Operation)
    return value.owner


_CHAR: Attribute = INTS["char"]

_FEW_ZEROS = 4
"""Zeros that may end a text in full."""
