"""Conditions: comparisons and truth values, of numbers and of pointers into one array.

    c == 'x'               char c                           c == b'x'            equality needs the byte alone
    c >= 'a' && c <= 'z'   char c                           the same, on bytes   both bounds are ASCII
    !(a < b)                                                a >= b
    p < end                pointers into one array          p < end              of their indices

Refuses a comparison with NULL of what may be NULL, and one of pointers that are not known to point into one array.
"""

from __future__ import annotations

from xdsl.ir import Attribute, Block, Operation, SSAValue

from compiler.analysis.loops import constant_of
from compiler.analysis.paths import BaseKind, Elem, Path
from compiler.analysis.provenance import is_argument_vector
from compiler.analysis.ranges import type_range
from compiler.analysis.variables import is_binding
from compiler.codes import Code
from compiler.diagnostics import CompileError
from compiler.dialects import minic
from compiler.dialects.minic_types import INTS, FloatType, IntType, PtrType
from compiler.dialects.rust_types import BOOL, SCALAR
from compiler.passes.c_to_rust.lower.types import rust_type
from compiler.passes.c_to_rust.lower.values import Values

COMPARISONS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_INVERSE = {"eq": "ne", "ne": "eq", "lt": "ge", "ge": "lt", "gt": "le", "le": "gt"}


class Conditions(Values):
    """Layer 4: conditions."""

    def cond(self, value: SSAValue) -> SSAValue:
        op = value.owner
        match op:
            case minic.CompareOp():
                return self._compare(op.kind.data, op)
            case minic.TruthOp():
                return self._truth(op, "ne")
            case minic.NotOp():
                return self._not(op)
            case minic.LogicalOp():
                return self._logical(op)
            case _:
                return self.value(value)

    def _not(self, op: minic.NotOp) -> SSAValue:
        inner = op.operand.owner
        match inner:
            case minic.CompareOp() if not isinstance(inner.lhs.type, FloatType):
                return self._compare(_INVERSE[inner.kind.data], inner)
            case minic.TruthOp() if not isinstance(inner.operand.type, FloatType):
                return self._truth(inner, "eq")
            case minic.NotOp():
                return self.cond(inner.operand)
            case _:
                return self.b.unary("!", self.cond(op.operand))

    def _truth(self, op: minic.TruthOp, kind: str) -> SSAValue:
        if isinstance(op.operand.type, PtrType):
            return self._pointer_truth(op.operand, kind, op)
        constant = constant_of(op.operand)
        if constant is not None and not self._is_named(op.operand):
            return self.b.bool_((constant != 0) == (kind == "ne"))
        operand = self.unwidened(op.operand)
        inner = operand.owner
        if isinstance(operand.type, IntType) and operand.type.kind.data == "bool":
            return self.cond(operand) if kind == "ne" else self.b.unary("!", self.cond(operand))
        if (
            isinstance(inner, minic.CastOp)
            and isinstance(inner.operand.type, IntType)
            and inner.operand.type.kind.data == "bool"
        ):
            return self.cond(inner.operand) if kind == "ne" else self.b.unary("!", self.cond(inner.operand))
        left = self.value(operand)
        return self.b.binary(COMPARISONS[kind], left, self._zero(operand.type))

    def _logical(self, op: minic.LogicalOp) -> SSAValue:
        statements = [each for each in op.rhs.block.ops if minic.is_statement(each)]
        end = statements[-1]
        assert isinstance(end, minic.YieldOp)
        if len(statements) == 1 and op.kind.data == "and" and self._is_ascii_range(op.lhs, end.value):
            left = self._compare(_kind(op.lhs), _compare_op(op.lhs), as_bytes=True)
            right = self._compare(_kind(end.value), _compare_op(end.value), as_bytes=True)
            return self.b.binary("&&", left, right, BOOL)
        left = self.cond(op.lhs)
        if len(statements) == 1:
            right = self.cond(end.value)
        else:
            right = self.b.block_value(self.region_block(op.rhs, lambda last: self.b.yield_(self.cond(last))), BOOL)
        return self.b.binary("&&" if op.kind.data == "and" else "||", left, right, BOOL)

    def _is_ascii_range(self, first: SSAValue, second: SSAValue) -> bool:
        """`lo <= c && c <= hi` on one char variable with 0 <= lo, hi <= 127: true for the same bytes whatever the sign of char."""
        a, b = self._char_bound(first), self._char_bound(second)
        return a is not None and b is not None and a[0] is b[0] and {a[1], b[1]} == {True, False}

    def _char_bound(self, value: SSAValue) -> tuple[SSAValue, bool] | None:
        """The variable of `c >= constant` (True) or `c <= constant` (False)."""
        op = value.owner
        if not isinstance(op, minic.CompareOp) or op.kind.data not in ("ge", "gt", "le", "lt"):
            return None
        source = self.source_of(op.lhs)
        constant = constant_of(op.rhs)
        read = source.owner
        if source.type != _CHAR or not isinstance(read, minic.LoadOp) or not is_binding(read.place):
            return None
        if constant is None or not 0 <= constant <= 127:
            return None
        return read.place, op.kind.data in ("ge", "gt")

    def _compare(self, kind: str, op: minic.CompareOp, *, as_bytes: bool = False) -> SSAValue:
        if isinstance(op.lhs.type, PtrType) or isinstance(op.rhs.type, PtrType):
            return self._compare_pointers(kind, op)
        lhs, rhs = self._comparable(op.lhs, op.rhs, as_bytes or kind in ("eq", "ne"))
        if (known := self._decided(kind, lhs, rhs)) is not None:
            return self.b.bool_(known)
        left = self._operand(lhs, rhs)
        return self.b.binary(COMPARISONS[kind], left, self._operand(rhs, lhs))

    def _decided(self, kind: str, lhs: SSAValue, rhs: SSAValue) -> bool | None:
        """A comparison of constants, or one that the unsigned type of its operands decides: `x >= 0`, `x < 0`."""
        first, second = constant_of(lhs), constant_of(rhs)
        if first is not None and second is not None:
            return {"eq": first == second, "ne": first != second, "lt": first < second}.get(
                kind, {"le": first <= second, "gt": first > second, "ge": first >= second}.get(kind)
            )
        if constant_of(rhs) == 0 and isinstance(lhs.type, IntType) and not lhs.type.signed and self._pure(lhs):
            return {"ge": True, "lt": False}.get(kind)
        return None

    def _pure(self, value: SSAValue) -> bool:
        """No call in the tree."""
        op = value.owner
        return not isinstance(op, minic.CallOp | minic.LogicalOp | minic.SelectOp) and all(
            self._pure(each) for each in getattr(op, "operands", ()) if not isinstance(each.owner, Block)
        )

    def _operand(self, value: SSAValue, other: SSAValue) -> SSAValue:
        constant = constant_of(value)
        if constant is None:
            return self.value(value)
        if self._is_named(value):
            assert isinstance(other.type, IntType)
            return self.converted(self._bare(value), other.type) if other.type != value.type else self.value(value)
        if other.type != value.type:
            number = constant & 0xFF if other.type == _CHAR else constant
            return self.literal(number, rust_type(other.type), self._spelled(self._bare(value)))
        return self.literal(constant, rust_type(value.type), self._spelled(self._bare(value)))

    def _comparable(self, lhs: SSAValue, rhs: SSAValue, as_bytes: bool) -> tuple[SSAValue, SSAValue]:
        """The operands without promotions that change neither side's value: both from one type, or one of them a constant.

        A `char` may stay a byte when only equality is asked (`as_bytes`).
        """
        left, right = self.source_of(lhs), self.source_of(rhs)
        if left.type == right.type:
            return (left, right) if left.type != _CHAR or as_bytes else (lhs, rhs)
        if self._fits(rhs, left, as_bytes):
            return left, rhs
        if self._fits(lhs, right, as_bytes):
            return lhs, right
        return lhs, rhs

    def _fits(self, constant: SSAValue, narrow: SSAValue, as_bytes: bool) -> bool:
        """A constant that can be compared in the narrow type; one that has a name must have been given that type."""
        number = constant_of(constant)
        if number is None or not self._holds(narrow, number, as_bytes):
            return False
        if not self._is_named(constant):
            return True
        bare = self._bare(constant).owner
        assert isinstance(bare, minic.ConstOp) and bare.symbol is not None
        return self.analyses.constant_types[bare.symbol.data] == rust_type(narrow.type)

    def _holds(self, narrow: SSAValue, constant: int, as_bytes: bool) -> bool:
        fits = isinstance(narrow.type, IntType) and type_range(narrow.type).contains(constant)
        return fits and (narrow.type != _CHAR or as_bytes)

    def _compare_pointers(self, kind: str, op: minic.CompareOp) -> SSAValue:
        for pointer, other in ((op.lhs, op.rhs), (op.rhs, op.lhs)):
            if _is_null(other) and not _is_null(pointer):
                return self._pointer_truth(pointer, kind, op)
        lhs, rhs = self.resolve(op.lhs), self.resolve(op.rhs)
        self._same_array(lhs, rhs, op)
        assert lhs.last_elem is not None and rhs.last_elem is not None
        before = kind not in ("eq", "ne") and (self._steps_back(lhs.last_elem) or self._steps_back(rhs.last_elem))
        sides: list[SSAValue] = []
        for elem in (lhs.last_elem, rhs.last_elem):
            side = self.offset(elem)
            sides.append(self.b.cast(side, SCALAR["isize"]) if before and not elem.is_zero else side)
        return self.b.binary(COMPARISONS[kind], sides[0], sides[1])

    def _pointer_truth(self, pointer: SSAValue, kind: str, op: minic.TruthOp | minic.CompareOp) -> SSAValue:
        """`p != NULL` (kind `ne`) or `p == NULL` (kind `eq`), where the answer is known or a search gives it."""
        call = _uncast(pointer)
        found = self.found(call) if isinstance(call, minic.CallOp) else None
        if found is not None:
            return found if kind == "ne" else self.b.unary("!", found)
        path = self.resolve(pointer)
        if self.facts.provenance.is_literal(pointer) and path.base.kind is not BaseKind.STRING:
            empty = self.b.method("is_empty", self.static_text(pointer), ty=BOOL)
            return empty if kind == "eq" else self.b.unary("!", empty)
        if path.base.kind in _OBJECTS and not (
            path.steps and path.base.place is not None and is_argument_vector(path.base.place)
        ):
            return self.b.bool_(kind == "ne")
        raise self._null(op)

    def found(self, op: minic.CallOp) -> SSAValue | None:
        """Whether a search of the C library finds something; None for other calls."""
        raise NotImplementedError

    def _steps_back(self, elem: Elem) -> bool:
        """The position may be just before its array: it belongs to a pointer that moves down."""
        reads = [term.value.owner for term in elem.terms if isinstance(term.value.type, PtrType)]
        cursors = [self.variable(op.place) for op in reads if isinstance(op, minic.LoadOp) and is_binding(op.place)]
        return any(update.kind.data == "sub" for cursor in cursors for update in cursor.updates)

    def difference(self, op: minic.PtrDiffOp) -> SSAValue:
        lhs, rhs = self.resolve(op.lhs), self.resolve(op.rhs)
        self._same_array(lhs, rhs, op)
        assert lhs.last_elem is not None and rhs.last_elem is not None
        left = self.b.cast(self.offset(lhs.last_elem), SCALAR["isize"])
        if rhs.last_elem.is_zero:
            return left
        return self.b.binary("-", left, self.b.cast(self.offset(rhs.last_elem), SCALAR["isize"]))

    def _same_array(self, lhs: Path, rhs: Path, op: minic.CompareOp | minic.PtrDiffOp) -> None:
        if lhs.last_elem is None or rhs.last_elem is None or lhs.container != rhs.container:
            raise self.refuse(
                Code.UNRELATED_POINTERS,
                op,
                "pointers that are not known to point into one array are compared or subtracted",
                help="compare indices into the arrays instead",
            )

    def _null(self, op: minic.TruthOp | minic.CompareOp) -> CompileError:
        return self.refuse(
            Code.NULL_UNPROVEN,
            op,
            "a pointer is compared with NULL",
            help="a nullable pointer needs `Option`, which is not built yet; give the function a pointer that is never null",
        )


_OBJECTS = (BaseKind.LOCAL, BaseKind.GLOBAL, BaseKind.STRING, BaseKind.TEMPORARY)
"""What has an address that is not NULL."""


def _uncast(value: SSAValue) -> Operation | Block:
    op = value.owner
    while isinstance(op, minic.CastOp):
        op = op.operand.owner
    return op


def _is_null(value: SSAValue) -> bool:
    return isinstance(_uncast(value), minic.NullOp)


def _compare_op(value: SSAValue) -> minic.CompareOp:
    assert isinstance(value.owner, minic.CompareOp)
    return value.owner


def _kind(value: SSAValue) -> str:
    return _compare_op(value).kind.data


_CHAR: Attribute = INTS["char"]
