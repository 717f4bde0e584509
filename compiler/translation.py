"""What a command asks of `pipelines.translate`, and what it gets back. Data only.

    translate([PreprocessJob("a.c", "a.c", text, PreprocessOptions())], TranslationOptions(), show=print)
    -> Translation(text="#![forbid(unsafe_code)]\\n…", report=Report(…))

Refused input is no translation: `translate` raises `CompileError`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from compiler.diagnostics import Diagnostic
from compiler.report import Report


class Emit(Enum):
    """Where the pipeline stops; the value is what `--emit` accepts."""

    MINIC = "minic"
    RUST_IR = "rust-ir"
    RUST = "rust"


class Naming(Enum):
    """Which names the Rust has; the value is what `--rename` accepts."""

    C = "keep"
    SNAKE = "snake"


@dataclass(frozen=True, slots=True)
class TranslationOptions:
    """`verify` checks the IR after every pass; `print_after` names passes whose result is shown; `crate` asks for a crate of that name;
    `partial` leaves out what is refused instead of refusing all. Without `report` there is none, which is quicker."""

    emit: Emit = Emit.RUST
    print_after: frozenset[str] = frozenset()
    verify: bool = False
    crate: str = ""
    partial: bool = False
    naming: Naming = Naming.C
    report: bool = True


@dataclass(frozen=True, slots=True)
class Translation:
    """`text` is what was asked for, Rust or IR; of a crate, `files` are the texts by path. `report` says how each function and pointer
    came out, `warnings` why a partial one leaves something out."""

    text: str
    report: Report
    files: Mapping[str, str] = field(default_factory=dict[str, str])
    warnings: tuple[Diagnostic, ...] = ()
