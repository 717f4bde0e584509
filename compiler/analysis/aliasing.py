"""Which pointer arguments of a call meet in one object, and where their ways part.

    f(r, a + 4, r)          arguments 0 and 2 are the same place; argument 1 is elsewhere
    g(&s->x, &s->y)         no conflict: different fields are different memory, and rustc knows
    h(m[i], m[j])           a conflict one level up: rows i and j of m

A conflict is a pair of which one is written, in one array at one level. What to do about it (split, specialise, refuse) is not decided here.
"""

from __future__ import annotations

from dataclasses import dataclass

from compiler.analysis.footprint import Footprint, Footprints
from compiler.analysis.index import Index
from compiler.analysis.paths import Elem, Field, Path
from compiler.analysis.program import Call, FunctionFacts
from compiler.dialects.minic_types import PtrType


@dataclass(frozen=True, slots=True)
class Argument:
    """A pointer argument: where it points, and what the callee does there."""

    index: int
    path: Path
    footprint: Footprint

    def elem_at(self, depth: int) -> Elem:
        """The element step at a level of the path."""
        step = self.path.steps[depth]
        assert isinstance(step, Elem)
        return step

    def length_at(self, depth: int) -> Index | None:
        """How many elements at that level the callee may use from there on (None: no bound known)."""
        if depth < len(self.path.steps) - 1:
            return Index.of(1)
        may = 1 if self.footprint.single else self.footprint.may
        return None if may is None else Index.of(max(may, 1))


@dataclass(frozen=True, slots=True)
class Group:
    """Arguments in conflict within one array: the one reached by the first `depth` steps. With `nested`, one argument's object contains
    the other's, so no split can part them."""

    arguments: tuple[Argument, ...]
    depth: int
    nested: bool = False

    @property
    def same(self) -> bool:
        """All the arguments are one object that is no element of an array."""
        return self.nested and all(argument.path == self.arguments[0].path for argument in self.arguments)

    def container(self) -> Path:
        """The array in which the arguments meet."""
        path = self.arguments[0].path
        return path.at(path.steps[: self.depth])


def arguments_of(footprints: Footprints, facts: FunctionFacts, call: Call) -> list[Argument]:
    """The pointer arguments of a call of a function of this program (none for others: the library's are told apart by name)."""
    callee = call.callee.data
    if callee not in footprints.program.functions:
        return []
    each = zip(range(len(call.args)), call.args, footprints.of(callee), strict=True)
    found = [Argument(i, facts.provenance.resolve(arg), fp) for i, arg, fp in each if isinstance(arg.type, PtrType)]
    return [argument for argument in found if not argument.path.is_null]


def conflicts(arguments: list[Argument]) -> list[Group]:
    """The groups of arguments in conflict, each with all arguments that meet a written one in that array."""
    members: dict[tuple[Path, int, bool], dict[int, Argument]] = {}
    for i, first in enumerate(arguments):
        for second in arguments[i + 1 :]:
            meeting = _meeting(first.path, second.path)
            if meeting is None or not (first.footprint.written or second.footprint.written):
                continue
            depth, nested = meeting
            key = (first.path.at(first.path.steps[:depth]), depth, nested)
            members.setdefault(key, {}).update({first.index: first, second.index: second})
    return [
        Group(tuple(found[index] for index in sorted(found)), depth, nested)
        for (_, depth, nested), found in members.items()
    ]


def _meeting(first: Path, second: Path) -> tuple[int, bool] | None:
    """Where two paths may share memory: the level of the array they part in, or (nested) where one ends inside the other."""
    if first.base != second.base or first.field_path != second.field_path:
        return None
    for depth, (a, b) in enumerate(zip(first.steps, second.steps, strict=False)):
        if a == b:
            continue
        if isinstance(a, Field) or isinstance(b, Field):
            return None
        return depth, False
    shorter = min(len(first.steps), len(second.steps))
    if len(first.steps) == len(second.steps) and shorter and isinstance(first.steps[-1], Elem):
        return shorter - 1, False
    return shorter, True
