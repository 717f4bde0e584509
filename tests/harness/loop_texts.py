"""Loop nests as text with made-up costs: what the cost model's tests are fitted to, in milliseconds and the same every time."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from itertools import permutations

from costmodel.sample import Sample

KERNELS = {
    "product": (("A", "ik"), ("B", "kj"), ("C", "ij")),
    "left": (("A", "ki"), ("B", "kj"), ("C", "ij")),
    "right": (("A", "ik"), ("B", "jk"), ("C", "ij")),
    "turned": (("A", "ik"), ("B", "kj"), ("C", "ji")),
}
SIZES = (16, 24, 32, 48, 64, 100, 128, 256)


def nest(order: str, sizes: dict[str, int], accesses: Sequence[tuple[str, str]]) -> str:
    """`C += A * B` under loops in an order."""
    types = {name: "memref<" + "x".join(str(sizes[at]) for at in places) + "xf32>" for name, places in accesses}
    lines = [f"func.func @f({', '.join(f'%{name}: {types[name]}' for name, _ in accesses)}) {{"]
    lines += [f"affine.for %{at} = 0 to {sizes[at]} {{" for at in order]
    places = {name: ", ".join(f"%{at}" for at in where) for name, where in accesses}
    lines += [f"%{name.lower()} = affine.load %{name}[{places[name]}] : {types[name]}" for name, _ in accesses]
    lines += ["%p = arith.mulf %a, %b : f32", "%s = arith.addf %p, %c : f32"]
    last = accesses[-1][0]
    lines += [f"affine.store %s, %{last}[{places[last]}] : {types[last]}", *("}" for _ in order), "return", "}"]
    return "\n".join(lines) + "\n"


def seconds(order: str, sizes: dict[str, int], accesses: Sequence[tuple[str, str]]) -> float:
    """A machine that likes unit steps in its innermost loop, and hates long ones."""
    inner, cost = order[-1], 1.0
    for _, places in accesses:
        step = math.prod(sizes[at] for at in places[places.index(inner) + 1 :]) if inner in places else 0
        cost += 0.1 if step <= 1 else min(4.0, 0.3 * math.log2(step))
    return 1e-9 * math.prod(sizes.values()) * (cost + 2 / sizes[inner])


def samples(kernels: int, seed: int = 1) -> Iterator[Sample]:
    """All six loop orders of so many kernels in each of four families."""
    draw = random.Random(seed)
    for family, accesses in KERNELS.items():
        for number in range(kernels):
            sizes = {at: draw.choice(SIZES) for at in "ijk"}
            name = f"{family}/{number}-{sizes['i']}x{sizes['j']}x{sizes['k']}"
            for order in map("".join, permutations("ijk")):
                time = seconds(order, sizes, accesses) * draw.uniform(0.98, 1.02)
                labels = {"seconds": time, "instructions": 7.0 * math.prod(sizes.values())}
                yield Sample(
                    "loops",
                    "cpu-x86",
                    family,
                    name,
                    order,
                    nest(order, sizes, accesses),
                    labels,
                    repeats={"seconds": [time, time * 1.01]},
                )
