"""An assembled program: instructions with resolved operands, labels, and the data it brings along.

`Program.instructions[i]` is at address `CODE_BASE + 4 * i`.  `operands` stand in the order of
`spec.fields`: register numbers (0 to 63), immediates, instruction indices for labels, addresses for
symbols.  A program refuses to exist when control could run off its end.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from runtime.isa import CODE_BASE, REGISTER_NAMES, Spec
from runtime.machine import DRAM_BASE, SPAD_BASE


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction; `symbols[i]` is the name that operand `i` was written as, if any."""

    spec: Spec
    operands: tuple[int, ...]
    symbols: tuple[str, ...] = ()
    line: int = field(default=0, compare=False)
    destination: int = field(init=False, compare=False)
    """Register written, or 0 (`zero`) for none."""
    sources: tuple[int, ...] = field(init=False, compare=False)
    """Registers read, in the order of `spec.sources`."""
    immediate: int = field(init=False, compare=False)
    """The immediate, label index or symbol address; 0 when there is none."""

    def __post_init__(self) -> None:
        values = dict(zip(self.spec.fields, self.operands, strict=True))
        plain = [v for name, v in values.items() if name[0] not in "xf"]
        object.__setattr__(self, "destination", values.get(self.spec.destination, 0))
        object.__setattr__(self, "sources", tuple(values[name] for name in self.spec.sources))
        object.__setattr__(self, "immediate", plain[0] if plain else 0)

    def render(self) -> str:
        """The instruction as assembly text."""
        text = self.spec.syntax
        names = self.symbols or ("",) * len(self.operands)
        shown = [_operand_text(*item) for item in zip(self.spec.fields, self.operands, names, strict=True)]
        pieces: list[str] = []
        for name, value in zip(self.spec.fields, shown, strict=True):
            head, _, text = text.partition(name)
            pieces += [head, value]
        return f"{self.spec.mnemonic} {''.join(pieces)}{text}".rstrip()


def _operand_text(name: str, value: int, symbol: str) -> str:
    if symbol:
        return symbol
    return REGISTER_NAMES[value] if name[0] in "xf" else str(value)


class Section(Enum):
    """Where a datum lives: DRAM, or the same offset of every block's scratchpad."""

    DATA = ".data"
    SPAD = ".spad"


class Datatype(Enum):
    """A data directive and its element format (for `struct`)."""

    DWORD = "q"
    WORD = "i"
    HALF = "h"
    BYTE = "b"
    DOUBLE = "d"
    FLOAT = "f"
    ZERO = "x"

    @property
    def size(self) -> int:
        """Bytes per element, which is also its alignment (1 for ZERO)."""
        return struct.calcsize(self.value)

    @property
    def directive(self) -> str:
        """As written, `.dword`."""
        return f".{self.name.lower()}"


@dataclass(frozen=True, slots=True)
class Datum:
    """One data directive; `address` is where it was placed."""

    section: Section
    labels: tuple[str, ...]
    datatype: Datatype
    values: tuple[int | float, ...]
    address: int
    alignment: int = 1

    @property
    def size(self) -> int:
        """Bytes occupied."""
        return int(self.values[0]) if self.datatype is Datatype.ZERO else self.datatype.size * len(self.values)

    def encode(self) -> bytes:
        """The bytes, little-endian."""
        if self.datatype is Datatype.ZERO:
            return bytes(self.size)
        wide = "" if self.datatype in (Datatype.DOUBLE, Datatype.FLOAT) else self.datatype.value
        values = [_wrap(int(v), self.datatype.size) for v in self.values] if wide else self.values
        return struct.pack(f"<{len(values)}{self.datatype.value}", *values)


def _wrap(value: int, size: int) -> int:
    half = 1 << (8 * size - 1)
    return (value + half) % (2 * half) - half


@dataclass(frozen=True)
class Program:
    """Instructions, code labels (instruction index) and data."""

    instructions: tuple[Instruction, ...]
    labels: dict[str, int]
    data: tuple[Datum, ...] = ()
    path: str = field(default="<program>", compare=False)

    @cached_property
    def symbols(self) -> dict[str, int]:
        """Address of every data label."""
        return {name: datum.address for datum in self.data for name in datum.labels}

    @cached_property
    def entries(self) -> frozenset[int]:
        """Instruction indices an indirect jump may reach: labels whose address is taken, and return points."""
        returns = {i + 1 for i, ins in enumerate(self.instructions) if _links(ins)}
        taken = {self.labels[n] for ins in self.instructions for n in ins.symbols if n in self.labels}
        return frozenset(i for i in taken | returns if i < len(self.instructions))

    @cached_property
    def label_of(self) -> dict[int, str]:
        """A label for each labelled instruction, the first by name."""
        return {index: name for name, index in sorted(self.labels.items(), reverse=True)}

    def extent(self, section: Section) -> int:
        """Bytes from the section's base to the end of its data."""
        base = DRAM_BASE if section is Section.DATA else SPAD_BASE
        return max((d.address + d.size - base for d in self.data if d.section is section), default=0)

    def place(self, index: int) -> str:
        """`file:line` of an instruction, for a message."""
        line = self.instructions[index].line if 0 <= index < len(self.instructions) else 0
        return f"{self.path}:{line}" if line else self.path

    def render(self) -> str:
        """Assembly text that assembles to an equal program."""
        return "".join(f"{line}\n" for line in (*_code_lines(self), *_data_lines(self)))


def address_of_code(index: int) -> int:
    """Address of an instruction."""
    return CODE_BASE + 4 * index


def _links(ins: Instruction) -> bool:
    return ins.spec.mnemonic in ("jal", "jalr") and ins.destination != 0


def _code_lines(program: Program) -> list[str]:
    named: dict[int, list[str]] = {}
    for name, index in program.labels.items():
        named.setdefault(index, []).append(name)
    lines = [".text"]
    for index, ins in enumerate(program.instructions):
        lines += [f"{name}:" for name in named.get(index, ())]
        lines.append(f"    {ins.render()}")
    return lines


def _data_lines(program: Program) -> list[str]:
    lines: list[str] = []
    section: Section | None = None
    for datum in program.data:
        if datum.section is not section:
            section = datum.section
            lines.append(section.value)
        lines += [f".balign {datum.alignment}"] if datum.alignment > 1 else []
        lines += [f"{name}:" for name in datum.labels]
        lines.append(f"    {datum.datatype.directive} {', '.join(map(repr, datum.values))}")
    return lines
