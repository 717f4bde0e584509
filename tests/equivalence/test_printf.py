"""Random calls of printf: what the Rust prints is what C prints, byte by byte.

Each call stands in a function of its own, whose arguments are constants to some and parameters to others, so that text is put into
formats by the translator as well as by Rust.
"""

from __future__ import annotations

import random
import struct
import subprocess
from pathlib import Path

import pytest
from c_programs import compiled
from equivalence.translator import translate
from rust import require

CALLS = 120
INTEGERS = {
    "int": ("", 32, "di"),
    "unsigned": ("", 32, "uxXo"),
    "signed char": ("hh", 8, "di"),
    "unsigned short": ("h", 16, "uxXo"),
    "long": ("l", 64, "di"),
    "unsigned long long": ("ll", 64, "uxXo"),
    "size_t": ("z", 64, "ux"),
}
TEXTS = ["", "a", "seven b", "tab\\t", "{}", "100%%", "caf\\xc3\\xa9", "\\xe9"]


class Writer:
    """Makes calls of printf, each with the declarations of its parameters and their values."""

    def __init__(self, seed: int) -> None:
        self.choose = random.Random(seed)
        self.parameters: list[str] = []
        self.values: list[str] = []

    def call(self, number: int) -> tuple[str, str]:
        """A function, and a call of it."""
        self.parameters, self.values = [], []
        parts = [self.part() for _ in range(self.choose.randint(1, 4))]
        form = "|".join(each for each, _ in parts)
        arguments = "".join(f", {argument}" for _, argument in parts)
        parameters = ", ".join(self.parameters) or "void"
        function = f'static void show_{number}({parameters}) {{ printf("{form}\\n"{arguments}); }}'
        return function, f"show_{number}({', '.join(self.values)});"

    def part(self) -> tuple[str, str]:
        return self.choose.choice([self.integer, self.integer, self.floating, self.string, self.character])()

    def operand(self, kind: str, value: str) -> str:
        """The value itself, or a parameter that has it."""
        if self.choose.random() < 0.3:
            return f"({kind}){value}"
        self.parameters.append(f"{kind} p{len(self.parameters)}")
        self.values.append(value)
        return f"p{len(self.parameters) - 1}"

    def width(self) -> str:
        return self.choose.choice(["", "", "3", "12"])

    def integer(self) -> tuple[str, str]:
        kind = self.choose.choice(list(INTEGERS))
        length, bits, conversions = INTEGERS[kind]
        conversion, width = self.choose.choice(conversions), self.width()
        flags = self.choose.choice(["", "-", "0", "+", "-+"]) if width else self.choose.choice(["", "+"])
        value = self.choose.choice([0, 1, 2**bits - 1, 2 ** (bits - 1), self.choose.getrandbits(bits)])
        precision = self.choose.choice(["", ".4"]) if conversion in "uxXo" else ""
        signed = conversion in "di"
        value = value - (1 << bits) if signed and value >> (bits - 1) else value
        text = "(-9223372036854775807 - 1)" if value == -(1 << 63) else f"{value}{'' if signed else 'u'}"
        return f"%{flags}{width}{precision}{length}{conversion}", self.operand(kind, text)

    def floating(self) -> tuple[str, str]:
        width = self.width()
        flags = self.choose.choice(["", "-", "0", "+"]) if width else self.choose.choice(["", "+"])
        precision = self.choose.choice(["", ".0", ".2", ".10"])
        ordinary = self.choose.uniform(-1000, 1000)
        any_bits = struct.unpack("<d", struct.pack("<Q", self.choose.getrandbits(64)))[0]
        value = self.choose.choice(
            [0.0, -0.0, 0.5, 2.5, 1e15, 123456.5, ordinary, any_bits if any_bits == any_bits else 1.0]
        )
        kind = self.choose.choice(["double", "float"])
        if abs(value) > 1e38 and kind == "float":
            value = 0.1
        return f"%{flags}{width}{precision}{self.choose.choice('feg')}", self.operand(kind, value.hex())

    def string(self) -> tuple[str, str]:
        width, precision = self.width(), self.choose.choice(["", ".2", ".20"])
        flags = self.choose.choice(["", "-"]) if width else ""
        return f"%{flags}{width}{precision}s", self.operand("const char *", f'"{self.choose.choice(TEXTS)}"')

    def character(self) -> tuple[str, str]:
        width = self.width()
        flags = self.choose.choice(["", "-"]) if width else ""
        kind = self.choose.choice(["char", "int", "unsigned char"])
        return f"%{flags}{width}c", self.operand(
            kind, str(self.choose.choice([9, 65, 126, *([200] if kind != "char" else [])]))
        )


def program(seed: int) -> str:
    writer = Writer(seed)
    made = [writer.call(number) for number in range(CALLS)]
    functions = "\n".join(function for function, _ in made)
    calls = "\n    ".join(call for _, call in made)
    return f"#include <stddef.h>\n#include <stdio.h>\n{functions}\nint main(void) {{\n    {calls}\n    return 0;\n}}\n"


@pytest.mark.parametrize("seed", range(4))
def test_rust_prints_what_c_prints(seed: int, tmp_path: Path) -> None:
    require("rustc")
    source = tmp_path / "printf.c"
    source.write_text(program(seed))
    expected = compiled(source.read_text(), "-fno-builtin")
    (tmp_path / "main.rs").write_text(translate(source).text)
    subprocess.run(
        ["rustc", "--edition=2021", "-Dwarnings", "main.rs", "-o", "rust"], cwd=tmp_path, check=True, timeout=120
    )
    found = subprocess.run([tmp_path / "rust"], capture_output=True, timeout=20, check=False)
    assert found.stdout.split(b"\n") == expected.output.split(b"\n")
    assert found.returncode == expected.status == 0
