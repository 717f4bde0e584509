"""Schedules of arithmetic kernels: functions of `qarith` ops on tensors, for each target.

    #qarith.schedule<piuma, threads = 64, …>          on the function: `qarith.schedule = …`

A kernel has one schedule, whatever ops it is of; a field that none of its ops has a choice in changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from xdsl.dialects import func
from xdsl.ir import Data
from xdsl.irdl import irdl_attr_definition
from xdsl.parser import AttrParser
from xdsl.printer import Printer

from compiler.dialects.schedules.mechanism import bounded, parse_targeted, targeted_text
from compiler.dialects.schedules.schedule import Schedule


class Product(StrEnum):
    """How `lookup` ops are computed."""

    LOOKUP = "lookup"
    """Tables of sums: an entry for each group of weights and each of their bits."""
    MULTIPLY = "multiply"
    """One multiplication for each weight."""


class Tables(StrEnum):
    """Where the tables of sums are."""

    SCRATCHPAD = "scratchpad"
    MEMORY = "memory"


class Patterns(StrEnum):
    """Which look-ups are left out, by the patterns of the bits that they are for."""

    ALL = "all"
    """None."""
    REUSE = "reuse"
    """Those of planes that have the pattern of all planes above: their sum with it is that of the lowest of them."""
    NONZERO = "nonzero"
    """Those of no input at all."""


ATTRIBUTE = "qarith.schedule"


@dataclass(frozen=True, slots=True)
class PiumaArithmetic(Schedule):
    """On the machine: one block, tensors in its scratchpad as far as they fit."""

    target: ClassVar[str] = "piuma"

    threads: int = bounded(64, 1, 1024)
    """Of the block."""
    product: Product = Product.LOOKUP
    group: int = bounded(0, 0, 8)
    """Inputs that share a table, where nobody else sees it; 0: as the kernel has it."""
    patterns: Patterns = Patterns.ALL
    lanes: int = bounded(4, 1, 4)
    """Sums of a batch that share a word, 1, 2 or 4, in look-ups and multiplications: fewer where they might not fit."""
    sums: int = bounded(16, 1, 20)
    """Sums of a batch, or of a tile, that are kept in registers at a time; look-ups keep as many as there are lanes in each."""
    tile: int = bounded(2, 1, 8)
    """Rows that are multiplied at a time, so that what they are multiplied with is loaded once for them."""
    deal: int = bounded(1, 1, 64)
    """Rounds of a loop that a thread takes in a row, where there are enough for all: neighbours share lines of a cache."""
    tables: Tables = Tables.SCRATCHPAD
    staged: bool = True
    """Rows of weights are moved into the scratchpad by DMA, where there is space for them."""


@dataclass(frozen=True, slots=True)
class CpuArithmetic(Schedule):
    """C with OpenMP."""

    target: ClassVar[str] = "cpu"

    threads: int = bounded(2, 1, 64)
    """1 emits no OpenMP."""
    grain: int = bounded(1 << 16, 0, 1 << 40)
    """Operations of a loop that are worth more than one thread."""
    product: Product = Product.LOOKUP
    shuffled: bool = False
    """Entries are found by shuffling the bytes of a register, for 32 outputs at a time: tables of 16, groups of 4 inputs."""
    group: int = bounded(0, 0, 8)
    """Inputs that share a table, where nobody else sees it; 0: as the kernel has it."""
    patterns: Patterns = Patterns.ALL
    lanes: int = bounded(4, 1, 4)
    """Sums of a batch that share a word, 1, 2 or 4, in look-ups and multiplications: fewer where they might not fit."""
    sums: int = bounded(16, 1, 20)
    """Sums of a batch, or of a tile, that are kept in registers at a time; look-ups keep as many as there are lanes in each."""
    tile: int = bounded(2, 1, 8)
    """Rows that are multiplied at a time, so that what they are multiplied with is loaded once for them."""


@dataclass(frozen=True, slots=True)
class RustArithmetic(Schedule):
    """Safe Rust, one thread."""

    target: ClassVar[str] = "rust"

    product: Product = Product.LOOKUP
    group: int = bounded(0, 0, 8)
    """Inputs that share a table, where nobody else sees it; 0: as the kernel has it."""
    patterns: Patterns = Patterns.ALL
    lanes: int = bounded(4, 1, 4)
    """Sums of a batch that share a word, 1, 2 or 4, in look-ups and multiplications: fewer where they might not fit."""
    sums: int = bounded(16, 1, 20)
    """Sums of a batch, or of a tile, that are kept in registers at a time; look-ups keep as many as there are lanes in each."""
    tile: int = bounded(2, 1, 8)
    """Rows that are multiplied at a time, so that what they are multiplied with is loaded once for them."""


ArithmeticSchedule = PiumaArithmetic | CpuArithmetic | RustArithmetic

SCHEDULES: dict[str, type[ArithmeticSchedule]] = {
    each.target: each for each in (PiumaArithmetic, CpuArithmetic, RustArithmetic)
}
"""The schedule class of each target."""


@irdl_attr_definition
class ArithmeticScheduleAttr(Data[ArithmeticSchedule]):
    """The schedule of an arithmetic kernel."""

    name = "qarith.schedule"

    @classmethod
    def parse_parameter(cls, parser: AttrParser) -> ArithmeticSchedule:
        return parse_targeted(parser, SCHEDULES)

    def print_parameter(self, printer: Printer) -> None:
        printer.print_string(targeted_text(self.data.target, self.data))


def schedule_of(function: func.FuncOp) -> ArithmeticSchedule | None:
    """The schedule that stands on a function."""
    found = function.attributes.get(ATTRIBUTE)
    return found.data if isinstance(found, ArithmeticScheduleAttr) else None


def set_schedule(function: func.FuncOp, schedule: ArithmeticSchedule) -> None:
    """Put a schedule on a function, once and for all."""
    function.attributes[ATTRIBUTE] = ArithmeticScheduleAttr(schedule)
