"""Pass `keep-names-apart`: an inner variable that hides an outer one of its name, where that one is used, gets a number.

    for i in 0..n { for i in 0..2 { s += a[i] * i; } }        for i in 0..n { for i_2 in 0..2 { s += a[i] * i_2; } }

(The first `i` of the sum is the outer one here: bindings are values, and only print as names.) C code never names what it hides, but an
alias made outside (`p = a + i`) is used inside as the place that it stands for.

Why here: after all passes that move uses or open and close blocks. Shadowing that hides nothing needed stays as the C has it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ArrayAttr, ModuleOp, StringAttr
from xdsl.ir import Block, Operation, SSAValue

from compiler.dialects import rust
from compiler.dialects.walking import ops_at
from compiler.passes.c_to_rust.editing import functions
from compiler.passes.c_to_rust.lower.names import Names
from compiler.passes.c_to_rust.rust_mentions import texts_of


@dataclass(frozen=True, slots=True)
class KeepNamesApart:
    """The pass."""

    name: ClassVar[str] = "keep-names-apart"

    def apply(self, ctx: Context, op: ModuleOp, /) -> None:
        items = {
            symbol.data
            for item in op.body.block.ops
            if isinstance(symbol := item.properties.get("sym_name"), StringAttr)
        }
        for function in functions(op):
            counts = Counter(name for each in function.walk() for name, _ in _bound(each))
            if any(count > 1 for count in counts.values()):
                _keep_apart(function, Names(items | set(counts)))


def _keep_apart(function: rust.FnOp, names: Names) -> None:
    scopes = _Scopes()
    scopes.enter(function)
    for binding, name in scopes.hiding.items():
        _rename(binding, names.fresh(name))


@dataclass(frozen=True, slots=True)
class _Scopes:
    """A walk through a function in the order of its text: the bindings of each name, innermost last, and those found to hide one."""

    visible: dict[str, list[SSAValue]] = field(default_factory=lambda: defaultdict[str, list[SSAValue]](list))
    names: dict[SSAValue, str] = field(default_factory=dict[SSAValue, str])
    hiding: dict[SSAValue, str] = field(default_factory=dict[SSAValue, str])

    def enter(self, op: Operation) -> None:
        """The operands, then the blocks, then what the op binds from here on (a `for` or function binds within its block)."""
        for operand in op.operands:
            self._use(operand)
        bound = _bound(op)
        if not op.regions:
            self._bind(bound)
        for region in op.regions:
            self._block(region.block, bound)

    def _block(self, block: Block, bound: Sequence[tuple[str, SSAValue]]) -> None:
        self._bind(bound)
        for op in ops_at(block):
            self.enter(op)
        lets = (each for op in ops_at(block) if not op.regions for each in _bound(op))
        for name, _ in (*bound, *lets):
            self.visible[name].pop()

    def _bind(self, bound: Sequence[tuple[str, SSAValue]]) -> None:
        for name, binding in bound:
            self.visible[name].append(binding)
            self.names[binding] = name

    def _use(self, binding: SSAValue) -> None:
        name = self.names.get(binding)
        if name is None:
            return
        for other in reversed(self.visible[name]):
            if other is binding:
                return
            self.hiding[other] = name


def _bound(op: Operation) -> Sequence[tuple[str, SSAValue]]:
    """The names that an op binds, with their values."""
    match op:
        case rust.LetOp():
            return ((op.var_name.data, op.binding),)
        case rust.LetTupleOp():
            return tuple(_named(op.names, op.bindings))
        case rust.ForOp():
            return tuple(_named(op.names, op.body.block.args))
        case rust.FnOp():
            return tuple(_named(op.param_names, op.body.block.args))
        case _:
            return ()


def _named(names: ArrayAttr[StringAttr], bindings: Sequence[SSAValue]) -> Iterator[tuple[str, SSAValue]]:
    return zip(texts_of(names), bindings, strict=True)


def _rename(binding: SSAValue, name: str) -> None:
    owner = binding.owner
    op = owner.parent_op() if isinstance(owner, Block) else owner
    match op:
        case rust.LetOp():
            op.var_name = StringAttr(name)
        case rust.LetTupleOp():
            op.names = _with(op.names, op.bindings, binding, name)
        case rust.ForOp():
            op.names = _with(op.names, op.body.block.args, binding, name)
        case _:
            raise AssertionError("a parameter hides nothing")


def _with(
    names: ArrayAttr[StringAttr], bindings: Sequence[SSAValue], binding: SSAValue, name: str
) -> ArrayAttr[StringAttr]:
    return ArrayAttr([StringAttr(name) if each is binding else old for old, each in zip(names, bindings, strict=True)])
