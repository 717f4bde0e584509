"""Look-ups by shuffles of bytes in C: with the instructions of this computer, with those of an older one, and without any."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
from functools import cache

import numpy as np
import pytest
from arithmetic_kernels import Array, agrees, compiled, kernel
from lookup_kernels import gemv, operands

from compiler.dialects.qarith_types import Integer
from compiler.dialects.schedules.arithmetic import CpuArithmetic, Patterns, Product
from compiler.interpreter.evaluate import evaluate
from compiler.passes.qarith_to_loops.entries import Entries
from compiler.targets import c_library
from compiler.targets.arithmetic.arrays import array_of, tensors
from compiler.targets.arithmetic.native import ArithmeticCpu
from compiler.tuning.arithmetic import ArithmeticAnalytical, choose_arithmetic

NEEDS_C = pytest.mark.skipif(shutil.which("cc") is None, reason="no compiler")
NEEDS_X86 = pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="its flags are those of x86")
SHUFFLE = re.compile(r"\bv?pshufb\b|\btbl\b")

SHAPES = (
    (2, 33, 36, 8, "si8"),
    (3, 5, 4, 3, "ui4"),
    (4, 64, 28, 8, "si8"),
    (8, 70, 32, 1, "si8"),
    (2, 34, 8480, 1, "si8"),  # more than 16 bits hold
    (4, 31, 20, 17, "si16"),  # entries of 18 bits; more of a batch than are kept at a time
)
"""Bits of the weights, outputs, inputs, batch, type of the inputs."""


def shuffled(threads: int = 1) -> CpuArithmetic:
    return CpuArithmetic(threads=threads, grain=0, shuffled=True)


@cache
def every_shape() -> tuple[str, tuple[Array, ...]]:
    """One kernel, which is compiled once, and extremes among its operands."""
    parameters: list[str] = []
    lines: list[str] = []
    results: list[str] = []
    given: list[Array] = []
    for at, (bits, outputs, inputs, batch, kind) in enumerate(SHAPES):
        x, w = f"tensor<{batch}x{inputs}x{kind}>", f"tensor<{outputs}x{inputs}xsi{bits}>"
        t, y = f"tensor<{batch}x{inputs // 4}x16xsi20>", f"tensor<{batch}x{outputs}xsi44>"
        parameters += [f"%x{at}: {x}", f"%w{at}: {w}"]
        lines += [
            f"%t{at} = qarith.build_tables %x{at} {{group = 4 : i64}} : {x} -> {t}",
            f"%y{at} = qarith.lookup %t{at}, %w{at} : {t}, {w} -> {y}",
        ]
        results.append(y)
        small, weights = operands(bits, outputs, inputs, batch, bits)
        of = Integer(int(kind[2:]), kind.startswith("s"))
        span = small * (of.high - of.low) // 255
        given += [np.clip(span, of.low, of.high), weights]
    names, kinds = ", ".join(f"%y{at}" for at in range(len(SHAPES))), ", ".join(results)
    body = "\n".join([*lines, f"func.return {names} : {kinds}"])
    return f"func.func @kernel({', '.join(parameters)}) -> ({kinds}) {{\n{body}\n}}\n", tuple(given)


@cache
def expected() -> list[Array]:
    text, given = every_shape()
    products = [x @ w.T for x, w in zip(given[::2], given[1::2], strict=True)]
    found = evaluate(kernel(text).module, "kernel", *given)
    assert all(np.array_equal(one, other) for one, other in zip(found, products, strict=True))
    return list(found)


INSTRUCTIONS = (
    pytest.param(2, (), id="of this computer"),
    pytest.param(1, ("-mno-avx2",), marks=NEEDS_X86, id="SSSE3"),
    pytest.param(1, ("-mno-ssse3",), marks=NEEDS_X86, id="none"),
)
"""Threads, and what the compiler is told, so that it has the instructions of the name."""


def flags_with(more: tuple[str, ...]) -> tuple[str, ...]:
    return (*c_library.FLAGS, "-O1", "-Wall", "-Wextra", "-Werror", *more)


@NEEDS_C
@pytest.mark.parametrize(("threads", "flags"), INSTRUCTIONS)
def test_exact_whatever_the_instructions(threads: int, flags: tuple[str, ...]) -> None:
    text, given = every_shape()
    program = compiled(text, "cpu", shuffled(threads))
    library = c_library.Library.of(c_library.signature(program.module), program.text, flags_with(flags))
    arrays = {each.name: array_of(each, given) for each in program.buffers}
    library.call("compute", arrays)
    found = tensors(program, {name: each for name, each in arrays.items() if isinstance(each, np.ndarray)})
    for one, other in zip(found, expected(), strict=True):
        assert np.array_equal(one, other)


@NEEDS_C
@pytest.mark.skipif(shutil.which("objdump") is None, reason="no objdump")
@pytest.mark.parametrize(("threads", "flags"), INSTRUCTIONS)
def test_the_instruction_is_in_the_object_code(threads: int, flags: tuple[str, ...]) -> None:
    if not flags and not c_library.shuffle_bytes():
        pytest.skip("this computer shuffles no bytes")
    text = compiled(every_shape()[0], "cpu", shuffled(threads)).text
    made = c_library.built_library(text, flags_with(flags))
    shown = subprocess.run(["objdump", "-d", made], check=True, capture_output=True, text=True).stdout
    assert bool(SHUFFLE.search(shown)) is ("-mno-ssse3" not in flags)


COMPUTED = """
func.func @computed(%x: tensor<12xsi8>, %w: tensor<5x12xsi2>, %q: tensor<5x12x!qarith.quant<si8, [1, 6]>>)
    -> (tensor<3x16xsi16>, tensor<5xsi40>, tensor<5xsi40>) {
  %t = qarith.build_tables %x {group = 4 : i64} : tensor<12xsi8> -> tensor<3x16xsi16>
  %a = qarith.lookup %t, %w : tensor<3x16xsi16>, tensor<5x12xsi2> -> tensor<5xsi40>
  %n = qarith.requantise %q {rounding = #qarith.rounding<rn>} :
    tensor<5x12x!qarith.quant<si8, [1, 6]>> -> tensor<5x12x!qarith.quant<si3, [1, 1]>>
  %m = qarith.cast %n : tensor<5x12x!qarith.quant<si3, [1, 1]>> -> tensor<5x12xsi3>
  %b = qarith.lookup %t, %m : tensor<3x16xsi16>, tensor<5x12xsi3> -> tensor<5xsi40>
  func.return %t, %a, %b : tensor<3x16xsi16>, tensor<5xsi40>, tensor<5xsi40>
}
"""
GIVEN = """
func.func @given(%t: tensor<3x16xsi32>, %w: tensor<5x12xsi2>) -> tensor<5xsi40> {
  %y = qarith.lookup %t, %w : tensor<3x16xsi32>, tensor<5x12xsi2> -> tensor<5xsi40>
  func.return %y : tensor<5xsi40>
}
"""


@NEEDS_C
def test_tables_that_are_given_back_and_weights_that_are_computed() -> None:
    rng = np.random.default_rng(2)
    agrees(COMPUTED, "cpu", *operands(2, 5, 12, 0, 3), rng.integers(-128, 128, (5, 12)), schedule=shuffled())


@pytest.mark.parametrize(
    ("text", "schedule", "reason"),
    [
        (gemv(2, 32, 64, 8), shuffled(), "these are of groups of 8 inputs: 256"),
        (gemv(2, 32, 64), CpuArithmetic(shuffled=True, group=2), "these are of groups of 2 inputs: 4"),
        (gemv(2, 32, 64), CpuArithmetic(shuffled=True, patterns=Patterns.NONZERO), "looks at patterns (`nonzero`)"),
        (GIVEN, shuffled(), "the kernel is given tables"),
        (gemv(8, 2, 1 << 17, 4, 0, "si16"), shuffled(), "sums of these types might not fit"),
    ],
)
def test_what_speaks_against_it(text: str, schedule: CpuArithmetic, reason: str) -> None:
    objection = ArithmeticCpu(2).legal(schedule, kernel(text))
    assert objection is not None and reason in objection.reason
    assert schedule not in ArithmeticCpu(2).schedules(kernel(text))


def test_multiplications_do_not_mind() -> None:
    schedule = CpuArithmetic(shuffled=True, product=Product.MULTIPLY)
    assert ArithmeticCpu(2).legal(schedule, kernel(gemv(2, 32, 64, 8))) is None


@pytest.mark.parametrize(("bytes_", "group", "chosen"), [(32, 4, True), (16, 8, True), (0, 4, False)])
def test_chosen_where_the_computer_shuffles(bytes_: int, group: int, chosen: bool) -> None:
    target, text = ArithmeticCpu(2, bytes_), gemv(4, 512, 256, group, 8)
    choice = choose_arithmetic(kernel(text), target, ArithmeticAnalytical())
    schedule = choice.chosen.schedule
    assert isinstance(schedule, CpuArithmetic)
    assert schedule.shuffled is chosen
    assert "shuffled" in choice.why or not chosen


def test_types_tell_what_can_be_added() -> None:
    """Bytes hold a round, 16 bits a stretch of rounds, whatever the inputs."""
    for bits in range(3, 29):
        entries = Entries(1, 64, -(1 << (bits - 1)), bits)
        largest = (1 << entries.width) - 1
        assert entries.pieces * entries.width >= bits
        assert entries.round % 2 == 0 and 0 < entries.round * largest <= 255
        assert 0 < entries.stretch * entries.round * largest <= 0xFFFF
