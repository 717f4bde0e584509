"""Whether the borrows that structs hold can be told to rustc.

    reader r;  reader_init(&r, buf);  buf[0] = 1;  reader_next(&r);        refused: `buf` is written while `r` borrows it

A pointer stored in a struct becomes a slice that borrows its array for as long as any struct (or slice variable) that holds pointers is
used. rustc rejects a program that touches the array meanwhile (writes it, for a pointer to const; uses it at all, otherwise); this
analysis finds those programs first, and says which line is in the way. It does not tell structs apart: any later use of any of them keeps
all the borrows of the function alive.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from xdsl.ir import Attribute, Operation

from compiler.analysis.footprint import Event, Footprints
from compiler.analysis.paths import BaseKind, Path
from compiler.analysis.program import FunctionFacts, Program
from compiler.analysis.variables import encloses
from compiler.codes import Code
from compiler.diagnostics import CompileError, Label, refusal
from compiler.dialects import minic
from compiler.dialects.minic_types import struct
from compiler.dialects.walking import ops_inside
from compiler.locations import span_of

_LOOPS = (minic.ForOp, minic.WhileOp, minic.DoWhileOp)


@dataclass(frozen=True, slots=True)
class _Store:
    """A pointer into `source` comes to be held by a struct, which is seen beyond the function when it `escapes`."""

    op: Operation
    source: Path
    mutable: bool
    escapes: bool


def check_borrows(program: Program, footprints: Footprints, name: str) -> None:
    """Refuse a function whose borrows rustc would reject."""
    if not any(program.borrows(struct_type) for struct_type in _struct_types(program)):
        return
    _Checker(program, footprints, name).check()


def _struct_types(program: Program) -> list[Attribute]:
    return [struct(symbol) for symbol in program.structs]


class _Checker:
    def __init__(self, program: Program, footprints: Footprints, name: str) -> None:
        self._program = program
        self._name = name
        self._facts: FunctionFacts = program.facts(name)
        self._events = footprints.events(name)
        self._order: dict[Operation, int] = {}

    def check(self) -> None:
        stores = self._stores()
        if not stores:
            return  # nearly all functions: nothing else need be known of them
        self._order = {op: i for i, op in enumerate(ops_inside(self._facts.function.body.block))}
        uses = [event for event in self._events if self._is_use(event)]
        for store in stores:
            if store.escapes and store.source.base.kind is BaseKind.LOCAL:
                raise refusal(
                    Code.RETURNED_LOCAL_ADDRESS,
                    span_of(store.op),
                    "the address of a local is stored in an object that outlives it",
                    help="let the caller own the buffer",
                )
            for event in self._events:
                if self._touches(event, store) and self._meanwhile(event, store, uses):
                    raise self._conflict(store, event)

    def _stores(self) -> list[_Store]:
        found: list[_Store] = []
        for event in self._events:
            if event.stored is None or event.stored.base.kind not in (BaseKind.LOCAL, BaseKind.PARAMETER):
                continue
            escapes = event.path.base.kind is not BaseKind.LOCAL
            found.append(_Store(event.op, event.stored, event.mutable, escapes))
        return found

    def _is_use(self, event: Event) -> bool:
        """The access keeps borrows alive: it goes through a pointer field or a slice variable, or concerns a struct that holds pointers."""
        if event.path.base.kind in (BaseKind.FIELD, BaseKind.SLICE):
            return True
        whole = (
            event.path.steps[:1] if event.path.is_indirect else ()
        )  # rustc asks about variables, not about their fields
        kind = self._program.type_at(self._name, replace(event.path, steps=whole))
        return self._program.borrows(kind)

    def _touches(self, event: Event, store: _Store) -> bool:
        same = event.path.base == store.source.base and event.op is not store.op
        return same and (event.written or store.mutable)

    def _meanwhile(self, event: Event, store: _Store, uses: list[Event]) -> bool:
        """The access can come after the store, and a use of the borrow after the access."""
        if not self._can_follow(store.op, event.op):
            return False
        return store.escapes or any(use.op is event.op or self._can_follow(event.op, use.op) for use in uses)

    def _can_follow(self, first: Operation, second: Operation) -> bool:
        if self._order[second] > self._order[first]:
            return True
        at: Operation | None = second
        while at is not None:
            if isinstance(at, _LOOPS) and encloses(at, first):
                return True
            at = at.parent_op()
        return False

    def _conflict(self, store: _Store, event: Event) -> CompileError:
        here = span_of(store.op)
        labels = () if here is None else (Label(here, "a struct borrows it here"),)
        word = "written" if event.written else "used"
        return refusal(
            Code.MUTABLE_ALIAS,
            span_of(event.op),
            f"memory is {word} while a struct holds a pointer to it",
            labels=labels,
            help="mutable aliases take cells (rung 6); finish with the struct first, or keep an index in it instead of a pointer",
        )
