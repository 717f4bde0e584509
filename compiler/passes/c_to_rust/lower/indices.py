"""Offsets and sizes as `usize` expressions.

    uint32_t i;  p = buf + 4;  p[i * 2]        becomes        buf[4 + (i * 2) as usize]        (or `buf[i * 2 + 4]` when i is a usize)

A conversion is pushed towards the variables only when that saves one: into a loop variable that is a `usize` itself, through arithmetic
that cannot wrap. Otherwise the C arithmetic stays in its own type and the result is converted.
"""

from __future__ import annotations

from xdsl.ir import Block, SSAValue

from compiler.analysis.loops import constant_of
from compiler.analysis.paths import Elem, Term
from compiler.analysis.ranges import type_range
from compiler.dialects import minic
from compiler.dialects.minic_types import IntType, PtrType
from compiler.dialects.rust_types import USIZE
from compiler.passes.c_to_rust.lower.context import Context

_PUSHABLE = {"add": "+", "mul": "*", "sub": "-", "div": "/", "rem": "%", "shl": "<<", "shr": ">>", "and": "&"}


class Indices(Context):
    """Layer 1: `usize` values."""

    def index(self, value: SSAValue) -> SSAValue:
        """An integer that counts elements, or a pointer that stands for a position, as a usize."""
        if isinstance(value.type, PtrType):
            return self._position(value)
        constant = constant_of(value)
        if constant is not None and constant >= 0:
            return self.b.lit(constant, USIZE, self._spelling(value))
        op = value.owner
        if isinstance(op, minic.PtrDiffOp) and (position := self._from_start(op)) is not None:
            return position
        if isinstance(op, minic.CastOp) and (self._is_widening(op) or isinstance(op.operand.owner, minic.PtrDiffOp)):
            return self.index(op.operand)
        binding = self.binding_of_load(value)
        if binding is not None and binding.type == USIZE:
            return binding
        if isinstance(op, minic.BinaryOp) and self.reads_usize(value) and self._pushes(op):
            lhs = self.index(op.lhs)
            return self.b.binary(_PUSHABLE[op.kind.data], lhs, self.index(op.rhs))
        return self.b.cast(self.value(value), USIZE)

    def _from_start(self, op: minic.PtrDiffOp) -> SSAValue | None:
        """`p - start` is the offset of p."""
        lhs, rhs = self.resolve(op.lhs), self.resolve(op.rhs)
        if (
            lhs.last_elem is None
            or rhs.last_elem is None
            or not rhs.last_elem.is_zero
            or lhs.container != rhs.container
        ):
            return None
        return self.offset(lhs.last_elem)

    def _spelling(self, value: SSAValue) -> str | None:
        op = value.owner
        spelled = isinstance(op, minic.ConstOp) and op.spelling is not None and op.spelling.data == "hex"
        return "hex" if spelled else None

    def _is_widening(self, op: minic.CastOp) -> bool:
        """The conversion keeps every value the operand can have."""
        return isinstance(op.operand.type, IntType) and self.interval(op.operand).within(type_range(op.result.type))

    def _pushes(self, op: minic.BinaryOp) -> bool:
        """The operation gives the same number on usize: non-negative operands, no wrap in the C type."""
        lhs, rhs = self.interval(op.lhs), self.interval(op.rhs)
        if op.kind.data not in _PUSHABLE or not (lhs.is_nonnegative and rhs.is_nonnegative):
            return False
        exact = {
            "add": lambda: lhs + rhs,
            "mul": lambda: lhs * rhs,
            "sub": lambda: lhs - rhs,
            "shl": lambda: lhs << rhs,
        }
        make = exact.get(op.kind.data)
        return make is None or (make().is_nonnegative and make().within(type_range(op.result.type)))

    def reads_usize(self, value: SSAValue) -> bool:
        """True when a usize binding is read somewhere in the arithmetic of the value."""
        binding = self.binding_of_load(value)
        if binding is not None:
            return binding.type == USIZE
        op = value.owner
        match op:
            case minic.CastOp():
                return self.reads_usize(op.operand)
            case minic.BinaryOp():
                return self.reads_usize(op.lhs) or self.reads_usize(op.rhs)
            case _:
                return False

    def _position(self, value: SSAValue) -> SSAValue:
        """A pointer-typed term: a cursor variable, or a choice between two positions in one array."""
        op = value.owner
        if isinstance(op, minic.SelectOp):
            return self._chosen(op)
        binding = self.binding_of_load(value)
        assert binding is not None, value
        return binding

    def _chosen(self, op: minic.SelectOp) -> SSAValue:
        cond = self.cond(op.cond)
        blocks = Block(), Block()
        for block, region in zip(blocks, (op.if_true, op.if_false), strict=True):
            end = region.block.last_op
            assert isinstance(end, minic.YieldOp)
            elem = self.resolve(end.value).last_elem
            assert elem is not None
            with self.b.inside(block):
                self.b.yield_(self.offset(elem))
        return self.b.if_value(cond, *blocks, USIZE)

    def offset(self, elem: Elem) -> SSAValue:
        """An element offset as a usize: what a `let` already holds, then the other terms, then the constant."""
        total, constant, rest = self._known_part(elem)
        parts = (total is not None) + (constant != 0) + len(rest)
        wraps = parts > 1 and any(self._may_be_negative(term) for term in rest)
        if total is None and (not rest or all(term.negative for term in rest) or (wraps and constant > 0)):
            assert constant >= 0, "an access before its base"
            total, constant = self.b.lit(constant, USIZE), 0
        for term in sorted(rest, key=lambda term: term.negative):
            amount = self.index(term.value)
            total = amount if total is None else self._sum(total, amount, term.negative, wraps)
        assert total is not None
        if constant == 0:
            return total
        return self._sum(total, self.b.lit(abs(constant), USIZE), constant < 0, wraps)

    def _sum(self, total: SSAValue, amount: SSAValue, negative: bool, wraps: bool) -> SSAValue:
        """`total ± amount`; with `wraps` a part may be negative though the sum is not."""
        if wraps:
            return self.b.method("wrapping_sub" if negative else "wrapping_add", total, amount, ty=USIZE)
        return self.b.binary("-" if negative else "+", total, amount)

    def _may_be_negative(self, term: Term) -> bool:
        return isinstance(term.value.type, IntType) and not self.interval(term.value).is_nonnegative

    def _known_part(self, elem: Elem) -> tuple[SSAValue | None, int, tuple[Term, ...]]:
        for length in range(len(elem.terms), 0, -1):
            known = self.bound.get(elem.terms[:length])
            if known is not None:
                binding, included = known
                return binding, elem.constant - included, elem.terms[length:]
        return None, elem.constant, elem.terms
