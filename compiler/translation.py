"""What a command asks of `pipelines.translate`, and what it gets back. Data only.

    translate([PreprocessJob("a.c", "a.c", text, PreprocessOptions())], TranslationOptions(), show=print)
    -> Translation(text="#![forbid(unsafe_code)]\\n…", report=Report(…))

Refused input is no translation: `translate` raises `CompileError`.
"""

from dataclasses import dataclass
from enum import Enum

from compiler.report import Report


class Emit(Enum):
    """Where the pipeline stops; the value is what `--emit` accepts."""

    MINIC = "minic"
    RUST_IR = "rust-ir"
    RUST = "rust"


@dataclass(frozen=True, slots=True)
class TranslationOptions:
    """`verify` checks the IR after every pass; `print_after` names passes whose result is shown."""

    emit: Emit = Emit.RUST
    print_after: frozenset[str] = frozenset()
    verify: bool = False


@dataclass(frozen=True, slots=True)
class Translation:
    """`text` is what was asked for, Rust or IR; `report` says how each function and pointer came out."""

    text: str
    report: Report
