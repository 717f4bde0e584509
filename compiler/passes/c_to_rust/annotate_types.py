"""Pass `annotate-types`: a type stands where Rust's inference would fail or choose another one, and nowhere else.

    let mut sum = 0;  sum = sum.wrapping_add(x);      ->      let mut sum: u32 = 0;           a method needs to know its receiver
    (1 << n) as u64     (of u64s)                     ->      (1u64 << n) as u64              a cast tells its operand nothing
    let mut i = 0;  while i < n { … }                 ->      (unchanged)                     the comparison tells

Input and output: rust. Why here: last of all, for every rewrite may move the place that told a type.

It follows rustc: expressions are visited in the order of the text; a literal, and a variable that was given one, has no type until some
context asks for one (an operand beside it, a parameter, an index, a return type); a method call on it before that is an error; what nobody
asks about becomes i32 or f64. An annotation goes on the `let`, else a suffix on the literal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, UnitAttr
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue

from compiler.dialects import rust
from compiler.dialects.rust_build import COMPARISONS
from compiler.dialects.rust_types import SCALAR, ArrayType, RangeType, RefType, ScalarType

_DEFAULTS = (SCALAR["i32"], SCALAR["f64"])
_OPEN_CALLS = frozenset(("Some", "std::cmp::min", "std::cmp::max", "std::mem::swap"))
"""Generic functions: they tell their arguments nothing."""


@dataclass(frozen=True, slots=True)
class AnnotateTypes:
    """The pass; no options."""

    name: ClassVar[str] = "annotate-types"

    def apply(self, ctx: Context, op: ModuleOp, /) -> None:
        for item in op.body.block.ops:
            if isinstance(item, rust.FnOp):
                _Walk().function(item)
            elif isinstance(item, rust.ConstOp):
                _Walk().constant(item)


class _Walk:
    """One function, in the order of its text. `open` holds the bindings whose type nothing has told yet."""

    def __init__(self) -> None:
        self.open: dict[SSAValue, None] = {}

    def function(self, function: rust.FnOp) -> None:
        self._block(function.body.block, True)
        for binding in list(self.open):
            if _core(binding.type) not in _DEFAULTS:
                self._tell(binding)

    def constant(self, item: rust.ConstOp) -> None:
        self._block(item.init.block, True)

    # --- statements ------------------------------------------------------------------------------------------------------

    def _block(self, block: Block, known: bool) -> bool:
        """Visit a block; the answer tells whether its tail expression (if any) has a type of its own."""
        told = True
        for op in block.ops:
            if isinstance(op, rust.YieldOp):
                told = self._typed(op.value, known)
            elif rust.is_statement(op):
                self._statement(op)
        return told

    def _statement(self, op: Operation) -> None:
        match op:
            case rust.LetOp():
                self._let(op)
            case rust.LetTupleOp():
                self._typed(op.init, False)
            case rust.AssignOp():
                self._same(op.place, op.value)
            case rust.AssignOpOp() if op.kind.data in ("<<", ">>"):
                self._typed(op.place, False)
                self._typed(op.value, False)
            case rust.AssignOpOp():
                self._same(op.place, op.value)
            case rust.ExprOp():
                self._typed(op.value, False)
            case rust.ReturnOp() | rust.BreakOp():
                if op.value is not None:
                    self._typed(op.value, True)
            case rust.ForOp():
                self._for(op)
            case _:
                self._nested(op)

    def _nested(self, op: Operation) -> None:
        for operand in op.operands:
            self._typed(operand, False)
        for region in op.regions:
            self._block(region.block, False)

    def _let(self, op: rust.LetOp) -> None:
        annotated = op.annotate is not None
        told = op.init is not None and self._typed(op.init, annotated)
        if not told and not annotated and _core(op.binding.type) is not None:
            self.open[op.binding] = None

    def _for(self, op: rust.ForOp) -> None:
        if not self._typed(op.iterable, False):
            self.open.update((argument, None) for argument in op.body.block.args)
        self._block(op.body.block, False)

    # --- expressions -----------------------------------------------------------------------------------------------------

    def _typed(self, value: SSAValue, known: bool) -> bool:
        """Visit an expression; `known`: its context tells the type. The answer: it has a type now."""
        if value in self.open:
            if known:
                del self.open[value]
            return known
        op = value.owner
        if isinstance(op, Block) or isinstance(op, rust.LetOp | rust.LetTupleOp):
            return True
        match op:
            case rust.LitOp():
                return known or op.suffix is not None
            case rust.FloatOp():
                return known or op.suffix is not None
            case rust.BinaryOp():
                return self._binary(op, known)
            case rust.UnaryOp():
                return self._typed(op.operand, known)
            case rust.RefOp() | rust.DerefOp():
                return self._typed(op.operand, known)
            case rust.CastOp():
                self._cast(op)
                return True
            case rust.MethodOp():
                return self._method(op)
            case rust.CallOp():
                self._all(op.args, op.callee.data not in _OPEN_CALLS)
                return True
            case rust.IndexOp():
                self._typed(op.index, True)
                return self._typed(op.base, known)
            case rust.FieldOp():
                self._typed(op.base, False)
                return True
            case rust.StructLitOp():
                self._all(op.values, True)
                return True
            case rust.RangeOp():
                return self._together(op.bounds, known)
            case rust.ArrayOp():
                return self._together(op.elements, known)
            case rust.RepeatOp():
                return self._typed(op.value, known)
            case rust.IfOp() | rust.MatchOp() | rust.BlockOp():
                return self._branches(op, known)
            case _:
                self._all(op.operands, False)
                return True

    def _binary(self, op: rust.BinaryOp, known: bool) -> bool:
        kind = op.kind.data
        if kind in ("<<", ">>"):
            told = self._typed(op.lhs, known)
            self._typed(op.rhs, False)
            return told
        if kind in ("&&", "||"):
            self._all((op.lhs, op.rhs), True)
            return True
        told = self._together((op.lhs, op.rhs), known and kind not in COMPARISONS)
        if kind not in COMPARISONS:
            return told
        if not told and _core(op.lhs.type) not in _DEFAULTS:
            self._tell(op.lhs)
        return True

    def _together(self, values: Sequence[SSAValue], known: bool) -> bool:
        """Expressions of one type: one that has it tells the others."""
        told = [self._typed(value, known) for value in values]
        if any(told):
            for value, already in zip(values, told, strict=True):
                if not already:
                    self._typed(value, True)
        return any(told) or known

    def _same(self, place: SSAValue, value: SSAValue) -> None:
        self._together((place, value), False)

    def _all(self, values: Sequence[SSAValue], known: bool) -> None:
        for value in values:
            self._typed(value, known)

    def _cast(self, op: rust.CastOp) -> None:
        if not self._typed(op.operand, False) and _core(op.operand.type) not in _DEFAULTS and not self._is_open(op.operand):
            self._tell(op.operand)

    def _is_open(self, value: SSAValue) -> bool:
        """A variable (or an element of one) that later text may still tell."""
        op = value.owner
        if isinstance(op, rust.IndexOp):
            return self._is_open(op.base)
        return value in self.open

    def _method(self, op: rust.MethodOp) -> bool:
        receiver, *args = op.operands_
        if isinstance(receiver.type, RangeType):
            return self._typed(receiver, False)  # step_by, rev: still a range of whatever it was
        if not self._typed(receiver, False):
            self._tell(receiver)
        self._all(args, True)
        return True

    def _branches(self, op: rust.IfOp | rust.MatchOp | rust.BlockOp, known: bool) -> bool:
        self._all(op.operands, False)
        told = [self._block(region.block, known) for region in op.regions]
        if any(told) and not all(told):
            for region, already in zip(op.regions, told, strict=True):
                if not already:
                    self._retype(region)
        return any(told) or known

    def _retype(self, region: Region) -> None:
        end = region.block.last_op
        if isinstance(end, rust.YieldOp):
            self._typed(end.value, True)

    # --- saying it -------------------------------------------------------------------------------------------------------

    def _tell(self, value: SSAValue) -> None:
        """Write the type of an expression down: on the variable, else on a literal."""
        self.open.pop(value, None)
        op = value.owner
        if isinstance(op, Block):
            self._tell_range(value, op)
            return
        match op:
            case rust.LetOp():
                op.properties["annotate"] = UnitAttr()
                if op.init is not None:
                    self._typed(op.init, True)
            case rust.LitOp() | rust.FloatOp():
                op.properties["suffix"] = UnitAttr()
            case rust.BinaryOp():
                self._tell(op.lhs)
                if op.kind.data not in ("<<", ">>"):
                    self._typed(op.rhs, True)
            case rust.UnaryOp() | rust.RefOp() | rust.DerefOp():
                self._tell(op.operand)
            case rust.IndexOp():
                self._tell(op.base)
            case rust.RepeatOp():
                self._tell(op.value)
            case rust.ArrayOp() if op.elements:
                self._tell(op.elements[0])
            case rust.RangeOp() if op.bounds:
                self._tell(op.bounds[-1])
            case rust.IfOp() | rust.MatchOp() | rust.BlockOp():
                end = op.regions[0].block.last_op
                if isinstance(end, rust.YieldOp):
                    self._tell(end.value)
            case _:
                pass

    def _tell_range(self, value: SSAValue, block: Block) -> None:
        """The variable of a `for`: the type goes on a bound of its range."""
        loop = block.parent_op()
        if not isinstance(loop, rust.ForOp):
            return
        iterable = loop.iterable
        while isinstance(iterable.owner, rust.MethodOp):
            iterable = iterable.owner.operands_[0]
        self._tell(iterable)


def _core(kind: Attribute) -> ScalarType | None:
    """The number type behind arrays and references; None for what literals never leave open."""
    while isinstance(kind, ArrayType | RefType):
        kind = kind.element if isinstance(kind, ArrayType) else kind.pointee
    if isinstance(kind, RangeType):
        kind = kind.of
    return kind if isinstance(kind, ScalarType) and kind.kind.data not in ("bool", "str") else None
