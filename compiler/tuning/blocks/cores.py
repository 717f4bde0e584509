"""The cores that blocks are compiled for, and how their assembly names registers.

CORES["cortex-a55"].registers("fmadd d0, d1, d2, d0")  →  {"v0", "v1", "v2"}
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum


class Family(Enum):
    """Instruction sets, by LLVM's triple."""

    X86 = "x86_64-unknown-linux-gnu"
    AARCH64 = "aarch64-unknown-linux-gnu"
    RISCV = "riscv64-unknown-linux-gnu"


@dataclass(frozen=True, slots=True)
class Core:
    """A core with a scheduling model in LLVM; `name` is what `-mcpu` takes."""

    name: str
    family: Family
    in_order: bool = False

    @property
    def comment(self) -> str:
        return "//" if self.family is Family.AARCH64 else "#"

    @property
    def llc_options(self) -> tuple[str, ...]:
        return (f"-mtriple={self.family.value}", f"-mcpu={self.name}")

    def registers(self, instruction: str) -> frozenset[str]:
        """The registers an instruction names, each by one name however much of it is used; not those with a fixed purpose."""
        return frozenset(_registers(self.family, instruction))


CORES: Mapping[str, Core] = {
    core.name: core
    for core in (
        Core("skylake", Family.X86),
        Core("znver3", Family.X86),
        Core("neoverse-n1", Family.AARCH64),
        Core("cortex-a55", Family.AARCH64, in_order=True),
        Core("sifive-u74", Family.RISCV, in_order=True),
        Core("sifive-p670", Family.RISCV),
    )
}

_X86_LETTERS = "abcd"


def _registers(family: Family, instruction: str) -> Iterator[str]:
    match family:
        case Family.X86:
            yield from map(_x86_register, re.findall(r"%([a-z]+\d*[a-z]?)\b", instruction))
        case Family.AARCH64:
            for kind, number in re.findall(r"\b([xwvqdshb])(\d+)\b", instruction):
                yield f"{'x' if kind in 'xw' else 'v'}{number}"
        case Family.RISCV:
            yield from re.findall(r"\b(f?[ast]\d+|ft\d+|v\d+)\b", instruction)


def _x86_register(name: str) -> str:
    """`eax`, `ax`, `al` are `rax`; `ymm3` is `xmm3`; `r9d` is `r9`."""
    if vector := re.fullmatch(r"[xyz]mm(\d+)", name):
        return f"xmm{vector[1]}"
    if numbered := re.fullmatch(r"r(\d+)[dwb]?", name):
        return f"r{numbered[1]}"
    if letter := re.fullmatch(rf"[re]?([{_X86_LETTERS}])[xlh]", name):
        return f"r{letter[1]}x"
    if pointer := re.fullmatch(r"[re]?(si|di|bp|sp|ip)l?", name):
        return f"r{pointer[1]}"
    return name
