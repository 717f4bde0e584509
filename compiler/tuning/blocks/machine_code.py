"""From blocks to assembly, and what assembly and the register allocator's remarks say: registers, spills, instructions.

functions = compile_blocks(ir, CORES["skylake"], folder)
functions["b0"].instructions    # ("movl 28(%rdi), %ebx", …), the return left out
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from compiler.tuning.blocks.cores import Core
from compiler.tuning.llvm_tools import run_tool


@dataclass(frozen=True, slots=True)
class MachineCode:
    """One function after register allocation."""

    instructions: tuple[str, ...]
    registers: int
    """Different registers that the instructions name, of all classes together."""
    spills: int
    """Values stored to the stack by the register allocator, folded ones included; callee-saved registers are not counted."""
    branches: bool
    """The code is not straight: the core lacks an operation, and a branch stands for it."""


def compile_blocks(ir: str, core: Core, folder: Path) -> dict[str, MachineCode]:
    """Every function of LLVM IR, compiled for the core as it stands: llc's optimizations, none of opt's."""
    remarks = folder / "remarks.yaml"
    options = (*core.llc_options, f"-pass-remarks-output={remarks}", "-pass-remarks-filter=regalloc")
    assembly = run_tool("llc", "-O2", *options, "-o", "-", stdin=ir)
    spills = read_spills(remarks.read_text())
    return {name: _machine_code(core, lines, spills.get(name, 0)) for name, lines in _functions(assembly, core)}


def read_spills(remarks: str) -> Mapping[str, int]:
    """Function to spills; a function without a remark has none, and only remarks on whole functions count (`llc -stats` says nothing)."""
    spills: dict[str, int] = {}
    for remark in remarks.split("\n--- ")[0:]:
        name = re.search(r"^Function: +(\S+)", remark, re.MULTILINE)
        if name and "generated in function" in remark:
            numbers = re.findall(r"- Num(?:Folded)?Spills: +'(\d+)'", remark)
            spills[name[1]] = sum(int(number) for number in numbers)
    return spills


def _functions(assembly: str, core: Core) -> Iterator[tuple[str, list[str]]]:
    """Name and body of every function, comments and directives left out, labels kept."""
    name, body = "", list[str]()
    for line in assembly.splitlines():
        code = line.split(core.comment)[0].rstrip()
        if found := re.fullmatch(r"(\w+):", code):
            name, body = found[1], []
        elif re.match(r"\.Lfunc_end\d+:", code):
            yield name, body
            name = ""
        elif name and code and not re.match(r"\s+\.", code):
            body.append(code.strip().replace("\t", " "))


def _machine_code(core: Core, lines: list[str], spills: int) -> MachineCode:
    labels = [line for line in lines if line.startswith(".L") and ":" in line]
    instructions = tuple(line for line in lines if line not in labels and not re.match(r"ret[q]?\b", line))
    registers = {register for line in instructions for register in core.registers(line)}
    return MachineCode(instructions, len(registers), spills, branches=bool(labels))
