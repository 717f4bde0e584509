"""What a translation has to say for itself: the facts behind `--report` and `--explain`, as data.

    uint32_t sum(const uint32_t *p, size_t n)        ParameterReport("p", "const uint32_t *", "&[u32]", Rung.SLICE, …,
                                                                     reason="no bound is known for its index", evidence="sum.c:12")

One `FunctionReport` per function of the output (variants of an aliased callee included), one `ParameterReport` per parameter: enough to
call the Rust function and the C function on the same input without reading either. The order is that of the output.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Rung(StrEnum):
    """The representation ladder, as far as it is built (architecture: `Pointers`). ALIAS is no step of it: such a pointer needs none."""

    ALIAS = "alias"
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
class FieldReport:
    """One field of a struct; a pointer has a rung, and the reason why no higher one holds."""

    name: str
    rust_name: str
    c_type: str
    rust_type: str
    rung: Rung | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StructReport:
    """One struct of the output; `c_type` is how C spells it (`struct tag`, or the name of a typedef)."""

    name: str
    rust_name: str
    c_type: str
    fields: tuple[FieldReport, ...]
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class ParameterReport:
    """One C parameter and what became of it.

    `rung` is None for a scalar or struct passed by value. `element` is the Rust type of what a pointer points at. `extent` is the number of
    elements of an array reference; `read`/`written` tell whether the function (or its callees) touches the pointee. `reason` says why no
    higher rung holds, `evidence` where (`file:line`, or nothing). A parameter that an in-place variant does without is absent.
    `lowest` and `highest` bound what the callers pass, where all of them are known: the translation may rely on it.
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
    evidence: str = ""
    lowest: int | None = None
    highest: int | None = None


@dataclass(frozen=True, slots=True)
class PlaceReport:
    """A pointer variable inside a function: its rung, what it points into (in C's words), and why no higher rung holds."""

    name: str
    line: int
    rung: Rung
    base: str
    reason: str
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class CallReport:
    """A call that a variant was made for."""

    caller: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class RefusalReport:
    """Why a function is refused: the number of the diagnostic's code, and its place."""

    code: str
    message: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class FunctionReport:
    """One function of the output. `copies` are the bytes of each copy inserted, `splits` counts `split_at_mut`s; `module` is the one that
    it stands in, when a crate was asked for (`""` is the root)."""

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
    made_for: tuple[CallReport, ...] = ()
    copies: tuple[int, ...] = ()
    splits: int = 0
    refusals: tuple[RefusalReport, ...] = ()
    module: str = ""


@dataclass(slots=True)
class Report:
    """The whole translation."""

    functions: list[FunctionReport] = field(default_factory=list[FunctionReport])
    structs: list[StructReport] = field(default_factory=list[StructReport])

    def clear(self) -> None:
        """Forget what was said: the translation begins anew."""
        self.functions.clear()
        self.structs.clear()
