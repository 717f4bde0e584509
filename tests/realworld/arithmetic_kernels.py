"""Cycles of arithmetic kernels on the machine: one block, 64 threads, tables included. A script that prints tables.

    python tests/realworld/arithmetic_kernels.py lookup --rows 1024        products by look-up against multiplications
    python tests/realworld/arithmetic_kernels.py functions                 our softmax and GELU against I-ViT's

Every result is compared with NumPy's, or the interpreter's.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser

import numpy as np

from compiler import arithmetic_kernels
from compiler.arithmetic_kernels import ArithmeticProgram, verify
from compiler.dialects.schedules.arithmetic import PiumaArithmetic, Product

LOOKUP = """
func.func @gemv(%x: tensor<8xINPUTSxsi8>, %w: tensor<ROWSxINPUTSxsiBITS>) -> tensor<8xROWSxsi40> {
  %t = qarith.build_tables %x {group = 4 : i64} : tensor<8xINPUTSxsi8> -> tensor<8xGROUPSx16xsi16>
  %y = qarith.lookup %t, %w : tensor<8xGROUPSx16xsi16>, tensor<ROWSxINPUTSxsiBITS> -> tensor<8xROWSxsi40>
  func.return %y : tensor<8xROWSxsi40>
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


def lookup(rows: int, inputs: int) -> None:
    rng = np.random.default_rng(1)
    sys.stdout.write(f"{rows} x {inputs}, batch 8: cycles by tables, by multiplications (best of three tiles), ratio\n")
    x = rng.integers(-128, 128, (8, inputs))
    for bits in (2, 3, 4, 8):
        w = rng.integers(-(1 << (bits - 1)), 1 << (bits - 1), (rows, inputs))
        text = filled(LOOKUP, INPUTS=inputs, ROWS=rows, BITS=bits, GROUPS=inputs // 4)
        by_tables = cycles(text, x, w, PiumaArithmetic())
        others = [cycles(text, x, w, PiumaArithmetic(product=Product.MULTIPLY, tile=tile)) for tile in (1, 2, 4)]
        ratio = min(others) / by_tables
        sys.stdout.write(f"{bits} bits {by_tables:14,} {min(others):14,} {ratio:6.2f}   {others}\n")
        sys.stdout.flush()


def cycles(text: str, x: np.ndarray, w: np.ndarray, schedule: PiumaArithmetic) -> int:
    run = arithmetic_kernels.compile(text, "piuma", schedule).run(x, w)
    assert np.array_equal(run.result.tensors[0], x @ w.T)
    return run.result.cycles or 0


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
    parser.add_argument("what", choices=["lookup", "functions"])
    parser.add_argument("--rows", type=int, default=256)
    parser.add_argument("--inputs", type=int, default=4096)
    arguments = parser.parse_args()
    if arguments.what == "lookup":
        lookup(arguments.rows, arguments.inputs)
    else:
        functions(arguments.rows)


if __name__ == "__main__":
    main()
