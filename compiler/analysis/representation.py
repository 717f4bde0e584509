"""The rung of every pointer parameter: the highest that is proven sound for the whole program.

    uint32_t *st     every access below 16, every caller supplies 16      ->  &mut [u32; 16]
    const uint8_t *p, size_t n                                            ->  &[u8]
    struct ctx *c    only ever the one object                             ->  &mut Ctx

Rungs: reference, array reference, slice (architecture: `Pointers`). Extents go from callee to caller (a footprint's `may` is what is needed)
and back (what every caller can supply is what is allowed): an array reference needs `must >= may`, or every call site seen to supply it.
Mutability is the least: `&mut` only where the footprint is written.
"""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.ir import Attribute, SSAValue

from compiler.analysis.footprint import Footprint, Footprints
from compiler.analysis.paths import BaseKind, Path
from compiler.analysis.positions import offset_interval
from compiler.analysis.program import Program
from compiler.dialects.minic_types import PtrType, StructType
from compiler.report import Rung

MAX_ARRAY = 1 << 16
"""Longer extents stay slices: a type that spells such a number helps nobody."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How a pointer parameter is passed. `extent`: elements of an array reference. `reason`: why no higher rung holds."""

    rung: Rung
    element: Attribute
    mutable: bool
    extent: int = 0
    reason: str = ""


class Shapes:
    """The shapes of all pointer parameters, each decided when first asked for."""

    def __init__(self, program: Program, footprints: Footprints) -> None:
        self.program = program
        self.footprints = footprints
        self._known: dict[tuple[str, int], Shape] = {}
        self._open: set[tuple[str, int]] = set()

    def of(self, name: str, index: int) -> Shape:
        """The shape of pointer parameter `index` of a function."""
        key = (name, index)
        if key in self._known:
            return self._known[key]
        if key in self._open:
            return self._slice(name, index, "the function calls itself")
        self._open.add(key)
        shape = self._known[key] = self._decide(name, index)
        self._open.discard(key)
        return shape

    def forget(self) -> None:
        """The program has been rewritten."""
        self._known.clear()

    def _decide(self, name: str, index: int) -> Shape:
        footprint = self.footprints.of(name)[index]
        element = self.program.element_type(name, index)
        if self._moves(name, index):
            return self._slice(name, index, "the pointer moves")
        if footprint.single:
            return self._single(name, index, footprint, element)
        if footprint.negative:
            return self._slice(name, index, "an index may be negative")
        if footprint.may is None:
            return self._slice(name, index, "no bound is known for its index")
        if footprint.may == 0:
            return self._slice(name, index, "no element of it is used")
        if footprint.may > MAX_ARRAY:
            return self._slice(name, index, "its length is not a constant")
        reason = self._unsupplied(name, index, footprint, footprint.may)
        if reason:
            return self._slice(name, index, reason)
        return Shape(Rung.ARRAY, element, footprint.written, footprint.may)

    def _single(self, name: str, index: int, footprint: Footprint, element: Attribute) -> Shape:
        """One object: a reference, unless a caller may pass the end of an array that is never dereferenced."""
        if not isinstance(element, StructType) and (reason := self._unsupplied(name, index, footprint, 1)):
            return self._slice(name, index, reason)
        return Shape(Rung.REFERENCE, element, footprint.written)

    def _slice(self, name: str, index: int, reason: str) -> Shape:
        written = self.footprints.of(name)[index].written
        return Shape(Rung.SLICE, self.program.element_type(name, index), written, reason=reason)

    def _moves(self, name: str, index: int) -> bool:
        place = self.program.functions[name].body.block.args[index]
        return self.program.facts(name).variables[place].definitions > 1

    def _unsupplied(self, name: str, index: int, footprint: Footprint, needed: int) -> str:
        """Why `needed` elements are not known to be there; empty when they are."""
        if footprint.must >= needed:
            return ""
        if self.program.functions[name].exported is not None:
            return f"a caller may pass fewer than {needed} elements"
        for caller, call in self.program.calls_to(name):
            available = self.supply(caller, call.args[index])
            if available is None or available < needed:
                return f"`{caller}` is not known to pass {needed} elements"
        return ""

    def supply(self, caller: str, argument: SSAValue) -> int | None:
        """Elements known to exist from the argument on."""
        return self.supply_at(caller, self.program.facts(caller).provenance.resolve(argument))

    def supply_at(self, caller: str, path: Path) -> int | None:
        """Elements known to exist from a path on."""
        if path.is_null:
            return None
        last = path.last_elem
        if last is None:
            return 1
        length = self.length_of(caller, path.container)
        offset = offset_interval(self.program.facts(caller), last)
        if length is None or offset.hi is None or not offset.is_nonnegative:
            return None
        return length - offset.hi

    def length_of(self, caller: str, array: Path) -> int | None:
        """Elements of the array at a path, when the caller's types tell."""
        if array.base.kind is BaseKind.PARAMETER and not array.steps:
            facts = self.program.facts(caller)
            shape = self.of(caller, facts.parameter_index(array.base.place))
            return {Rung.ARRAY: shape.extent, Rung.REFERENCE: 1}.get(shape.rung)
        return self.program.array_length(caller, array)

    def signature(self, name: str) -> list[Shape | None]:
        """One shape per parameter, None for values."""
        types = self.program.functions[name].param_types.data
        return [self.of(name, i) if isinstance(kind, PtrType) else None for i, kind in enumerate(types)]
