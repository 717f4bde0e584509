"""A transformer block in integers only: the kernel is written from float weights, run, and compared with doubles.

    python examples/arithmetic/transformer.py --width 64 --tokens 16 --emit block.mlir

Layer norm, attention of one head, layer norm, a feed-forward layer of four times the width with GELU, two residuals. Weights have 8 bits
and a scale per output channel, activations 12 bits and scales that are powers of two, fitted to the largest values of a run in doubles; sums
have 32 bits. What is printed: the error of the block's output against doubles with the same weights, relative, in the 2-norm.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil, log2
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf, softmax

from compiler.arithmetic.dyadic import Dyadic
from compiler.interpreter.evaluate import evaluate
from compiler.ir_text import from_text
from compiler.pipelines import new_context

Array = NDArray[np.float64]
BITS = 12
ROUND = "{rounding = #qarith.rounding<rn>}"
METHOD = "{method = #qarith.method<quadratic>}"


@dataclass(frozen=True, slots=True)
class Value:
    """A tensor of the kernel: name, size, integers, scales; and what it is in doubles."""

    name: str
    storage: str
    scales: tuple[Dyadic, ...]
    exact: Array
    axis: int | None = None

    @property
    def kind(self) -> str:
        size = "".join(f"{each}x" for each in self.exact.shape)
        axis = "" if self.axis is None else f"axis {self.axis}, "
        scales = ", ".join(f"[{each.mantissa}, {each.exponent}]" for each in self.scales)
        return f"tensor<{size}!qarith.quant<{self.storage}, {axis}{scales}>>"


def power_of_two(exact: Array) -> Dyadic:
    """The scale at which the largest value just fits."""
    return Dyadic(1, BITS - 1 - ceil(log2(float(np.abs(exact).max()) * 1.0001)))


@dataclass(slots=True)
class Kernel:
    """The kernel while it is written."""

    lines: list[str] = field(default_factory=list[str])
    parameters: list[str] = field(default_factory=list[str])
    operands: list[NDArray[np.int64]] = field(default_factory=list[NDArray[np.int64]])

    def write(self, result: Value, operation: str, *operands: Value, attributes: str = "") -> Value:
        names, kinds = ", ".join(f"%{it.name}" for it in operands), ", ".join(it.kind for it in operands)
        self.lines.append(f"  %{result.name} = qarith.{operation} {names} {attributes} : {kinds} -> {result.kind}")
        return result

    def parameter(self, it: Value, codes: Array) -> Value:
        self.parameters.append(f"%{it.name}: {it.kind}")
        self.operands.append(codes.astype(np.int64))
        return it

    def activations(self, name: str, exact: Array) -> Value:
        scale = power_of_two(exact)
        codes = np.round(exact / float(scale))
        return self.parameter(Value(name, f"si{BITS}", (scale,), codes * float(scale)), codes)

    def weights(self, name: str, exact: Array) -> Value:
        scales = tuple(Dyadic.near(float(each) / 127, 16) for each in np.abs(exact).max(0))
        numbers = np.array([float(each) for each in scales])
        codes = np.clip(np.round(exact / numbers), -127, 127)
        return self.parameter(Value(name, "si8", scales, codes * numbers, 1), codes)

    def narrow(self, name: str, x: Value) -> Value:
        return self.write(
            Value(name, f"si{BITS}", (power_of_two(x.exact),), x.exact), "requantise", x, attributes=ROUND
        )

    def product(self, name: str, a: Value, b: Value, turned: bool = False) -> Value:
        exact = a.exact @ (b.exact.T if turned else b.exact)
        result = Value(f"{name}_sum", "si32", tuple(a.scales[0] * each for each in b.scales), exact, b.axis)
        attributes = f"{{accumulator = si32{', transpose_b' if turned else ''}}}"
        return self.narrow(name, self.write(result, "matmul", a, b, attributes=attributes))

    def norm(self, name: str, x: Value, gamma: Array, beta: Array) -> Value:
        width = x.exact.shape[1]
        scales = tuple(Dyadic.near(float(each) * width**0.5 / 2**15, 16) for each in gamma)
        self.parameters.append(f"%{name}_beta: tensor<{width}xsi31>")
        self.operands.append(np.round(beta / np.array([float(each) for each in scales])).astype(np.int64))
        centred = x.exact - x.exact.mean(1, keepdims=True)
        exact = gamma * centred / centred.std(1, keepdims=True) + beta
        plain, scaled = f"tensor<{x.exact.shape[0]}x{width}xsi32>", Value(f"{name}_scaled", "si32", scales, exact, 1)
        kinds = f"{x.kind}, tensor<{width}xsi31>"
        self.lines.append(f"  %{name}_plain = qarith.layer_norm %{x.name}, %{name}_beta {METHOD} : {kinds} -> {plain}")
        self.lines.append(f"  %{scaled.name} = qarith.cast %{name}_plain : {plain} -> {scaled.kind}")
        return self.narrow(name, scaled)

    def add(self, name: str, a: Value, b: Value) -> Value:
        """Both at the coarser scale of the two."""
        scale = max(a.scales[0], b.scales[0], key=float)
        both = [
            self.write(Value(f"{it.name}_for_{name}", "si16", (scale,), it.exact), "requantise", it, attributes=ROUND)
            for it in (a, b)
        ]
        return self.narrow(name, self.write(Value(f"{name}_sum", "si17", (scale,), a.exact + b.exact), "add", *both))

    def text(self, result: Value) -> str:
        head = f"func.func @block({', '.join(self.parameters)}) -> {result.kind} {{"
        return "\n".join([head, *self.lines, f"  func.return %{result.name} : {result.kind}", "}", ""])


def attention(k: Kernel, x: Value, rng: np.random.Generator) -> Value:
    width = x.exact.shape[1]
    queries, keys, values, out = (
        k.weights(each, rng.normal(size=(width, width)) / width**0.5) for each in ("wq", "wk", "wv", "wo")
    )
    q, key, v = k.product("q", x, queries), k.product("k", x, keys), k.product("v", x, values)
    scores = k.product("scores", q, key, turned=True)
    rooted = Dyadic.near(float(scores.scales[0]) / width**0.5, 16)  # divided by the root of the width: another scale
    logits = Value("logits", scores.storage, (rooted,), scores.exact / width**0.5)
    plain = f"tensor<{scores.exact.shape[0]}x{scores.exact.shape[1]}x{scores.storage}>"
    k.lines.append(f"  %scores_plain = qarith.cast %scores : {scores.kind} -> {plain}")
    k.lines.append(f"  %logits = qarith.cast %scores_plain : {plain} -> {logits.kind}")
    shares = softmax(logits.exact, 1)
    wide = k.write(Value("shares_wide", "ui16", (Dyadic(1, 15),), shares), "softmax", logits, attributes=METHOD)
    narrow = k.write(Value("shares", "ui12", (Dyadic(1, 11),), shares), "requantise", wide, attributes=ROUND)
    return k.product("projected", k.product("mixed", narrow, v), out)


def feed_forward(k: Kernel, x: Value, rng: np.random.Generator) -> Value:
    width = x.exact.shape[1]
    inner = k.product("inner", x, k.weights("w1", rng.normal(size=(width, 4 * width)) / width**0.5))
    exact = inner.exact * (1 + erf(inner.exact / 2**0.5)) / 2
    scale = inner.scales[0] * Dyadic(1, 15)
    gelu = k.write(Value("gelu_wide", f"si{BITS + 16}", (scale,), exact), "gelu", inner, attributes=METHOD)
    return k.product(
        "outer", k.narrow("gelu", gelu), k.weights("w2", rng.normal(size=(4 * width, width)) / (4 * width) ** 0.5)
    )


def block(width: int, tokens: int, seed: int) -> tuple[Kernel, Value]:
    """The kernel with its operands, and its result."""
    rng, k = np.random.default_rng(seed), Kernel()
    x = k.activations("x", rng.normal(size=(tokens, width)))
    gammas, betas = rng.uniform(0.5, 1.5, (2, width)), rng.normal(size=(2, width)) / 8
    attended = k.add("attended", x, attention(k, k.norm("normed", x, gammas[0], betas[0]), rng))
    return k, k.add("result", attended, feed_forward(k, k.norm("renormed", attended, gammas[1], betas[1]), rng))


def relative_error(k: Kernel, result: Value) -> float:
    module: Any = from_text(k.text(result), "block.mlir", new_context())
    (codes,) = evaluate(module, "block", *k.operands)
    found = codes * float(result.scales[0])
    return float(np.linalg.norm(found - result.exact) / np.linalg.norm(result.exact))


def main(argv: Sequence[str] | None = None) -> None:
    parser = ArgumentParser(description="A transformer block in integers, against doubles.")
    parser.add_argument("--width", type=int, default=64, help="of a token, 64 to 192 (%(default)s)")
    parser.add_argument("--tokens", type=int, default=16, help="(%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of weights and tokens (%(default)s)")
    parser.add_argument("--emit", type=Path, metavar="FILE", help="write the kernel")
    arguments = parser.parse_args(argv)
    k, result = block(arguments.width, arguments.tokens, arguments.seed)
    if arguments.emit:
        arguments.emit.write_text(k.text(result))
    sys.stdout.write(f"{len(k.lines)} ops, all on integers; relative error {relative_error(k, result):.4f}\n")


if __name__ == "__main__":
    main()
