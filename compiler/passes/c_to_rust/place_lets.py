"""place-lets: a variable is declared where it gets its value.

    let i; let x; if c { x = 1; } else { x = 2; } loop { i = f(); … }
    let x = if c { 1 } else { 2 }; loop { let i = f(); … }

Input: rust where a C object without initial value is a `let` without value, followed by assignments; no dead stores.
Output: each such `let`, in this order of preference,
  - stands in the innermost blocks that hold its uses (one `let` per block, where no value passes between them),
  - is one with its first assignment, or with the `if`/`match` whose branches all end by assigning it (or diverge),
  - keeps no value, where every read is preceded by an assignment on all paths as rustc sees them,
  - is an array that its first statement fills or copies as a whole, and is declared by that,
  - has the value zero, otherwise: C leaves reading it before undefined.
A `let` that only names the value of its block is gone.
Why here: after `drop-dead-stores`, before `infer-mut`.
Limits: moves into a loop only where the value does not survive an iteration. A variable without zero value (`&T`) is left
without value; should a path then read it, the lowering failed to refuse.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, UnitAttr
from xdsl.ir import Block, Operation, SSAValue, Use

from compiler.analysis.rust_flow import Liveness, build, live_sets
from compiler.analysis.rust_trees import blocks_of, diverges, first_op, statement_of, uses_binding
from compiler.dialects import rust
from compiler.dialects.rust_build import Builder
from compiler.dialects.rust_types import RefType, ScalarType
from compiler.passes.c_to_rust.control.initial_values import declare_with
from compiler.passes.c_to_rust.control.tails import return_let
from compiler.passes.c_to_rust.editing import detached, erase, functions, rebuild
from compiler.passes.c_to_rust.zero_values import Structs, has_zero_value, structs_of, zero_value

LOOPS = (rust.WhileOp, rust.LoopOp, rust.ForOp)


@dataclass(frozen=True, slots=True)
class PlaceLets:
    name: ClassVar[str] = "place-lets"

    def apply(self, ctx: Context, op: ModuleOp, /) -> None:
        structs = structs_of(op)
        for function in functions(op):
            lets = [each for each in function.walk() if isinstance(each, rust.LetOp) and not each.operands]
            if lets:
                liveness = live_sets(build(function, [each.results[0] for each in lets]))
                unset = liveness.unset()
                refs_assigned = _assigns_references(function)
                for each in lets:
                    _Placement(liveness, structs, each, each in unset, refs_assigned).run()
                for block in function.walk_blocks():
                    return_let(block)


@dataclass(slots=True)
class _Placement:
    """The placing of one variable, declared by `declaration`."""

    liveness: Liveness
    structs: Structs
    declaration: rust.LetOp
    unset: bool
    refs_assigned: bool
    binding: SSAValue = field(init=False)
    bit: int = field(init=False)

    def __post_init__(self) -> None:
        self.binding = self.declaration.results[0]
        self.bit = self.liveness.flow.bits[self.binding]

    def run(self) -> None:
        block = self.declaration.parent
        assert block is not None
        uses = list(self.binding.uses)
        if uses:
            self._place(block, [_chain(use, block) for use in uses], self.unset)
        erase(self.declaration)

    def _place(self, block: Block, chains: Sequence[list[Operation]], unset: bool) -> None:
        """Declare for the uses whose enclosing ops, from `block` inwards, are `chains`."""
        inner = self._inner_blocks(chains)
        if inner is None or self._may_outlive() or not self._may_enter(inner):
            self._declare(block, chains, unset)
            return
        for child, members in inner.items():
            self._place(child, [chain[1:] for chain in members], unset and self._live_at(child))

    def _may_outlive(self) -> bool:
        """A reference to the variable may be kept by one of an outer scope."""
        return self.refs_assigned and any(_borrows(use) for use in self.binding.uses)

    def _inner_blocks(self, chains: Sequence[list[Operation]]) -> dict[Block, list[list[Operation]]] | None:
        """The uses by block one level further in; None if some are not further in."""
        inner: dict[Block, list[list[Operation]]] = {}
        for chain in chains:
            if len(chain) == 1:
                return None
            child = chain[1].parent
            assert child is not None
            if isinstance(chain[0], rust.WhileOp) and child is chain[0].cond.block:
                return None
            inner.setdefault(child, []).append(chain)
        return inner

    def _may_enter(self, inner: dict[Block, list[list[Operation]]]) -> bool:
        if len(inner) == 1:
            ((child, chains),) = inner.items()
            return not (isinstance(chains[0][0], LOOPS) and self._live_at(child))
        return not any(self._live_at(child) for child in inner)

    def _live_at(self, block: Block) -> bool:
        return bool(self.liveness.at_block(block) & self.bit)

    def _declare(self, block: Block, chains: Sequence[list[Operation]], unset: bool) -> None:
        """A `let` in `block`, at the first statement among the uses."""
        statements = {statement_of(chain[0]) for chain in chains}
        first = _first(block, statements)
        if unset:
            self._declare_before(first, zero=True)
        elif _assigns(first, self.binding):
            self._merge(first)
        elif isinstance(first, rust.IfOp | rust.MatchOp) and self._all_assign(first, chains):
            self._merge_branches(first)
        else:
            self._declare_before(first, zero=False)

    def _declare_before(self, first: Operation, zero: bool) -> None:
        b = Builder.before(first_op(first))
        b.location = self.declaration.location
        zero = zero and has_zero_value(self.binding.type, self.structs)
        value = zero_value(b, self.binding.type, self.structs) if zero else None
        new = self._let(b, value)
        if value is not None and isinstance(value.type, RefType):
            new.owner.properties["annotate"] = UnitAttr()  # type: ignore[union-attr]  # of `&[]` alone, rustc makes an array
        self._redirect(new, first)
        if zero and isinstance(first, rust.ExprOp):
            declare_with(first, new)

    def _let(self, b: Builder, value: SSAValue | None) -> SSAValue:
        made = b.let(self.declaration.var_name.data, value, self.binding.type)
        if self.declaration.annotate is not None:
            made.owner.properties["annotate"] = self.declaration.annotate  # type: ignore[union-attr]
        return made

    def _redirect(self, new: SSAValue, first: Operation) -> None:
        """The uses in the block of `first` (and inside) mean the new binding."""
        block = first.parent
        self.binding.replace_uses_with_if(new, lambda use: _is_inside(use.operation, block))

    def _merge(self, assign: Operation) -> None:
        value = assign.operands[1]
        properties = {**self.declaration.properties}
        new = rebuild(assign, rust.LetOp, [value], [self.binding.type], properties)
        self._redirect(new.results[0], new)

    # --- if and match whose branches assign -------------------------------------------------------

    def _all_assign(self, branching: Operation, chains: Sequence[list[Operation]]) -> bool:
        """Every branch ends in the assignment, which is its only use, or diverges."""
        tails = list[Operation]()
        if not self._tails(branching, tails) or not tails:
            return False
        inside = sum(1 for chain in chains if chain[0] is branching)
        return len(tails) == inside

    def _tails(self, branching: Operation, tails: list[Operation]) -> bool:
        """Collect the assignments at the ends of the branches; False where a branch ends otherwise."""
        for block in blocks_of(branching):
            last = block.last_op
            if last is None:
                return False
            if _assigns(last, self.binding):
                tails.append(last)
            elif isinstance(last, rust.IfOp | rust.MatchOp) and not last.results:
                if not (diverges(block) or self._tails(last, tails)):
                    return False
            elif not diverges(block):
                return False
        return True

    def _merge_branches(self, branching: Operation) -> None:
        value = self._as_value(branching)
        block = value.parent
        assert block is not None
        after = value.next_op
        b = Builder(block, value.location, anchor=after)
        self._redirect(self._let(b, value.results[0]), value)

    def _as_value(self, branching: Operation) -> Operation:
        """The branching, giving what its branches assigned."""
        for block in blocks_of(branching):
            last = block.last_op
            assert last is not None
            if _assigns(last, self.binding):
                rebuild(last, rust.YieldOp, [last.operands[1]])
            elif not diverges(block):
                inner = self._as_value(last)
                Builder(block, inner.location).yield_(inner.results[0])
        regions = [detached(region) for region in branching.regions]
        operands, properties = list(branching.operands), {**branching.properties}
        return rebuild(branching, type(branching), operands, [self.binding.type], properties, regions)


def _assigns_references(function: rust.FnOp) -> bool:
    """Some assignment stores a reference, or what may hold one."""
    return any(
        isinstance(op, rust.AssignOp) and not isinstance(op.operands[1].type, ScalarType) for op in function.walk()
    )


def _borrows(use: Use) -> bool:
    """The use is (or may be) a borrow, not a read, of the variable."""
    op, index = use.operation, use.index
    while isinstance(op, rust.IndexOp | rust.FieldOp) and index == 0:
        above = op.results[0].get_unique_use()
        assert above is not None
        op, index = above.operation, above.index
    return isinstance(op, rust.RefOp | rust.MethodOp | rust.ForOp)


def _chain(use: Use, block: Block) -> list[Operation]:
    """The ops from `block` inwards that hold the use, the user itself last."""
    chain = [use.operation]
    while chain[-1].parent is not block:
        above = chain[-1].parent_op()
        assert above is not None
        chain.append(above)
    return chain[::-1]


def _is_inside(op: Operation, block: Block | None) -> bool:
    at: Operation | None = op
    while at is not None:
        if at.parent is block:
            return True
        at = at.parent_op()
    return False


def _assigns(op: Operation, binding: SSAValue) -> bool:
    """`binding = value;` with a value that does not use the binding."""
    if not isinstance(op, rust.AssignOp) or op.operands[0] is not binding:
        return False
    return op.operands[1] is not binding and not _uses_in_value(op, binding)


def _uses_in_value(assign: Operation, binding: SSAValue) -> bool:
    value = assign.operands[1]
    owner = value.owner
    return isinstance(owner, Operation) and not isinstance(owner, rust.LetOp) and uses_binding(owner, binding)


def _first(block: Block, statements: set[Operation]) -> Operation:
    if len(statements) == 1:
        return next(iter(statements))
    return next(op for op in block.ops if op in statements)
