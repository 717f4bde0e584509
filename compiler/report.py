"""What a translation has to say for itself: the facts behind `--report` and `--explain`, as data.

One `FunctionReport` per function of the output (variants of an aliased callee included), one `ParameterReport` per parameter: enough to
call the Rust function and the C function on the same input without reading either.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Rung(StrEnum):
    """The representation ladder, as far as it is built (architecture: `Pointers`)."""

    REFERENCE = "reference"
    ARRAY = "array"
    SLICE = "slice"
    CURSOR = "cursor"


class Verdict(StrEnum):
    """How faithful a function's translation is."""

    EXACT = "exact"
    EXACT_WITH_COPIES = "exact with copies"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ParameterReport:
    """One C parameter and what became of it.

    `rung` is None for a scalar or struct passed by value. `element` is the Rust type of what a pointer points at. `extent` is the number of
    elements of an array reference; `read`/`written` tell whether the function (or its callees) touches the pointee. `merged_into` names
    the parameter that this one is an alias of in an in-place variant (it is then absent from the Rust signature).
    """

    name: str
    c_type: str
    rust_type: str
    rung: Rung | None = None
    element: str = ""
    extent: int | None = None
    read: bool = False
    written: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PlaceReport:
    """A pointer variable inside a function: its rung, what it points into, and why no higher rung holds."""

    name: str
    line: int
    rung: Rung
    base: str
    reason: str


@dataclass(frozen=True, slots=True)
class FunctionReport:
    """One function of the output."""

    name: str
    rust_name: str
    file: str
    line: int
    exported: bool
    verdict: Verdict
    parameters: tuple[ParameterReport, ...]
    result_c_type: str
    result_rust_type: str
    places: tuple[PlaceReport, ...] = ()
    variant_of: str = ""
    copies: tuple[int, ...] = ()  # bytes of each copy inserted
    splits: int = 0


@dataclass(slots=True)
class Report:
    """The whole translation."""

    functions: list[FunctionReport] = field(default_factory=list[FunctionReport])
