"""Assembly text: round trip of everything, and every refusal with its line and column."""

from __future__ import annotations

import pytest

from runtime.assembly import assemble
from runtime.faults import AssemblyError
from runtime.fuzz import random_suite
from runtime.isa import ALIASES, ISA
from runtime.machine import DRAM_BASE, SPAD_BASE

OPERANDS = {"i12": "-5", "i64": "0x123456789abcdef0", "u5": "7", "u6": "33", "u12": "99", "u20": "1000"} | {
    "label": "here", "sym": "table", "xd": "a0", "fd": "fa0",
}  # fmt: skip


def _line(mnemonic: str, syntax: str, fields: tuple[str, ...]) -> str:
    text = syntax
    for name in fields:
        text = text.replace(name, OPERANDS.get(name, f"{'a' if name[0] == 'x' else 'fa'}{name[1:]}"), 1)
    return f"    {mnemonic} {text}"


def test_every_instruction_round_trips() -> None:
    lines = [_line(m, s.syntax, s.fields) for m, s in ISA.items()]
    program = assemble("here:\n" + "\n".join(lines) + "\n    piuma.halt\n.data\ntable: .dword 1\n")
    assert [ins.spec.mnemonic for ins in program.instructions[:-1]] == list(ISA)
    assert assemble(program.render()) == program


def test_every_alias_is_one_instruction() -> None:
    names = {"xd": "a0", "x1": "a1", "x2": "a2", "fd": "fa0", "f1": "fa1", "label": "here"}
    lines: list[str] = []
    for alias in ALIASES.values():
        fields = [f for f in alias.syntax.split(", ") if f]
        lines.append(f"{alias.mnemonic} {', '.join(names[f] for f in fields)}")
    program = assemble("here: " + "\n".join(lines) + "\npiuma.halt")
    assert [i.spec.mnemonic for i in program.instructions[:-1]] == [a.target for a in ALIASES.values()]


def test_random_programs_round_trip() -> None:
    program = assemble(random_suite(range(3)))
    assert assemble(program.render()) == program


def test_data_is_placed_and_encoded() -> None:
    text = """
    main: la a0, b
          la a1, b+8
          la a2, pad
          ret
    .data
    a: .byte 1, -1, 0xff
    b: .dword -2
       .word 0x80000000
    .balign 64
    c: .double 1.5, -inf, inf
    d:
    .spad
    pad: .zero 16
    """
    program = assemble(text)
    assert program.symbols["a"] == DRAM_BASE
    assert program.symbols["b"] == DRAM_BASE + 8
    assert program.symbols["c"] == DRAM_BASE + 64
    assert program.symbols["d"] == DRAM_BASE + 88
    assert program.symbols["pad"] == SPAD_BASE
    assert [i.immediate for i in program.instructions[:3]] == [DRAM_BASE + 8, DRAM_BASE + 16, SPAD_BASE]
    assert program.data[0].encode() == b"\x01\xff\xff"
    assert program.data[2].encode() == b"\x00\x00\x00\x80"
    assert assemble(program.render()) == program


@pytest.mark.parametrize(
    ("text", "line", "column", "reason"),
    [
        ("main: add a0, a1\nret", 1, 7, "`add` takes `xd, x1, x2`, not 2 operands"),
        ("main:\n  add a0, a1, fa2\nret", 2, 15, "`fa2` is not an integer register"),
        ("fadd.d fa0, a1, fa2\nret", 1, 13, "`a1` is not a floating-point register"),
        ("addi a0, a1, 5000\nret", 1, 14, "immediate 5000 is outside -2048 to 2047"),
        ("slli a0, a1, 64\nret", 1, 14, "immediate 64 is outside 0 to 63"),
        ("j nowhere", 1, 3, "`nowhere` is not a code label"),
        ("la a0, nowhere\nret", 1, 8, "`nowhere` is not a symbol"),
        ("frob a0\nret", 1, 1, "unknown instruction `frob`"),
        ("mv a0\nret", 1, 1, "`mv` takes `xd, x1`"),
        ("a: ret\na: ret", 2, 1, "label `a` stands already in line 1"),
        ("ret\nend:", 2, 1, "label `end` names no instruction"),
        ("nop", 1, 1, "control runs off the end of the program"),
        ("", 1, 1, "control runs off the end of the program"),
        ("add a0, a1, )\nret", 1, 13, "`)` does not belong here"),
        ("add a0,\nret", 1, 8, "the line ends where an operand is expected"),
        ("add a0, @\nret", 1, 9, "stray character `@`"),
        ("ret\n.dword 1", 2, 1, "outside a data section"),
        ("ret\n.data\n.byte 256", 3, 7, "256 does not fit in 8 bits"),
        ("ret\n.data\n.dword 1.5", 3, 8, "`.dword` takes integers"),
        ("ret\n.data\nadd a0, a0, a0", 3, 1, "instruction in a data section"),
        ("ret\n.data\n.balign 3", 3, 1, "power of two"),
        ("ret\n.spad\n.dword 3", 3, 1, "a scratchpad starts as zeros"),
        ("addi a0, a1, 1.5\nret", 1, 14, "`1.5` is not an integer"),
    ],
)
def test_refusals(text: str, line: int, column: int, reason: str) -> None:
    with pytest.raises(AssemblyError) as caught:
        assemble(text, "x.s")
    assert (caught.value.line, caught.value.column) == (line, column)
    assert reason in caught.value.reason
    assert str(caught.value).startswith(f"x.s:{line}:{column}: error: ")
