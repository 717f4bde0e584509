"""Where a pointer points: a base object and the steps that lead into it.

    uint8_t *q = &s->blocks[i + 2].bytes[4];      q is      s : [0] .blocks [2 + i] .bytes [4]

A pointer *is* the path of the place it points to, so dereferencing is the identity and pointer arithmetic changes the last element step.
Two pointers meet only when their bases are the same object; everything later (borrowing, splitting, extents) is said in these terms.

Owns the data only; `provenance` makes paths from minic.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from xdsl.ir import SSAValue


class BaseKind(Enum):
    """What kind of object a path starts in."""

    PARAMETER = "parameter"  # the array that a pointer parameter points to at entry
    LOCAL = "local"  # a variable of this function, parameters' own storage included
    GLOBAL = "global"
    STRING = "string literal"
    TEMPORARY = "compound literal"
    FIELD = "pointer field"  # the array that a pointer stored in a struct points to
    SLICE = "slice variable"  # what a local pointer was given, held as a slice of its own
    NULL = "null"


@dataclass(frozen=True, slots=True)
class Base:
    """An object. `place` is the SSA place of the variable (None for globals), `symbol` the global's name or a field base's key."""

    kind: BaseKind
    place: SSAValue | None = None
    symbol: str = ""


@dataclass(frozen=True, slots=True)
class Term:
    """Something added to (or, `negative`, taken from) an offset: an integer value counted in elements, or a pointer-typed value that
    stands for a position in the base (a read of a cursor variable, a `?:` between two positions, a call that returns one)."""

    value: SSAValue
    negative: bool = False


@dataclass(frozen=True, slots=True)
class Elem:
    """`[constant + terms]` into an array."""

    constant: int = 0
    terms: tuple[Term, ...] = ()

    def plus(self, constant: int = 0, *terms: Term) -> Elem:
        """The element further on."""
        return Elem(self.constant + constant, self.terms + terms)

    @property
    def is_zero(self) -> bool:
        """True for `[0]`."""
        return self.constant == 0 and not self.terms


@dataclass(frozen=True, slots=True)
class Field:
    """`.name`."""

    name: str


Step = Elem | Field


@dataclass(frozen=True, slots=True)
class Path:
    """A place: `base` and the steps into it. `field_path` is the place of the pointer field that a FIELD base was read from."""

    base: Base
    steps: tuple[Step, ...] = ()
    field_path: Path | None = None

    def at(self, steps: tuple[Step, ...]) -> Path:
        """Another place in the same base. (`dataclasses.replace` takes five times as long.)"""
        return Path(self.base, steps, self.field_path)

    def then(self, step: Step) -> Path:
        """One step deeper."""
        return self.at((*self.steps, step))

    @property
    def last_elem(self) -> Elem | None:
        """The last step, when it is an element of an array: only then may the pointer move."""
        last = self.steps[-1] if self.steps else None
        return last if isinstance(last, Elem) else None

    @property
    def container(self) -> Path:
        """The array whose element this is."""
        assert self.last_elem is not None
        return self.at(self.steps[:-1])

    def moved(self, constant: int = 0, *terms: Term) -> Path:
        """The place `constant + terms` elements further on."""
        last = self.last_elem
        assert last is not None
        return self.at((*self.steps[:-1], last.plus(constant, *terms)))

    @property
    def is_indirect(self) -> bool:
        """The base is what some pointer points at: its first step is already inside an array of unknown length."""
        return self.base.kind in (BaseKind.PARAMETER, BaseKind.FIELD, BaseKind.SLICE)

    @property
    def is_null(self) -> bool:
        """True for the null pointer."""
        return self.base.kind is BaseKind.NULL
