"""Calls: every argument in the shape the callee wants, with splits where two parts of one array are needed at once.

    fadd(tmp, p, p + 5)        fadd(&mut tmp, p[..5]…, p[5..]…)                 both shared: no split
    fsub(p, p + 5, q)          let (p_0, p_5) = p.split_at_mut(5);              one of them mutable
                               fsub(p_0…, p_5…, q)

By now no two arguments overlap where one is written: `specialise-aliases` has seen to it. What remains is to say so to rustc.
"""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.dialects.builtin import ArrayAttr
from xdsl.ir import Attribute, Block, SSAValue

from compiler.analysis.aliasing import Argument, Group, arguments_of, conflicts
from compiler.analysis.index import Index
from compiler.analysis.offsets import Offsets
from compiler.analysis.paths import Base, Elem, Path
from compiler.analysis.program import Call
from compiler.analysis.representation import Shape
from compiler.analysis.split_tree import Leaf, Plan, Split, Window, plan_splits
from compiler.analysis.variables import is_binding
from compiler.codes import Code
from compiler.dialects import minic
from compiler.dialects.minic_types import PtrType
from compiler.dialects.rust_build import place_type
from compiler.dialects.rust_types import USIZE, ArrayType, SliceType, TupleType, ref, slice_of
from compiler.passes.c_to_rust.lower.library_calls import LibraryCalls
from compiler.passes.c_to_rust.lower.memory_calls import BYTES
from compiler.passes.c_to_rust.lower.names import rust_name
from compiler.passes.c_to_rust.lower.types import result_type
from compiler.report import Rung


@dataclass(frozen=True, slots=True)
class _Piece:
    """Where a split put one argument: a slice, and where in it the argument starts."""

    binding: SSAValue
    start: Elem
    depth: int


class Calls(LibraryCalls):
    """Layer 4: calls."""

    def call(self, op: minic.CallOp) -> SSAValue:
        if self.is_library(op):
            return self.library_value(op)
        if not self._needs_statements(op):
            return self._user_call(op)
        body = Block()
        with self.b.inside(body):
            self.b.yield_(self._user_call(op))
        return self.b.block_value(body, self._result_type(op))

    def call_statement(self, op: minic.CallStmtOp) -> None:
        """A call whose result is dropped."""
        if self.is_library(op):
            self.library_statement(op)
        else:
            self.b.expr(self._user_call(op))

    def root_call(self, op: minic.CallOp) -> SSAValue:
        """A call at the root of a statement: its splits may stand before the statement."""
        return self.library_value(op) if self.is_library(op) else self._user_call(op)

    def _needs_statements(self, op: minic.CallOp) -> bool:
        found = arguments_of(self.analyses.footprints, self.facts, op)
        return bool(conflicts(found)) or any(self._must_hoist(op, i, found) for i in range(len(op.args)))

    def _user_call(self, op: Call) -> SSAValue:
        callee = op.callee.data
        if callee not in self.program.functions:
            raise self.unknown_function(op)
        found = arguments_of(self.analyses.footprints, self.facts, op)
        hoisted = {i: self._hoist(op, i) for i in range(len(op.args)) if self._must_hoist(op, i, found)}
        pieces = self._split(op, found)
        arguments = [
            hoisted[i] if i in hoisted else self._argument(op, i, value, pieces) for i, value in enumerate(op.args)
        ]
        return self.b.call(self.analyses.items[callee], arguments, self._result_type(op))

    def _result_type(self, op: Call) -> Attribute:
        kind = result_type(self.program.functions[op.callee.data], self.program)
        return BYTES if self.program.returns_literals(op.callee.data) else kind

    def _argument(self, op: Call, index: int, value: SSAValue, pieces: dict[int, _Piece]) -> SSAValue:
        if not isinstance(value.type, PtrType):
            return self.value(value)
        shape = self.shapes.of(op.callee.data, index)
        path = self.resolve(value)
        if path.is_null:
            raise self.refuse(
                Code.NULL_ARGUMENT,
                op,
                "NULL is passed for a pointer",
                help="a nullable parameter needs `Option`, which is not built yet",
            )
        self._check_negative(op, index, path)
        piece = pieces.get(index)
        if piece is None:
            return self.borrow(path, shape, op)
        self._check_element(path, shape, op)
        return self._from_piece(path, piece, shape)

    def _check_negative(self, op: Call, index: int, path: Path) -> None:
        """A callee that may reach before its argument gets the whole array or nothing."""
        footprint = self.analyses.footprints.of(op.callee.data)[index]
        if footprint.negative and not (path.last_elem is not None and path.last_elem.is_zero):
            raise self.refuse(
                Code.NEGATIVE_OFFSET,
                op,
                f"`{op.callee.data}` may use elements before the start of this argument",
                help="pass the start of the array and an index, or use an unsigned index in the callee",
            )

    # --- arguments that read what another argument borrows mutably ---------------------------------------------------------

    def _must_hoist(self, op: Call, index: int, found: list[Argument]) -> bool:
        value = op.args[index]
        if isinstance(value.type, PtrType):
            return False
        written = {argument.path.base for argument in found if argument.footprint.written}
        return bool(written) and self._reads(value, written)

    def _reads(self, value: SSAValue, bases: set[Base]) -> bool:
        op = value.owner
        if isinstance(op, Block):
            return False
        if isinstance(op, minic.LoadOp):
            return self.path_of(op.place).base in bases if not isinstance(op.result.type, PtrType) else False
        return any(self._reads(each, bases) for each in op.operands if not isinstance(each.type, PtrType)) or bool(
            op.regions
        )

    def _hoist(self, op: Call, index: int) -> SSAValue:
        function = self.program.functions[op.callee.data]
        name = rust_name(function.param_names.data[index].data)
        return self.b.let(self.names.fresh(name), self.value(op.args[index]))

    # --- splits --------------------------------------------------------------------------------------------------------------

    def _split(self, op: Call, found: list[Argument]) -> dict[int, _Piece]:
        pieces: dict[int, _Piece] = {}
        for group in conflicts(found):
            plan = None if group.nested else self._plan(group)
            if plan is None or any(argument.index in pieces for argument in group.arguments):
                raise self.refuse(
                    Code.MAY_OVERLAP,
                    op,
                    "two arguments may overlap, and one of them is written",
                    help="mutable aliases take cells (rung 6); pass one buffer and two indices",
                )
            self._emit_splits(op, group, plan, pieces)
        return pieces

    def _plan(self, group: Group) -> Plan | None:
        offsets = Offsets(self.facts)
        windows = [
            Window(arg.index, offsets.of(arg.elem_at(group.depth)), arg.length_at(group.depth), arg.footprint.written)
            for arg in group.arguments
        ]
        plan = plan_splits(None, windows, offsets.facts)
        return plan if isinstance(plan, Plan) else None

    def _emit_splits(self, op: Call, group: Group, plan: Plan, pieces: dict[int, _Piece]) -> None:
        rest = self._container(group.container().then(Elem()))
        kind = place_type(rest.type)
        assert isinstance(kind, ArrayType | SliceType)
        half = ref(slice_of(kind.element), True)
        start = Index.of(0)
        node = plan.root
        while isinstance(node, Split):
            at = self._cut(node.at, start, group)
            names = [self._piece_name(op, node.left), self._piece_name(op, node.right)]
            pair = self.b.method("split_at_mut", rest, at, ty=TupleType(ArrayAttr([half, half])))
            left, rest = self.b.let_tuple(names, pair)
            self.splits += 1
            self._note(pieces, node.left, left, group)
            start = start + node.at
            node = node.right
        if plan.root is not node:
            self._note(pieces, node, rest, group)

    def _cut(self, at: Index, start: Index, group: Group) -> SSAValue:
        """A cut, as a usize: a number, or the edge of an argument that lies there."""
        if (constant := at.as_constant) is not None:
            return self.b.lit(constant, USIZE)
        for argument in group.arguments:
            elem = argument.elem_at(group.depth)
            for length in (0, self._constant_length(argument, group.depth)):
                if length is None or Offsets(self.facts).of(elem) + length != start + at:
                    continue
                edge = self.offset(elem.plus(length))
                return edge if start == Index.of(0) else self.b.binary("-", edge, self._cut(start, Index.of(0), group))
        raise AssertionError("a cut that is no argument's edge")

    def _constant_length(self, argument: Argument, depth: int) -> int | None:
        length = argument.length_at(depth)
        return None if length is None else length.as_constant

    def _note(self, pieces: dict[int, _Piece], leaf: Leaf, binding: SSAValue, group: Group) -> None:
        """Remember the piece of each argument, and where in it the argument starts."""
        by_index = {argument.index: argument for argument in group.arguments}
        for placed in leaf.placements:
            assert isinstance(placed.window.key, int)
            offset = placed.start.as_constant
            if offset is not None:
                here = Elem(offset)
            else:  # only in the first piece, which starts where the array does
                assert placed.start == placed.window.start, (
                    "windows at a variable distance travel in pieces of their own"
                )
                here = by_index[placed.window.key].elem_at(group.depth)
            pieces[placed.window.key] = _Piece(binding, here, group.depth)

    def _piece_name(self, op: Call, node: Split | Leaf) -> str:
        """The name that C has for the argument: the pointer variable's, else the callee's parameter's."""
        if isinstance(node, Split):
            return "rest"
        index = node.placements[0].window.key
        assert isinstance(index, int)
        owner = op.args[index].owner
        if isinstance(owner, minic.LoadOp) and is_binding(owner.place) and owner.place not in self.bindings:
            return rust_name(self.variable(owner.place).name)
        names = self.program.functions[op.callee.data].param_names.data
        wanted = rust_name(names[index].data)
        bound = {self.variable(each).name for each in self.bindings}
        return f"{wanted}_part" if wanted in bound else wanted

    def _from_piece(self, path: Path, piece: _Piece, shape: Shape) -> SSAValue:
        """The argument, reached from the piece that the split gave it."""
        here = piece.start
        deeper = path.steps[piece.depth + 1 :]
        if not deeper:
            if shape.rung is Rung.REFERENCE:
                return self.b.ref(self.b.index(piece.binding, self.offset(here)), shape.mutable)
            return self.part(piece.binding, here, shape, None)
        place = self.b.index(piece.binding, self.offset(here))
        if shape.rung is Rung.REFERENCE or not isinstance(deeper[-1], Elem):
            return self.b.ref(self._walk(place, deeper, path), shape.mutable)
        container = self._walk(place, deeper[:-1], path.container)
        return self.part(container, deeper[-1], shape, self._length(container))
