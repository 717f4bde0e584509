"""The instruction set as data: one row per instruction, read by the assembler, both simulators and the emitter.

The scalar base follows RISC-V (RV64 I, M, F, D, parts of Zba, Zbb and Zicond); everything of the
machine's own carries the prefix `piuma.`.  A row is

    mnemonic | unit | operands as written | meaning [| handler code]

and the operand names are the whole encoding: `xd`/`fd` is the destination, `x1`.. and `f1`.. are
sources, `i12 i64 u5 u6 u12 u20` are immediates with their range, `label` is a code label and `sym`
an address.  Example: `ld | LOAD | xd, i12(x1) | ...` accepts `ld a0, -8(sp)`.

Not modelled: instruction encodings in bits (the real ones are not public), rounding modes other than
to-nearest-even, floating-point flags, privileged state.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache

from runtime.isa_table import ROWS

CODE_BASE = 0x10000
"""Address of instruction 0; instruction `i` is at `CODE_BASE + 4 * i`.  Address 0 in `ra` ends a thread."""


class Unit(Enum):
    """What executes an instruction, hence how it is timed."""

    ALU = auto()
    BRANCH = auto()
    JUMP = auto()
    MUL = auto()
    DIV = auto()
    FP = auto()
    FDIV = auto()
    LOAD = auto()
    STORE = auto()
    ATOMIC = auto()
    """Near-memory read-modify-write; the old value comes back."""
    REDUCE = auto()
    """The same, posted: nothing comes back."""
    ENGINE = auto()
    """Everything that a shared engine decides: DMA, queues, collectives, threads."""

    @property
    def is_local(self) -> bool:
        """Touches only the issuing thread's registers, so its effect commutes with every other thread."""
        return self in _LOCAL


_LOCAL = frozenset({Unit.ALU, Unit.BRANCH, Unit.MUL, Unit.DIV, Unit.FP, Unit.FDIV})

IMMEDIATES: dict[str, tuple[int, int]] = {
    "i12": (-(1 << 11), (1 << 11) - 1),
    "i64": (-(1 << 63), (1 << 64) - 1),
    "u5": (0, 31),
    "u6": (0, 63),
    "u12": (0, 4095),
    "u20": (0, (1 << 20) - 1),
}
"""Inclusive range of every immediate kind."""


@dataclass(frozen=True, slots=True)
class Spec:
    """One instruction of the set."""

    mnemonic: str
    unit: Unit
    syntax: str
    meaning: str
    handler: str = ""
    code: int = 0

    @property
    def fields(self) -> tuple[str, ...]:
        """Operand names in the order written."""
        return _fields(self.syntax)

    @property
    def sources(self) -> tuple[str, ...]:
        """Register operands that are read, by rising digit, integer before float."""
        return tuple(sorted((f for f in self.fields if f[0] in "xf" and f[1] != "d"), key=_source_order))

    @property
    def destination(self) -> str:
        """`xd`, `fd` or the empty string."""
        return next((f for f in self.fields if f in ("xd", "fd")), "")

    @property
    def ends_block(self) -> bool:
        """Control never falls through to the next instruction."""
        return self.unit is Unit.JUMP or self.mnemonic in ("jal", "piuma.halt", "ebreak")


@dataclass(frozen=True, slots=True)
class Access:
    """Width and kind of a memory instruction."""

    size: int
    signed: bool
    floating: bool
    cached: bool


def _source_order(name: str) -> tuple[str, str]:
    return ("a" if name[0] == "x" else "b", name[1:])


@cache
def _fields(syntax: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[a-z]+\d*", syntax))


def _parse_row(line: str) -> Spec:
    mnemonic, unit, syntax, meaning, *rest = (part.strip() for part in line.split("|"))
    handler, code = rest[0].split() if rest else ("", "0")
    return Spec(mnemonic, Unit[unit], syntax, meaning, handler, int(code, 0))


def _parse_table(text: str) -> dict[str, Spec]:
    rows = [_parse_row(line) for line in text.splitlines() if line.strip() and not line.startswith("#")]
    table = {spec.mnemonic: spec for spec in rows}
    assert len(table) == len(rows), "a mnemonic stands twice in the table"
    return table


ISA: dict[str, Spec] = _parse_table(ROWS)
"""Every instruction by mnemonic, in table order."""


def render_isa() -> str:
    """The instruction set as a table for people."""
    rows = [f"{f'{s.mnemonic} {s.syntax}':58} {s.meaning}" for s in ISA.values()]
    return "\n".join((*rows, "", *(f"{f'{a.mnemonic} {a.syntax}':58} = {_target(a)}" for a in ALIASES.values())))


def _target(alias: Alias) -> str:
    return f"{alias.target} {', '.join(alias.operands)}"


_WIDTHS = {"b": 1, "h": 2, "w": 4, "d": 8}


@cache
def access_of(mnemonic: str) -> Access:
    """How a LOAD, STORE, ATOMIC or REDUCE touches memory.  `lwu` -> 4 bytes, unsigned, cached."""
    spec = ISA[mnemonic]
    native = mnemonic.startswith("piuma.")
    if spec.unit in (Unit.ATOMIC, Unit.REDUCE):
        return Access(_WIDTHS[mnemonic[-1]], True, False, False)
    name = mnemonic.removeprefix("piuma.")
    floating = name.startswith("f")
    letters = name.lstrip("f")[1:]
    return Access(_WIDTHS[letters[0]], not letters.endswith("u"), floating, not native)


@dataclass(frozen=True, slots=True)
class Alias:
    """Another way to write an instruction.  `mv xd, x1` is `addi xd, x1, 0`."""

    mnemonic: str
    syntax: str
    target: str
    operands: tuple[str, ...]


def _alias(row: str) -> Alias:
    left, right = (side.strip() for side in row.split("="))
    mnemonic, _, syntax = left.partition(" ")
    target, _, operands = right.partition(" ")
    return Alias(mnemonic, syntax.strip(), target, tuple(o.strip() for o in operands.split(",") if o.strip()))


_ALIAS_ROWS = """
nop = addi zero, zero, 0
mv xd, x1 = addi xd, x1, 0
not xd, x1 = xori xd, x1, -1
neg xd, x1 = sub xd, zero, x1
negw xd, x1 = subw xd, zero, x1
sext.w xd, x1 = addiw xd, x1, 0
seqz xd, x1 = sltiu xd, x1, 1
snez xd, x1 = sltu xd, zero, x1
sltz xd, x1 = slt xd, x1, zero
sgtz xd, x1 = slt xd, zero, x1
beqz x1, label = beq x1, zero, label
bnez x1, label = bne x1, zero, label
bltz x1, label = blt x1, zero, label
bgez x1, label = bge x1, zero, label
blez x1, label = bge zero, x1, label
bgtz x1, label = blt zero, x1, label
bgt x1, x2, label = blt x2, x1, label
ble x1, x2, label = bge x2, x1, label
bgtu x1, x2, label = bltu x2, x1, label
bleu x1, x2, label = bgeu x2, x1, label
j label = jal zero, label
call label = jal ra, label
jr x1 = jalr zero, 0, x1
ret = jalr zero, 0, ra
fmv.d fd, f1 = fsgnj.d fd, f1, f1
fneg.d fd, f1 = fsgnjn.d fd, f1, f1
fabs.d fd, f1 = fsgnjx.d fd, f1, f1
fmv.s fd, f1 = fsgnj.s fd, f1, f1
fneg.s fd, f1 = fsgnjn.s fd, f1, f1
fabs.s fd, f1 = fsgnjx.s fd, f1, f1
"""

ALIASES: dict[str, Alias] = {a.mnemonic: a for a in map(_alias, _ALIAS_ROWS.strip().splitlines())}
"""Pseudo-instructions; each stands for exactly one instruction."""

_X_NAMES = (
    *("zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1"),
    *(f"a{i}" for i in range(8)),
    *(f"s{i}" for i in range(2, 12)),
    *(f"t{i}" for i in range(3, 7)),
)
_F_NAMES = (
    *(f"ft{i}" for i in range(8)),
    *("fs0", "fs1"),
    *(f"fa{i}" for i in range(8)),
    *(f"fs{i}" for i in range(2, 12)),
    *(f"ft{i}" for i in range(8, 12)),
)

REGISTER_NAMES: tuple[str, ...] = _X_NAMES + _F_NAMES
"""Name of register `i`: 0 to 31 are integer, 32 to 63 floating-point."""

REGISTERS: dict[str, int] = {
    **{name: i for i, name in enumerate(REGISTER_NAMES)},
    **{f"x{i}": i for i in range(32)},
    **{f"f{i}": 32 + i for i in range(32)},
    "fp": 8,
}
"""Register number of every accepted spelling."""
