"""Constants of mathematics: named where exact, allowed where near; and what clippy takes for one."""

import re
import subprocess
from pathlib import Path

import pytest
import rust as tools
from rust_passes import rewritten
from xdsl.dialects.builtin import ModuleOp

from compiler.analysis.floats import known_constant
from compiler.emit.rust import emit
from compiler.passes.c_to_rust.name_float_constants import NameFloatConstants


def function(module: ModuleOp) -> str:
    return " ".join(emit(module).partition("forbid(unsafe_code)]")[2].split())


@pytest.mark.parametrize(
    ("literal", "wanted"),
    [
        ("3.141592653589793", "std::f64::consts::PI"),
        ("2.718281828459045", "std::f64::consts::E"),
        ("0.5", "0.5"),
        ("3.1", "3.1"),
    ],
)
def test_exact_ones_are_named(literal: str, wanted: str) -> None:
    module = rewritten(f"fn f(x: f64) -> f64 {{ x * {literal} }}", NameFloatConstants())
    assert function(module) == f"fn f(x: f64) -> f64 {{ x * {wanted} }}"


def test_near_ones_stay_and_are_meant() -> None:
    module = rewritten("fn f(x: f64) -> f64 { x * 3.14 + 2.7183 }", NameFloatConstants())
    assert function(module) == "#[allow(clippy::approx_constant)] fn f(x: f64) -> f64 { x * 3.14 + 2.7183 }"


NUMBERS = [
    *("3.1", "3.14", "3.1415", "3.1416", "3.142", "3.15", "3.1415927", "3.141592653589793", "3.1415926535897936"),
    *(
        "2.71",
        "2.718",
        "2.7183",
        "6.28",
        "6.283",
        "6.3",
        "1.41",
        "1.414",
        "1.4142",
        "1.41421",
        "0.7",
        "0.707",
        "0.7071",
    ),
    *("0.70711", "0.693", "0.6931", "0.69315", "2.302", "2.3026", "0.301", "0.30103", "0.5235987755982989", "0.5236"),
    *(
        "1.0471975511965979",
        "1.0471975511965976",
        "0.3183",
        "0.63662",
        "1.1284",
        "0.3927",
        "3.3219",
        "0.4343",
        "1.4427",
    ),
    *("1.5", "0.25", "100.0", "1.618", "0.5772", "1.732"),
]


def test_as_clippy(tmp_path: Path) -> None:
    tools.require("cargo", "cargo-clippy")
    text = "".join(f"pub const K{n}: f64 = {number};\n" for n, number in enumerate(NUMBERS))
    package = tools.write_package(tmp_path, {"numbers": text})
    command = ["cargo", "clippy", "--offline", "--quiet", "--message-format=short"]
    done = subprocess.run(command, cwd=package, capture_output=True, text=True, check=False)
    found = re.findall(r"numbers\.rs:(\d+):.*consts::(\w+)", done.stderr)
    ours = [(number, known_constant(float(number), 64)) for number in NUMBERS]
    assert {NUMBERS[int(line) - 1]: name for line, name in found} == {n: each.name for n, each in ours if each}
