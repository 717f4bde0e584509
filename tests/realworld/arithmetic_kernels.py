"""Cycles of arithmetic kernels on the machine: one block, 64 threads, tables included; times in C. A script that prints tables.

    python tests/realworld/arithmetic_kernels.py lookup --rows 1024        products by look-up against multiplications
    python tests/realworld/arithmetic_kernels.py native --rows 4096        in C: by shuffles, by scalar look-ups, by multiplication; NumPy
    python tests/realworld/arithmetic_kernels.py patterns                  look-ups that are left out, by the bits of activations
    python tests/realworld/arithmetic_kernels.py functions                 our softmax and GELU against I-ViT's

Every result is compared with NumPy's, or the interpreter's.
"""

from __future__ import annotations

import math
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from time import perf_counter

import numpy as np

from compiler import arithmetic_kernels
from compiler.arithmetic_kernels import ArithmeticProgram, verify
from compiler.dialects.schedules.arithmetic import CpuArithmetic, Patterns, PiumaArithmetic, Product
from compiler.targets.arithmetic.native import ArithmeticCpu

LOOKUP = """
func.func @gemv(%x: tensor<MANYxINPUTSxsi8>, %w: tensor<ROWSxINPUTSxsiBITS>) -> tensor<MANYxROWSxsi40> {
  %t = qarith.build_tables %x {group = 4 : i64} : tensor<MANYxINPUTSxsi8> -> tensor<MANYxGROUPSx16xsi16>
  %y = qarith.lookup %t, %w : tensor<MANYxGROUPSx16xsi16>, tensor<ROWSxINPUTSxsiBITS> -> tensor<MANYxROWSxsi40>
  func.return %y : tensor<MANYxROWSxsi40>
}
"""
FUNCTION = """
func.func @f(%x: tensor<ROWSx197x!qarith.quant<si8, [16, 7]>>) -> RESULT {
  %y = qarith.NAME %x {method = #qarith.method<METHOD>} : tensor<ROWSx197x!qarith.quant<si8, [16, 7]>> -> RESULT
  func.return %y : RESULT
}
"""
RESULTS = {
    ("softmax", "shift"): "!qarith.quant<ui8, [1, 7]>",
    ("softmax", "quadratic"): "!qarith.quant<ui16, [1, 15]>",
    ("gelu", "shift"): "!qarith.quant<si32, [16, 14]>",
    ("gelu", "quadratic"): "!qarith.quant<si32, [16, 22]>",
}


def filled(text: str, **words: object) -> str:
    for name, value in words.items():
        text = text.replace(name, str(value))
    return text


TABLES = [PiumaArithmetic(group=group, lanes=lanes) for group, lanes in ((4, 4), (8, 4))]
MULTIPLY = [
    PiumaArithmetic(product=Product.MULTIPLY, tile=tile, lanes=lanes)
    for tile, lanes in ((2, 2), (4, 2), (2, 4), (4, 4))
]


def lookup(rows: int, inputs: int, widths: list[int]) -> None:
    """One schedule after the other; four lanes are two where four might overflow."""
    rng = np.random.default_rng(1)
    x = rng.integers(-128, 128, (8, inputs))
    for bits in widths:
        w = rng.integers(-(1 << (bits - 1)), 1 << (bits - 1), (rows, inputs))
        text = filled(LOOKUP, INPUTS=inputs, ROWS=rows, BITS=bits, GROUPS=inputs // 4, MANY=8)
        best = [math.inf, math.inf]
        for schedule in (*TABLES, *MULTIPLY):
            found = cycles(text, x, w, schedule)
            which = schedule.product is Product.MULTIPLY
            best[which] = min(best[which], found)
            how = f"tile {schedule.tile}" if which else f"group {schedule.group}"
            sys.stdout.write(f"{bits} bits  {schedule.product:8} {how}, {schedule.lanes} lanes {found:14,}\n")
            sys.stdout.flush()
        sys.stdout.write(
            f"{bits} bits, {rows} x {inputs}, batch 8: {best[1] / best[0]:.2f} times fewer cycles by look-up\n"
        )


def cycles(text: str, x: np.ndarray, w: np.ndarray, schedule: PiumaArithmetic) -> int:
    run = arithmetic_kernels.compile(text, "piuma", schedule).run(x, w)
    assert np.array_equal(run.result.tensors[0], x.astype(float) @ w.astype(float).T)  # exact: integers below 2^53
    return run.result.cycles or 0


def native(rows: int, inputs: int, widths: list[int], rounds: int) -> None:
    """Least times of calls that take turns, operands laid out beforehand; and how often the shuffles go into each."""
    ways = {
        "shuffles": CpuArithmetic(shuffled=True),
        "look-ups": CpuArithmetic(),
        "look-ups, groups of 8": CpuArithmetic(group=8),
        "multiplication": CpuArithmetic(product=Product.MULTIPLY),
    }
    sys.stdout.write("".join(f"{head:>24}" for head in ("", *ways, *NUMPY)) + "\n")
    for bits, batch, threads in product(widths, (1, 8), (1, 2)):
        rng = np.random.default_rng(1)
        x = rng.integers(-128, 128, (batch, inputs), np.int8)
        w = rng.integers(-(1 << (bits - 1)), 1 << (bits - 1), (rows, inputs), np.int8)
        text = filled(LOOKUP, INPUTS=inputs, ROWS=rows, BITS=bits, GROUPS=inputs // 4, MANY=batch)
        calls = {name: timed(text, x, w, replace(how, threads=threads)) for name, how in ways.items()}
        calls |= {name: numpys(x, w, kind) for name, kind in NUMPY.items()}
        best = dict.fromkeys(calls, math.inf)
        for _ in range(rounds):
            for name, call in calls.items():
                best[name] = min(best[name], call())
        sys.stdout.write(f"{f'{bits} bits, batch {batch}, {threads} thr.':>24}")
        for seconds in best.values():
            ratio = seconds / best["shuffles"]
            sys.stdout.write(f"{f'{seconds * 1e3:.2f} ms {ratio:6.2f}x':>24}")
        sys.stdout.write("\n")
        sys.stdout.flush()


def timed(text: str, x: np.ndarray, w: np.ndarray, schedule: CpuArithmetic) -> Callable[[], float]:
    """A product of ours, whose first result has been compared."""
    target = ArithmeticCpu(schedule.threads)
    compiled = arithmetic_kernels.compile(text, target, schedule).compiled(schedule)
    prepared = target.prepared(compiled, (x.astype(np.int64), w.astype(np.int64)))
    prepared()
    found = prepared.arrays["r0"]
    assert isinstance(found, np.ndarray) and np.array_equal(found, (x.astype(float) @ w.astype(float).T).reshape(-1))
    return prepared


NUMPY = {"NumPy, int8": np.int8, "NumPy, int32": np.int32}
"""Types that operands wait in; sums have 32 bits."""


def numpys(x: np.ndarray, w: np.ndarray, kind: type[np.generic]) -> Callable[[], float]:
    """NumPy's product in the order that is its fastest (x times the transpose of w takes it 2 to 9 times as long)."""
    w, turned = w.astype(kind), np.ascontiguousarray(x.T.astype(kind))

    def seconds() -> float:
        started = perf_counter()
        np.matmul(w, turned, dtype=np.int32)
        return perf_counter() - started

    return seconds


def patterns(vectors: int, inputs: int) -> None:
    """Activations are what is looked up, in tables of 16 rows of weights: cycles with look-ups left out over those of all."""
    rng = np.random.default_rng(1)
    weights = rng.integers(-128, 128, (16, inputs))
    gaussian = np.clip(rng.normal(0, 32, (vectors, inputs)).round(), -128, 127).astype(np.int64)
    text = filled(LOOKUP, INPUTS=inputs, ROWS=vectors, BITS=8, GROUPS=inputs // 4, MANY=16)
    for name, activations in (("ReLU of Gaussian", np.maximum(gaussian, 0)), ("Gaussian", gaussian)):
        found = {how: cycles(text, weights, activations, PiumaArithmetic(patterns=how, lanes=2)) for how in Patterns}
        for how, taken in found.items():
            saved = 100 * (1 - taken / found[Patterns.ALL])
            sys.stdout.write(f"{name:18} {how:8} {taken:12,} cycles {saved:6.1f} % saved\n")


def functions(rows: int) -> None:
    x = np.random.default_rng(1).integers(-128, 128, (rows, 197))
    for name in ("softmax", "gelu"):
        found: dict[str, int] = {}
        for method in ("shift", "quadratic"):
            kind = f"tensor<ROWSx197x{RESULTS[name, method]}>"
            text = filled(FUNCTION, RESULT=kind, NAME=name, METHOD=method, ROWS=rows)
            program: ArithmeticProgram = arithmetic_kernels.compile(text, "piuma")
            run = program.run(x)
            verify(run)
            found[method] = run.result.cycles or 0
        ratio = found["quadratic"] / found["shift"]
        sys.stdout.write(f"{name}: I-ViT's {found['shift']:,} cycles, ours {found['quadratic']:,}, ratio {ratio:.2f}\n")


def main() -> None:
    parser = ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("what", choices=["lookup", "native", "patterns", "functions"])
    parser.add_argument("--rows", type=int, default=256, help="4096 takes minutes")
    parser.add_argument("--inputs", type=int, default=4096)
    parser.add_argument("--bits", type=int, nargs="+", default=[2, 3, 4, 8])
    parser.add_argument("--rounds", type=int, default=7, help="of timed calls in C")
    arguments = parser.parse_args()
    if arguments.what == "lookup":
        lookup(arguments.rows, arguments.inputs, arguments.bits)
    elif arguments.what == "native":
        native(arguments.rows, arguments.inputs, arguments.bits, arguments.rounds)
    elif arguments.what == "patterns":
        patterns(512, 256)
    else:
        functions(arguments.rows)


if __name__ == "__main__":
    main()
