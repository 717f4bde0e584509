"""Blocks of straight-line code: sums, products and quotients of what is loaded, in chains and abreast."""

from __future__ import annotations

import numpy as np

HEAD = "func.func @f(%p: memref<256xf64>, %q: memref<256xf64>, %a: f64, %k: i64) {\n" + "".join(
    f"  %c{at} = arith.constant {at} : index\n" for at in range(32)
)


def text(*lines: str) -> str:
    """A function of these operations, which may use two arrays, a number and thirty-two places."""
    return HEAD + "\n".join(lines) + "\n  return\n}\n"


def block(number: int) -> list[str]:
    """The same for the same number."""
    random = np.random.default_rng(number)
    lines: list[str] = []
    for at in range(int(random.integers(2, 8))):
        operation = ("arith.addf", "arith.mulf", "arith.divf")[int(random.choice(3, p=[0.5, 0.4, 0.1]))]
        lines.append(f"  %l{at} = memref.load %p[%c{at}] : memref<256xf64>")
        lines.append(f"  %s{at} = {operation} %{f's{at - 1}' if random.random() < 0.5 and at else 'a'}, %l{at} : f64")
        lines.append(f"  memref.store %s{at}, %q[%c{at}] : memref<256xf64>")
    return lines
