"""Everything that can be wrong with what the user gives the machine, as exceptions that carry data.

`AssemblyError` names file, line and column; `ConfigurationError` names the field; `SimulationFault`
names instruction, thread and cycle; `MatrixError` names file and line.  All are `RuntimeRefusal`, so a
command line needs one `except`.  What is wrong with the simulator itself stays an `assert`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path


class RuntimeRefusal(Exception):
    """The input was refused; `str` is the message for the user."""


class UnreadableError(RuntimeRefusal):
    """A file that cannot be opened: the command line is at fault, not what the file says."""

    def __init__(self, path: Path, error: OSError) -> None:
        self.path = path
        super().__init__(f"{path}: error: {os.strerror(error.errno or 0)}")


class AssemblyError(RuntimeRefusal):
    """The assembly text is not a program."""

    def __init__(self, path: str, line: int, column: int, message: str, source: str = "") -> None:
        self.path, self.line, self.column, self.reason = path, line, column, message
        caret = f"\n{line:5} | {source}\n      | {' ' * (column - 1)}^" if source else ""
        super().__init__(f"{path}:{line}:{column}: error: {message}{caret}")


class ConfigurationError(RuntimeRefusal):
    """A machine description or a launch that no machine can have."""


class MatrixError(RuntimeRefusal):
    """A matrix file or container that is not a sparse matrix."""


class FaultKind(IntEnum):
    """Why a simulation stopped.  The values cross into compiled code."""

    NONE = 0
    MISALIGNED = 1
    OUT_OF_RANGE = 2
    BAD_JUMP = 3
    BREAK = 4
    BAD_QUEUE = 5
    BAD_TICKET = 6
    BAD_THREAD = 7
    COLLECTIVE_MISMATCH = 8
    DMA_RANGE = 9
    DMA_SHAPE = 10
    DEADLOCK = 11
    CYCLE_LIMIT = 12
    RACE = 13
    STALE_READ = 14


_TEXT = {
    FaultKind.MISALIGNED: "address {value:#x} is not aligned to the access",
    FaultKind.OUT_OF_RANGE: "address {value:#x} is in neither DRAM nor a scratchpad",
    FaultKind.BAD_JUMP: "jump to {value:#x}, which is neither an address-taken label nor a return point",
    FaultKind.BREAK: "ebreak",
    FaultKind.BAD_QUEUE: "there is no queue {value}",
    FaultKind.BAD_TICKET: "{value} is not the ticket of a transfer",
    FaultKind.BAD_THREAD: "there is no thread {value}",
    FaultKind.COLLECTIVE_MISMATCH: "thread waits in another collective than the threads already there (code {value})",
    FaultKind.DMA_RANGE: "transfer touches address {value:#x}, outside its memory or misaligned",
    FaultKind.DMA_SHAPE: "transfer of {value}: a count is not negative, and a copy is of whole words of 4 bytes",
    FaultKind.DEADLOCK: "deadlock: every live thread waits",
    FaultKind.CYCLE_LIMIT: "cycle limit reached",
    FaultKind.RACE: "data race on address {value:#x}",
    FaultKind.STALE_READ: "cached read of address {value:#x} may see an old value: written by another pipeline since the fill",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """Where and why a run stopped: `pc` is an instruction index, `value` an address or operand."""

    kind: FaultKind
    cycle: int
    thread: int
    pc: int
    value: int

    def reason(self) -> str:
        """The cause without the place."""
        return _TEXT[self.kind].format(value=self.value)


class SimulationFault(RuntimeRefusal):
    """An illegal program, at the moment it showed."""

    def __init__(self, fault: Fault, instruction: str, place: str, details: tuple[str, ...] = ()) -> None:
        self.fault = fault
        head = f"{place}: error: {fault.reason()}"
        where = f"  at `{instruction}`, thread {fault.thread}, cycle {fault.cycle}"
        super().__init__("\n".join((head, where, *(f"  {line}" for line in details))))
