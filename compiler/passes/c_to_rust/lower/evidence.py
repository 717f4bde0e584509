"""Where in the C it was decided how a pointer parameter is passed: the access, assignment or call that rules out a higher rung.

    for (i = 0; i < n; i++) s += p[i];        p is a slice: line 3 uses an index without a bound

Asked by the report alone. The answer illustrates a decision that is made elsewhere (`representation`): it may be empty, never a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from xdsl.ir import Operation, SSAValue

from compiler.analysis.footprint import Footprint, offset_interval
from compiler.analysis.interval import Interval
from compiler.analysis.library import choices
from compiler.analysis.paths import BaseKind, Elem, Path
from compiler.analysis.program import Call
from compiler.analysis.representation import Shape
from compiler.analysis.variables import Variable, is_binding
from compiler.dialects import minic
from compiler.dialects.minic_types import PtrType
from compiler.dialects.walking import ops_inside
from compiler.locations import span_of
from compiler.passes.c_to_rust.lower.context import Analyses
from compiler.report import Rung


@dataclass(frozen=True, slots=True)
class _Access:
    """A use of a parameter's array: of `may` elements (None: any number) from `offset` on."""

    op: Operation
    offset: Interval
    may: int | None

    @property
    def reach(self) -> int | None:
        """How many elements must exist for it (None: no bound known)."""
        return None if self.offset.hi is None or self.may is None else self.offset.hi + self.may


class Evidence:
    """The evidence for the parameters of one function."""

    def __init__(self, analyses: Analyses, name: str) -> None:
        self._analyses = analyses
        self._name = name
        self._facts = analyses.program.facts(name)
        self._accesses: dict[SSAValue, list[_Access]] | None = None

    def of(self, index: int, shape: Shape) -> str:
        """`file:line` of what decided the shape of a parameter; empty where nothing in particular did."""
        place = self._facts.function.body.block.args[index]
        variable = self._facts.variables[place]
        footprint = self._analyses.footprints.of(self._name)[index]
        match shape.rung:
            case Rung.ARRAY:
                return self._where(place, lambda access: access.reach == shape.extent)
            case Rung.SLICE if variable.definitions > 1:
                return moved_at(variable)
            case Rung.SLICE:
                return self._unfit(index, place, footprint)
            case _:
                return ""

    def _unfit(self, index: int, place: SSAValue, footprint: Footprint) -> str:
        """Why the extent is unknown, or not supplied."""
        if footprint.negative:
            return self._where(place, lambda access: not access.offset.is_nonnegative)
        if footprint.may is None:
            return self._where(place, lambda access: access.reach is None)
        if self._facts.function.exported is not None:
            return self._where(place, lambda access: access.reach == footprint.may)
        shapes = self._analyses.shapes
        for caller, call in self._analyses.program.calls_to(self._name):
            supplied = shapes.supply(caller, call.args[index])
            if supplied is None or supplied < footprint.may:
                return place_of(call)
        return ""

    def _where(self, place: SSAValue, fits: Callable[[_Access], bool]) -> str:
        if self._accesses is None:
            self._accesses = {}
            for path, access in self._all_accesses():
                if path.base.kind is BaseKind.PARAMETER and path.base.place is not None:
                    self._accesses.setdefault(path.base.place, []).append(access)
        found = next((access for access in self._accesses.get(place, ()) if fits(access)), None)
        return place_of(found.op) if found is not None else ""

    # --- accesses ------------------------------------------------------------------------------------------------------------

    def _all_accesses(self) -> Iterator[tuple[Path, _Access]]:
        for op in ops_inside(self._facts.function.body.block):
            match op:
                case minic.LoadOp() | minic.AssignOp() | minic.UpdateOp() if not is_binding(op.place):
                    yield self._access(op, self._facts.provenance.place(op.place), 1)
                case minic.CallOp() | minic.CallStmtOp():
                    yield from self._arguments(op)
                case _:
                    pass

    def _arguments(self, call: Call) -> Iterator[tuple[Path, _Access]]:
        callee = call.callee.data
        if (library := self._analyses.program.library(callee)) is not None:
            for touch in library.touched(call.args):
                for pointer in choices(call.args[touch.argument]):
                    path = self._facts.provenance.resolve(pointer)
                    size = None if touch.size is None else self._count(call.args[touch.size], path)
                    yield self._access(call, path, size)
        elif callee in self._analyses.program.functions:
            for argument, footprint in zip(call.args, self._analyses.footprints.of(callee), strict=True):
                if isinstance(argument.type, PtrType):
                    yield self._access(call, self._facts.provenance.resolve(argument), footprint.may)

    def _count(self, size: SSAValue, path: Path) -> int | None:
        """Bytes as elements of what the path holds."""
        most = self._facts.ranges.of(size).hi
        unit = self._analyses.program.size_of(self._analyses.program.type_at(self._name, path))
        return None if most is None else -(-most // unit)

    def _access(self, op: Operation, path: Path, may: int | None) -> tuple[Path, _Access]:
        first = path.steps[0] if path.steps else None
        offset = offset_interval(self._facts, first) if isinstance(first, Elem) else Interval.exactly(0)
        return path, _Access(op, offset, 1 if len(path.steps) > 1 else may)


def moved_at(variable: Variable) -> str:
    """Where a pointer variable is first made to point elsewhere."""
    moves = [*variable.assigns, *variable.updates]
    return place_of(moves[0]) if moves else ""


def place_of(op: Operation) -> str:
    """`file:line`."""
    span = span_of(op)
    return f"{span.file}:{span.line}" if span is not None else ""
