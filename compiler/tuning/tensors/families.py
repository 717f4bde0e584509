"""Families of arithmetic kernels to learn from, each drawn with sizes and precisions of its own.

    name, text = draw_kernel("lookup", Random(1))       "lookup/si2-96x256-batch8", "func.func @kernel(…"

The op is the family; of most there are several precisions or ways. Sizes are small: a run is simulated in a second or two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

Drawn = tuple[str, str]
"""What it is called, and its text."""


def draw_kernel(family: str, random: Random) -> Drawn:
    """A kernel of a family."""
    name, text = FAMILIES[family](random)
    return f"{family}/{name}", text


def _kernel(operands: Mapping[str, str], body: str, result: str) -> str:
    taken = ", ".join(f"%{name}: {kind}" for name, kind in operands.items())
    return f"func.func @kernel({taken}) -> {result} {{\n{body}\n  func.return %y : {result}\n}}\n"


def _lookup(random: Random) -> Drawn:
    bits, batch = random.choice((1, 2, 2, 3, 4, 4, 8)), random.choice((1, 2, 4, 8, 8, 16))
    rows, inputs = 8 * random.randint(2, 24), 32 * random.randint(1, 12)
    x, w, y = f"tensor<{batch}x{inputs}xsi8>", f"tensor<{rows}x{inputs}xsi{bits}>", f"tensor<{batch}x{rows}xsi40>"
    t = f"tensor<{batch}x{inputs // 4}x16xsi16>"
    body = (
        f"  %t = qarith.build_tables %x {{group = 4 : i64}} : {x} -> {t}\n  %y = qarith.lookup %t, %w : {t}, {w} -> {y}"
    )
    return f"si{bits}-{rows}x{inputs}-batch{batch}", _kernel({"x": x, "w": w}, body, y)


def _matmul(random: Random) -> Drawn:
    left, right = random.choice((("si8", "si8"), ("si8", "si4"), ("si4", "si4"), ("si16", "si8")))
    n, k, m = (random.choice((4, 8, 12, 16, 24, 32, 48, 64)) for _ in range(3))
    turned = random.random() < 0.5
    a, b, c = (
        f"tensor<{n}x{k}x{left}>",
        f"tensor<{m if turned else k}x{k if turned else m}x{right}>",
        f"tensor<{n}x{m}xsi40>",
    )
    how = "accumulator = si40, transpose_b" if turned else "accumulator = si40"
    body = f"  %y = qarith.matmul %a, %b {{{how}}} : {a}, {b} -> {c}"
    return f"{left}-{right}-{n}x{k}x{m}{'-transposed' if turned else ''}", _kernel({"a": a, "b": b}, body, c)


def _gemv(random: Random) -> Drawn:
    bits = random.choice((4, 8))
    n, k = 8 * random.randint(2, 24), 16 * random.randint(1, 16)
    a, b, c = f"tensor<{n}x{k}xsi{bits}>", f"tensor<{k}xsi8>", f"tensor<{n}xsi40>"
    return f"si{bits}-{n}x{k}", _kernel(
        {"a": a, "b": b}, f"  %y = qarith.matmul %a, %b {{accumulator = si40}} : {a}, {b} -> {c}", c
    )


def _float_gemv(random: Random) -> Drawn:
    kind = random.choice(("bf16", "fp16"))
    n, k = 8 * random.randint(2, 8), 16 * random.randint(1, 4)
    element = f"!qarith.fp<{kind}>"
    a, b, c = f"tensor<{n}x{k}x{element}>", f"tensor<{k}x{element}>", f"tensor<{n}x{element}>"
    how = f"{{accumulator = {element}, rounding = #qarith.rounding<rn>}}"
    return f"{kind}-{n}x{k}", _kernel({"a": a, "b": b}, f"  %y = qarith.matmul %a, %b {how} : {a}, {b} -> {c}", c)


def _rows(random: Random) -> tuple[int, int]:
    return random.choice((4, 8, 16, 32, 48, 64, 96, 128)), random.choice((16, 24, 32, 64, 100, 197))


def _softmax(random: Random) -> Drawn:
    (rows, width), method = _rows(random), random.choice(("shift", "quadratic"))
    kind = {"shift": "!qarith.quant<ui8, [1, 7]>", "quadratic": "!qarith.quant<ui16, [1, 15]>"}[method]
    return _unary("softmax", rows, width, method, kind)


def _gelu(random: Random) -> Drawn:
    (rows, width), method = _rows(random), random.choice(("shift", "quadratic"))
    kind = {"shift": "!qarith.quant<si32, [16, 14]>", "quadratic": "!qarith.quant<si32, [16, 22]>"}[method]
    return _unary("gelu", rows, width, method, kind)


def _unary(op: str, rows: int, width: int, method: str, kind: str) -> Drawn:
    x, y = f"tensor<{rows}x{width}x!qarith.quant<si8, [16, 7]>>", f"tensor<{rows}x{width}x{kind}>"
    body = f"  %y = qarith.{op} %x {{method = #qarith.method<{method}>}} : {x} -> {y}"
    return f"{method}-{rows}x{width}", _kernel({"x": x}, body, y)


def _layer_norm(random: Random) -> Drawn:
    (rows, width), method = _rows(random), random.choice(("shift", "quadratic"))
    x, beta, y = (
        f"tensor<{rows}x{width}x!qarith.quant<si8, [1, 4]>>",
        f"tensor<{width}xsi31>",
        f"tensor<{rows}x{width}xsi32>",
    )
    body = f"  %y = qarith.layer_norm %x, %b {{method = #qarith.method<{method}>}} : {x}, {beta} -> {y}"
    return f"{method}-{rows}x{width}", _kernel({"x": x, "b": beta}, body, y)


def _requantise(random: Random) -> Drawn:
    (rows, width), rounding = _rows(random), random.choice(("rn", "rz", "sr, stream 3 of 1"))
    x, y = f"tensor<{rows}x{width}x!qarith.quant<si32, [3, 12]>>", f"tensor<{rows}x{width}x!qarith.quant<si8, [7, 6]>>"
    body = f"  %y = qarith.requantise %x {{rounding = #qarith.rounding<{rounding}>}} : {x} -> {y}"
    return f"{rounding[:2]}-{rows}x{width}", _kernel({"x": x}, body, y)


def _stencil(random: Random) -> Drawn:
    rows, width = _rows(random)
    edge, field = random.choice(("periodic", "fixed")), f"tensor<{rows}x{width}xf64>"
    how = "offsets = array<i64: 0, -1, 0, 0, 0, 1>, weights = array<f64: 0.25, 0.5, 0.25>"
    rounded = f"tensor<{rows}x{width}x!qarith.fp<bf16>>"
    body = (
        f"  %s = qarith.stencil %x {{{how}, boundary = #qarith.boundary<{edge}>}} : {field} -> {field}\n"
        f"  %y = qarith.round %s {{rounding = #qarith.rounding<rn>}} : {field} -> {rounded}"
    )
    return f"{edge}-{rows}x{width}", _kernel({"x": field}, body, rounded)


def _reduce(random: Random) -> Drawn:
    (rows, width), order = _rows(random), random.choice(("sequential", "pairwise"))
    element = f"!qarith.fp<{random.choice(('bf16', 'fp16'))}>"
    x, y = f"tensor<{rows}x{width}x{element}>", f"tensor<{rows}x{element}>"
    how = f"{{order = #qarith.order<{order}>, rounding = #qarith.rounding<rn>}}"
    return f"{order}-{rows}x{width}", _kernel({"x": x}, f"  %y = qarith.reduce %x {how} : {x} -> {y}", y)


FAMILIES: Mapping[str, Callable[[Random], Drawn]] = {
    "lookup": _lookup,
    "matmul": _matmul,
    "gemv": _gemv,
    "softmax": _softmax,
    "gelu": _gelu,
    "layer-norm": _layer_norm,
    "requantise": _requantise,
    "stencil": _stencil,
    "float-gemv": _float_gemv,
    "reduce": _reduce,
}
"""How each is drawn."""
