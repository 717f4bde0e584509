"""A matrix of 2 to 8 bits times a vector, by table look-up: no multiplication, and the same result.

    python examples/arithmetic/gemv.py --bits 2,4 --size 1024

For each width of the weights: whether the product is that of integer matrices, additions per multiply-accumulate that the look-ups take
(tables included, for a batch that shares them), and the share of look-ups that a repeated pattern of activations saves.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from compiler.arithmetic.lookup import repeated_share
from compiler.interpreter.evaluate import evaluate
from compiler.ir_text import from_text
from compiler.pipelines import new_context

KERNEL = """\
func.func @gemv(%x: tensor<INPUTSxsi8>, %w: tensor<OUTPUTSxINPUTSxsiBITS>) -> tensor<OUTPUTSxsi40> {
  %t = qarith.build_tables %x {group = GROUP : i64} : tensor<INPUTSxsi8> -> tensor<TABLESxENTRIESxsi16>
  %y = qarith.lookup %t, %w : tensor<TABLESxENTRIESxsi16>, tensor<OUTPUTSxINPUTSxsiBITS> -> tensor<OUTPUTSxsi40>
  func.return %y : tensor<OUTPUTSxsi40>
}
"""


def kernel(bits: int, size: int, group: int) -> str:
    sizes = {
        "INPUTS": size,
        "OUTPUTS": size,
        "BITS": bits,
        "GROUP": group,
        "TABLES": size // group,
        "ENTRIES": 1 << group,
    }
    text = KERNEL
    for name, number in sizes.items():
        text = text.replace(name, str(number))
    return text


def product(bits: int, size: int, group: int, x: NDArray[np.int64], w: NDArray[np.int64]) -> NDArray[np.int64]:
    module = from_text(kernel(bits, size, group), "gemv.mlir", new_context())
    (y,) = evaluate(module, "gemv", x, w)
    return y


def cost(bits: int, size: int, group: int) -> float:
    """Additions and look-ups per multiply-accumulate."""
    tables = (1 << group) * (size // group)
    return (bits * size * (size // group) + tables) / size**2


def main(argv: Sequence[str] | None = None) -> None:
    parser = ArgumentParser(description="Products by table look-up.")
    parser.add_argument("--bits", default="2,3,4,8", help="of the weights (%(default)s)")
    parser.add_argument("--size", type=int, default=512, help="of the square matrix, a multiple of 8 (%(default)s)")
    parser.add_argument("--group", type=int, default=4, help="inputs that share a table (%(default)s)")
    arguments = parser.parse_args(argv)
    rng, size, group = np.random.default_rng(1), arguments.size, arguments.group
    gaussian = np.clip(np.round(rng.normal(0, 32, size)), -128, 127).astype(np.int64)
    relu = np.maximum(gaussian, 0)
    sys.stdout.write(f"{'bits':>4} {'exact':>6} {'cost':>6}\n")
    for bits in map(int, arguments.bits.split(",")):
        w = rng.integers(-(1 << (bits - 1)), 1 << (bits - 1), (size, size))
        exact = np.array_equal(product(bits, size, group, relu, w), w @ relu)
        sys.stdout.write(f"{bits:4} {'yes' if exact else 'no':>6} {cost(bits, size, group):6.2f}\n")
    saved = [repeated_share(each, 8, group) for each in (gaussian, relu)]
    sys.stdout.write(f"saved by repeated patterns: {saved[0]:.1%} of Gaussian, {saved[1]:.1%} of ReLU activations\n")


if __name__ == "__main__":
    main()
