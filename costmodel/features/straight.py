"""Columns of numbers for straight-line code: pressure on registers, length of the longest chain, instructions by class.

Computed on the largest block of a text, in the order the text has and in canonical order (each value right before its first use): the
truth of a scheduler lies between. Widths are counted in 128-bit pieces, so that a core's register width is a factor the model learns.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from costmodel.features.streams import Floats
from costmodel.tokens.lines import Line
from costmodel.tokens.tree import Block, Node, in_order, tree
from costmodel.tokens.vocabulary import OpClass, element_bits, is_float

_LATENCY = {
    OpClass.ADD: 4.0,
    OpClass.MUL: 4.0,
    OpClass.FMA: 4.0,
    OpClass.DIV: 13.0,
    OpClass.SQRT: 15.0,
    OpClass.MATH: 40.0,
    OpClass.LOAD: 5.0,
    OpClass.CALL: 30.0,
    OpClass.CAST: 4.0,
    OpClass.LANES: 3.0,
    OpClass.REDUCE: 10.0,
    OpClass.STORE: 1.0,
}
_COUNTED = tuple(kind for kind in OpClass if kind not in (OpClass.END, OpClass.FUNCTION, OpClass.MODULE))
FREE = (OpClass.END, OpClass.FUNCTION, OpClass.MODULE)
_PRESSURES = ("whole", "float", "values")
_ORDERS = ("text", "canonical", "late")


@cache
def straight_names() -> tuple[str, ...]:
    """The columns of `straight`, in order."""
    return (
        "block operations",
        *(f"{kind} {what}" for kind in ("whole", "float") for what in [k.name.lower() for k in _COUNTED]),
        *(f"live {what} in {order} order" for order in _ORDERS for what in _PRESSURES),
        *(f"mean live {what}" for what in _PRESSURES),
        "arguments",
        "chain",
        "chain operations",
        "chain share",
        "throughput",
        "levels",
        "widest level",
        "values used once",
        "values used often",
        "lifetime mean",
        "lifetime max",
        "vector pieces",
        "scalar operations",
        "constants used",
        "distinct addresses",
        "live out",
        *(f"port {port}" for port in ("float", "whole", "load", "store", "divide")),
    )


def straight(texts: Sequence[Sequence[Line]]) -> Floats:
    """One row a text."""
    rows = [_row(largest_block(lines)) for lines in texts]
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(straight_names()))


def largest_block(lines: Sequence[Line]) -> Block:
    """Where most operations of a text are."""
    best = root = tree(lines)
    waiting = [root]
    while waiting:
        block = waiting.pop()
        if len(block.nodes) > len(best.nodes):
            best = block
        waiting += [inner for node in block.nodes for inner in node.blocks]
    return best


def pieces(node: Node) -> tuple[float, bool]:
    """How many 128-bit registers an operation's result takes, and whether they are floating-point (or vector) ones."""
    line = node.line
    vector = next((shape for shape in reversed(line.shapes) if shape.kind != "memref"), None)
    if vector is not None:
        count = 1
        for size in vector.sizes:
            count *= max(size, 1)
        return max(1.0, count * element_bits(vector.element) / 128), True
    element = line.shapes[-1].element if line.shapes else line.scalars[-1] if line.scalars else "i64"
    return 1.0, is_float(element) or element == "vector"


def _row(block: Block) -> list[float]:
    text = [node for node in block.nodes if node.kind not in FREE]
    canonical = [node for node in in_order(block) if node.kind not in FREE]
    ends = {name for node in block.nodes if node.kind is OpClass.END for name in node.line.uses}
    size = [pieces(node) for node in text]
    counts = [0.0] * (2 * len(_COUNTED))
    place = {kind: at for at, kind in enumerate(_COUNTED)}
    for node, (width, floating) in zip(text, size, strict=True):
        counts[place[node.kind] + len(_COUNTED) * floating] += width
    live, mean = _pressure(text, ends)
    lives = [*live, *_pressure(canonical, ends)[0], *_pressure(_late(canonical), ends)[0]]
    return [
        float(len(text)),
        *counts,
        *lives,
        *mean,
        float(len(_outside(text))),
        *_chain(text),
        *_uses(text),
        *_shape(text, size, ends),
    ]


def _outside(nodes: Sequence[Node]) -> set[str]:
    made = {name for node in nodes for name in node.line.results}
    return {use for node in nodes for use in node.line.uses if use not in made}


def _pressure(nodes: Sequence[Node], ends: set[str]) -> tuple[list[float], list[float]]:
    """The most 128-bit pieces alive at once, whole-number and floating-point, and values; then their means."""
    last = {use: at for at, node in enumerate(nodes) for use in node.line.uses}
    change = np.zeros((len(nodes) + 2, 3))
    for at, node in enumerate(nodes):
        if node.kind is OpClass.CONSTANT:
            continue
        width, floating = pieces(node)
        for name in node.line.results:
            end = len(nodes) if name in ends else last.get(name, at)
            amount = np.array([0.0 if floating else width, width if floating else 0.0, 1.0])
            change[at] += amount
            change[end] -= amount
    alive = change.cumsum(axis=0)
    return alive.max(axis=0).tolist(), alive.mean(axis=0).tolist()


def _late(nodes: Sequence[Node]) -> list[Node]:
    """Loads last: every operation that needs no load first, as a scheduler that hides latency would not; the other extreme."""
    depth: dict[str, int] = {}
    levels: list[tuple[int, int]] = []
    for at, node in enumerate(nodes):
        level = 1 + max((depth.get(use, 0) for use in node.line.uses), default=0)
        for name in node.line.results:
            depth[name] = level
        levels.append((level, at))
    return [nodes[at] for _, at in sorted(levels)]


def _chain(nodes: Sequence[Node]) -> list[float]:
    ready: dict[str, tuple[float, int]] = {}
    longest, steps, work = 0.0, 0, 0.0
    levels: dict[int, int] = {}
    for node in nodes:
        latency = _LATENCY.get(node.kind, 1.0)
        start = max((ready.get(use, (0.0, 0)) for use in node.line.uses), default=(0.0, 0))
        end = start[0] + (0.0 if node.kind is OpClass.CONSTANT else latency), start[1] + 1
        for name in node.line.results:
            ready[name] = end
        longest, steps = max(longest, end[0]), max(steps, end[1])
        levels[end[1]] = levels.get(end[1], 0) + 1
        work += pieces(node)[0]
    return [
        longest,
        float(steps),
        longest / (work + 1),
        work,
        float(len(levels)),
        float(max(levels.values(), default=0)),
    ]


def _uses(nodes: Sequence[Node]) -> list[float]:
    count: dict[str, int] = {}
    lifetime: dict[str, int] = {}
    made: dict[str, int] = {}
    for at, node in enumerate(nodes):
        for use in node.line.uses:
            count[use] = count.get(use, 0) + 1
            if use in made:
                lifetime[use] = at - made[use]
        for name in node.line.results:
            made[name] = at
    spans = list(lifetime.values()) or [0]
    once = sum(1 for name in made if count.get(name, 0) == 1)
    often = sum(1 for name in made if count.get(name, 0) > 2)
    return [float(once), float(often), sum(spans) / len(spans), float(max(spans))]


def _shape(nodes: Sequence[Node], size: Sequence[tuple[float, bool]], ends: set[str]) -> list[float]:
    vectors = sum(width for width, _ in size if width > 1)
    constants = {use for node in nodes for use in node.line.uses} & {
        name for node in nodes if node.kind is OpClass.CONSTANT for name in node.line.results
    }
    addresses = {(node.line.base, node.line.subscripts) for node in nodes if node.line.subscripts is not None}
    ports = [0.0] * 5
    for node, (width, floating) in zip(nodes, size, strict=True):
        match node.kind:
            case OpClass.LOAD:
                ports[2] += width
            case OpClass.STORE:
                ports[3] += width
            case OpClass.DIV | OpClass.SQRT:
                ports[4] += width
            case OpClass.CONSTANT:
                pass
            case _:
                ports[0 if floating else 1] += width
    scalars = sum(1 for width, _ in size if width <= 1)
    return [vectors, float(scalars), float(len(constants)), float(len(addresses)), float(len(ends)), *ports]
