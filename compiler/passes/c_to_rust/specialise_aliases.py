"""Pass `specialise-aliases`: calls whose arguments overlap get a variant of the callee made for that overlap.

    void fadd(u64 *out, u64 *f1, u64 *f2) {…}        void fadd_f1_in_place(u64 *out, u64 *f2) { u64 *f1 = out; … }
    fadd(b, b, d);                              ->   fadd_f1_in_place(b, d);

Input: minic. Output: minic in which no call passes two arguments that may share an element when the callee writes one of them (where that
can be proven or arranged; the lowering refuses the rest).

Why here: in the variant the parameter is a local pointer with a known base, so every analysis sees through it, and nothing has to be
assumed about the order of reads and writes: the variant does to its one buffer what the C function does to it. No copy is made. Aliases at
a constant distance, and at a distance known only at run time (passed as an index), work the same way. Callees come before callers, and a
variant is itself treated before it is used.

Limits: an argument that points inside the object of another one (`f(s, &s->buf)`) is left for the lowering to refuse.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ArrayAttr, IntAttr, LocationAttr, ModuleOp, StringAttr, UnitAttr
from xdsl.ir import Attribute, Block, BlockArgument, Operation, SSAValue

from compiler.analysis.aliasing import Argument, Group, arguments_of, conflicts
from compiler.analysis.footprint import Footprints, footprints_of
from compiler.analysis.offsets import Offsets
from compiler.analysis.paths import BaseKind
from compiler.analysis.program import Call, Program, program_of
from compiler.analysis.split_tree import Overlap, Window, plan_splits
from compiler.dialects import minic
from compiler.dialects.minic_types import INTS, PlaceType, place
from compiler.dialects.walking import ops_inside

MAX_VARIANTS = 64
"""Variants of one function; more means that distances grow from call to call, which has no end."""


@dataclass(frozen=True, slots=True)
class _Alias:
    """Parameter `merged` lies `distance` elements after parameter `anchor` (None: both are passed as the start of their array and an index).
    Without `merged`, the anchor alone is passed as start and index: the callee may reach before it."""

    anchor: int
    merged: int | None
    distance: int | None


@dataclass(frozen=True, slots=True)
class SpecialiseAliases:
    """The pass; no options."""

    name: ClassVar[str] = "specialise-aliases"

    def apply(self, ctx: Context, op: ModuleOp, /) -> None:
        program = program_of(op)
        worker = _Worker(program, footprints_of(program))
        for name in list(program.functions):
            worker.treat(name)


class _Worker:
    def __init__(self, program: Program, footprints: Footprints) -> None:
        self._program = program
        self._footprints = footprints
        self._treated: set[str] = set()
        self._rewritten: set[str] = set()
        self._variants: dict[tuple[str, _Alias], str] = {}
        self._count: dict[str, int] = {}

    def treat(self, name: str) -> None:
        """Rewrite the calls of a function, its callees' first."""
        if name in self._treated:
            return
        self._treated.add(name)
        function = self._program.functions[name]
        calls = [
            op for op in ops_inside(function.body.block) if type(op) is minic.CallOp or type(op) is minic.CallStmtOp
        ]
        self._rewritten.discard(name)
        for call in calls:
            if call.callee.data in self._program.functions:
                self.treat(call.callee.data)
                self._settle(name, call)
        if name in self._rewritten:
            self._program.forget(name)
            self._footprints.forget(name)

    def _settle(self, name: str, call: Call) -> None:
        """Replace a call until none of its arguments overlap."""
        current: Call | None = call
        while current is not None:
            current = self._specialised(name, current)

    def _specialised(self, name: str, call: Call) -> Call | None:
        facts = self._program.facts(name)
        arguments = arguments_of(self._footprints, facts, call)
        for group in conflicts(arguments):
            if group.same:
                return self._merged_call(name, call, _Alias(group.arguments[0].index, group.arguments[1].index, 0))
            if group.nested:
                continue
            offsets = Offsets(facts)
            overlap = self._overlap(group, offsets)
            if overlap is not None:
                return self._redirect(name, call, group, overlap, offsets)
        return self._reaching_back(name, call, arguments)

    def _reaching_back(self, name: str, call: Call, arguments: list[Argument]) -> Call | None:
        """An argument in the middle of an array, for a callee that may use elements before it."""
        for argument in arguments:
            last = argument.path.last_elem
            inside = last is not None and not last.is_zero and not argument.path.container.steps
            if argument.footprint.negative and inside and self._count.get(call.callee.data, 0) < MAX_VARIANTS:
                alias = _Alias(argument.index, None, None)
                return self._call_windowed(name, call, self._variant(call.callee.data, alias), alias)
        return None

    def _overlap(self, group: Group, offsets: Offsets) -> tuple[Argument, Argument] | None:
        windows = [
            Window(arg.index, offsets.of(arg.elem_at(group.depth)), arg.length_at(group.depth), arg.footprint.written)
            for arg in group.arguments
        ]
        plan = plan_splits(None, windows, offsets.facts)
        if not isinstance(plan, Overlap):
            return None
        by_index = {argument.index: argument for argument in group.arguments}
        first, second = (by_index[window.key] for window in (plan.first, plan.second) if isinstance(window.key, int))
        return first, second

    def _redirect(
        self, name: str, call: Call, group: Group, overlap: tuple[Argument, Argument], offsets: Offsets
    ) -> Call | None:
        """A call of the variant instead, or None when the rows of an array overlap in a way no variant helps."""
        first, second = overlap
        whole = not group.container().steps  # a run-time distance is counted from the start of a whole object
        at_end = all(group.depth == len(argument.path.steps) - 1 for argument in overlap)
        if not at_end or self._count.get(call.callee.data, 0) >= MAX_VARIANTS:
            return None
        gap = (offsets.of(second.elem_at(group.depth)) - offsets.of(first.elem_at(group.depth))).as_constant
        if gap is not None and gap < 0:
            first, second, gap = second, first, -gap
        alias = _Alias(first.index, second.index, gap)
        return None if gap is None and not whole else self._merged_call(name, call, alias)

    def _merged_call(self, name: str, call: Call, alias: _Alias) -> Call | None:
        if alias.merged is None or not self._same_element(call, alias.anchor, alias.merged):
            return None
        variant = self._variant(call.callee.data, alias)
        if alias.distance is None:
            return self._call_windowed(name, call, variant, alias)
        arguments = [argument for i, argument in enumerate(call.args) if i != alias.merged]
        return self._replace(name, call, variant, arguments)

    def _same_element(self, call: Call, anchor: int, merged: int) -> bool:
        callee = call.callee.data
        return self._program.element_type(callee, anchor) == self._program.element_type(callee, merged)

    def _replace(self, name: str, call: Call, variant: str, arguments: Sequence[SSAValue]) -> Call:
        new = type(call).create(
            operands=arguments,
            result_types=[result.type for result in call.results],
            properties={"callee": StringAttr(variant)},
            location=call.location,
        )
        block = call.parent
        assert block is not None
        block.insert_op_before(new, call)
        for old, result in zip(call.results, new.results, strict=True):
            old.replace_all_uses_with(result)
        dropped = [each for each in call.operands if each not in arguments]
        assert isinstance(new, minic.CallOp | minic.CallStmtOp)
        self._program.redirect(name, call, new)
        self._rewritten.add(name)
        call.detach()
        call.erase()
        for value in dropped:
            _erase_tree(value)
        return new

    # --- distance known only at run time ---------------------------------------------------------------------------------------

    def _call_windowed(self, name: str, call: Call, variant: str, alias: _Alias) -> Call:
        """Pass the start of the array once, and both positions as indices."""
        gone = [alias.anchor] if alias.merged is None else [alias.anchor, alias.merged]
        positions = [self._position(name, call, call.args[i]) for i in gone]
        start = self._start(name, call, call.args[alias.anchor])
        arguments = [call.args[i] for i in range(len(call.args)) if i not in gone]
        arguments.insert(alias.anchor - (alias.merged is not None and alias.merged < alias.anchor), start)
        return self._replace(name, call, variant, [*arguments, *positions])

    def _position(self, name: str, call: Call, pointer: SSAValue) -> SSAValue:
        """`(size_t)(pointer - start)`."""
        difference = self._before(call, minic.PtrDiffOp, [pointer, self._start(name, call, pointer)], INTS["isize"])
        return self._before(call, minic.CastOp, [difference], INTS["usize"])

    def _start(self, name: str, call: Call, pointer: SSAValue) -> SSAValue:
        """A pointer to the first element of the array that `pointer` is in."""
        base = self._program.facts(name).provenance.resolve(pointer).base
        if base.kind is BaseKind.GLOBAL:
            kind = place(self._program.globals[base.symbol].type)
            home = self._before(call, minic.GlobalRefOp, [], kind, symbol=StringAttr(base.symbol))
        else:
            assert base.place is not None
            home = base.place
        op = minic.LoadOp if base.kind is BaseKind.PARAMETER else minic.DecayOp
        return self._before(call, op, [home], pointer.type)

    def _before(
        self, call: Call, op: type[Operation], operands: list[SSAValue], ty: Attribute, **properties: Attribute
    ) -> SSAValue:
        new = op.create(operands=operands, result_types=[ty], properties=properties, location=call.location)
        block = call.parent
        assert block is not None
        block.insert_op_before(new, call)
        return new.results[0]

    # --- variants ------------------------------------------------------------------------------------------------------------

    def _variant(self, callee: str, alias: _Alias) -> str:
        key = (callee, alias)
        known = self._variants.get(key)
        if known is not None:
            return known
        self._count[callee] = self._count.get(callee, 0) + 1
        function = self._program.functions[callee]
        name = self._variants[key] = self._fresh(callee, function, alias)
        variant = function.clone()
        variant.properties["sym_name"] = StringAttr(name)
        variant.properties["variant_of"] = function.properties.get("variant_of", StringAttr(callee))
        variant.properties.pop("exported", None)
        block = function.parent
        assert block is not None
        block.insert_op_after(variant, function)
        _merge(variant, alias)
        self._count[name] = self._count[callee]
        self._program.add(variant)
        self.treat(name)
        return name

    def _fresh(self, callee: str, function: minic.FuncOp, alias: _Alias) -> str:
        merged = function.param_names.data[alias.anchor if alias.merged is None else alias.merged].data
        suffix = "within" if alias.distance is None else "in_place" if alias.distance == 0 else f"at_{alias.distance}"
        name = wanted = f"{callee}_{merged}_{suffix}"
        count = 1
        while name in self._program.functions:
            count += 1
            name = f"{wanted}_{count}"
        return name


def _merge(variant: minic.FuncOp, alias: _Alias) -> None:
    """Turn the merged parameter (and, for a run-time distance, the anchor) into a local pointer into the anchor's array."""
    block = variant.body.block
    names = [name.data for name in variant.param_names.data]
    types = list(variant.param_types.data)
    anchor = block.args[alias.anchor]
    gone: list[BlockArgument] = [] if alias.merged is None else [block.args[alias.merged]]
    base: SSAValue = anchor
    if alias.distance is None:
        gone.insert(0, anchor)
        labels = [names[argument.index] for argument in gone]
        positions = [block.insert_arg(place(INTS["usize"]), len(block.args)) for _ in gone]
        base = block.insert_arg(anchor.type, alias.anchor)
        names = [
            *names[: alias.anchor],
            f"{labels[0]}_base",
            *names[alias.anchor :],
            *(f"{each}_at" for each in labels),
        ]
        types = [*types[: alias.anchor], types[alias.anchor], *types[alias.anchor :], *(INTS["usize"] for _ in gone)]
        for argument, label, position in zip(gone, labels, positions, strict=True):
            _derive(block, argument, label, base, position)
    else:
        _derive(block, gone[0], names[gone[0].index], base, alias.distance)
    erased = {argument.index for argument in gone}
    for argument in gone:
        block.erase_arg(argument)
    kept = [i for i in range(len(names)) if i not in erased]
    variant.properties["param_names"] = ArrayAttr([StringAttr(names[i]) for i in kept])
    variant.properties["param_types"] = ArrayAttr([types[i] for i in kept])


def _derive(block: Block, parameter: BlockArgument, name: str, anchor: SSAValue, offset: int | SSAValue) -> None:
    """`T *parameter = anchor + offset;` at the head of the function, in place of the parameter."""
    assert isinstance(anchor.type, PlaceType) and isinstance(parameter.type, PlaceType)
    pointer_type = parameter.type.of
    head = block.first_op
    location = head.location if head is not None else None
    ops: list[Operation] = [minic.LoadOp.create(operands=[anchor], result_types=[anchor.type.of], location=location)]
    if not isinstance(offset, int) or offset:
        count = _offset_ops(offset, ops, location)
        ops.append(
            minic.PtrAddOp.create(operands=[ops[0].results[0], count], result_types=[anchor.type.of], location=location)
        )
    value = ops[-1].results[0]
    local = minic.LocalOp.create(
        operands=[value],
        result_types=[place(pointer_type)],
        properties={"var_name": StringAttr(name), "synthetic": UnitAttr()},
        location=location,
    )
    ops.append(local)
    parameter.replace_all_uses_with(local.place)
    if head is None:
        block.add_ops(ops)
    else:
        block.insert_ops_before(ops, head)


def _offset_ops(offset: int | SSAValue, ops: list[Operation], location: LocationAttr | None) -> SSAValue:
    if isinstance(offset, int):
        made: Operation = minic.ConstOp.create(
            result_types=[INTS["usize"]], properties={"value": IntAttr(offset)}, location=location
        )
    else:
        made = minic.LoadOp.create(operands=[offset], result_types=[INTS["usize"]], location=location)
    ops.append(made)
    return made.results[0]


def _erase_tree(value: SSAValue) -> None:
    """Erase an expression that nobody uses any more."""
    op = value.owner
    if not isinstance(op, Operation) or isinstance(op, minic.LocalOp) or any(result.uses for result in op.results):
        return
    operands = list(op.operands)
    op.detach()
    op.erase()
    for operand in operands:
        _erase_tree(operand)
