"""All bit patterns of formats up to 16 bits in one kernel, in C and Rust, against the interpreter, which is held against exact rational
numbers over the same patterns by `tests/interpreter/test_every_cell.py`: oracle = C = Rust, bit for bit.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from arithmetic_kernels import EACH, agrees
from exact_cells import PATTERNED, Array, Batch, Cell, integers, quantised, tensor
from exact_floats import SCALES, TARGETS, attribute_of, directions, up
from exact_formats import patterns
from exact_integers import pairs

from compiler.arithmetic.dyadic import Dyadic
from compiler.arithmetic.formats import FP64, Flavour
from compiler.arithmetic.rounding import Mode, Overflow
from compiler.dialects.qarith_integer import Method
from compiler.dialects.qarith_types import Integer

NOTHING = np.zeros(0)
MODES = list(Mode)


WIDTH = 16


@cache
def kernel_and_operands() -> tuple[str, list[Array]]:
    """Text and operands."""
    found = [patterns(it) for it in PATTERNED]
    x = np.unique(np.concatenate(found).view(np.int64)).view(np.float64)
    signed, unsigned = Integer(WIDTH, True), Integer(WIDTH, False)
    n, m, rows = integers(signed), integers(unsigned), pairs(signed)
    scale, other = SCALES[1], SCALES[3]
    operands = {
        "x": (tensor(FP64, len(x)), x),
        "up": (f"tensor<{len(x)}xui1>", directions(len(x))),
        "n": (tensor(quantised(signed, scale), len(n)), n),
        "m": (tensor(unsigned, len(m)), m),
        "q": (tensor(quantised(unsigned, other), len(m)), m),
        "rows": (tensor(quantised(signed, scale), *rows.shape), rows),
    }
    results = [
        *(_rounded(at, len(x)) for at in range(len(TARGETS))),
        *(
            (f"qarith.quantise %x{up(mode, len(x))} {attribute_of(mode)}", "x", tensor(quantised(Integer(9, True), other), len(x)))
            for mode in MODES
        ),
        *(
            (f"qarith.requantise %{name} {attribute_of(mode)}", name, tensor(quantised(Integer(7, True), SCALES[2]), len(n)))
            for name in "nq"
            for mode in (Mode.RN, Mode.RZ, Mode.SR)
        ),
        ("qarith.dequantise %q", "q", tensor(FP64, len(m))),
        ("qarith.cast %m", "m", tensor(FP64, len(m))),
        ("qarith.exp %n", "n", tensor(quantised(Integer(16, False), Dyadic(1, 15)), len(n))),
        ("qarith.square_root %m", "m", tensor(Integer(WIDTH // 2, False), len(m))),
        *(_of_rows(method, rows.shape, scale) for method in Method),
        *(_softmax(method, rows.shape) for method in Method),
    ]  # fmt: skip
    batch = Batch(operands, [Cell(op, (name,), kind, NOTHING) for op, name, kind in results])
    return batch.text(), batch.arrays()


def _rounded(at: int, count: int) -> tuple[str, str, str]:
    """To each format, the modes in turn."""
    target, mode = TARGETS[at], MODES[at % len(MODES)]
    special = target.flavour is not Flavour.FINITE and at % 3 > 0
    how = attribute_of(mode, Overflow.SPECIAL if special else Overflow.SATURATE)
    return f"qarith.round %x{up(mode, count)} {how}", "x", tensor(target, count)


def _of_rows(method: Method, shape: tuple[int, ...], scale: Dyadic) -> tuple[str, str, str]:
    power = method.bits - 1
    result = quantised(Integer(WIDTH + power + 1, True), Dyadic(scale.mantissa, scale.exponent + power))
    return f"qarith.gelu %rows {{method = #qarith.method<{method}>}}", "rows", tensor(result, *shape)


def _softmax(method: Method, shape: tuple[int, ...]) -> tuple[str, str, str]:
    result = quantised(Integer(method.bits, False), Dyadic(1, method.bits - 1))
    return f"qarith.softmax %rows {{method = #qarith.method<{method}>}}", "rows", tensor(result, *shape)


@pytest.mark.parametrize("target", EACH[:2])
def test_every_pattern(target: str) -> None:
    text, operands = kernel_and_operands()
    agrees(text, target, *operands)
