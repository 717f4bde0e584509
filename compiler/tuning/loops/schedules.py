"""How a nest runs: order of its loops, tiles, unrolled iterators; and which of the many ways are worth measuring for a kernel.

    order=ikj,tile=i32.j64,unroll=j4

runs tiles of 32 by 64 in the order `i j`, then `i k j` inside, the innermost body four times over. Legal is: any order (reductions are
associative), a tile smaller than the extent, an unrolling that divides extent and tile and whose iterator no limit mentions.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import permutations
from math import factorial, prod
from random import Random

from compiler.tuning.loops.kernels import Kernel
from compiler.tuning.loops.statements import Nest

TILES = (4, 8, 16, 32, 64, 128)
UNROLLS = (2, 4, 8)
MOST_COPIES = 16
"""Copies of a body, over all unrolled iterators: more is code that nobody would write."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """One nest's: `order` outermost first; `tile` and `unroll` name their iterators in that order."""

    order: tuple[str, ...]
    tile: tuple[tuple[str, int], ...] = ()
    unroll: tuple[tuple[str, int], ...] = ()

    def __str__(self) -> str:
        parts = [f"order={'.'.join(self.order)}"]
        parts += [f"tile={'.'.join(f'{name}{size}' for name, size in self.tile)}"] if self.tile else []
        parts += [f"unroll={'.'.join(f'{name}{size}' for name, size in self.unroll)}"] if self.unroll else []
        return ",".join(parts)


@dataclass(frozen=True, slots=True)
class Variant:
    """One schedule a nest; `fused`: the nests share their outermost loop."""

    schedules: tuple[Schedule, ...]
    fused: bool = False

    def __str__(self) -> str:
        return ";".join(str(each) for each in self.schedules) + (";fused" if self.fused else "")


def default_variant(kernel: Kernel) -> Variant:
    """As written: source order, no tiles, nothing unrolled, nothing fused."""
    return Variant(tuple(Schedule(nest.iterators) for nest in kernel.nests))


def draw_variants(kernel: Kernel, count: int, seed: int) -> list[Variant]:
    """At most `count` different variants, the default first, then drawn; the same for the same seed.

    A nest of up to three loops gets every order; of the other variants half have a loop of unit stride innermost, as a compiler would
    try first.
    """
    random = Random(f"{seed}/{kernel.id}")
    found = dict.fromkeys([default_variant(kernel), *_orders(kernel)])
    for _ in range(20 * count):
        if len(found) >= count:
            break
        found.setdefault(_draw_variant(kernel, random))
    return list(found)[:count]


def _orders(kernel: Kernel) -> Iterator[Variant]:
    first, *others = kernel.nests
    if others or factorial(len(first.iterators)) > 6:
        return
    for order in permutations(first.iterators):
        yield Variant((Schedule(order),))


def _draw_variant(kernel: Kernel, random: Random) -> Variant:
    variant = Variant(tuple(_draw_schedule(kernel, nest, random) for nest in kernel.nests))
    if kernel.rows is None or random.random() < 0.5:
        return variant
    return Variant(tuple(_rows_outermost(each, kernel.rows) for each in variant.schedules), fused=True)


def _rows_outermost(schedule: Schedule, rows: str) -> Schedule:
    """A loop that nests share is neither tiled nor unrolled."""
    return Schedule(
        (rows, *(name for name in schedule.order if name != rows)),
        tuple(pair for pair in schedule.tile if pair[0] != rows),
        tuple(pair for pair in schedule.unroll if pair[0] != rows),
    )


def _draw_schedule(kernel: Kernel, nest: Nest, random: Random) -> Schedule:
    order = _draw_order(nest, random)
    schedule = Schedule(order)
    if random.random() < 0.6:
        schedule = replace(schedule, tile=_draw_tile(kernel, order, random))
    if random.random() < 0.4:
        schedule = replace(schedule, unroll=_draw_unroll(kernel, nest, schedule, random))
    return schedule


def _draw_order(nest: Nest, random: Random) -> tuple[str, ...]:
    order = list(nest.iterators)
    random.shuffle(order)
    lasts = [access.index[-1] for access in nest.accesses()]
    unit_stride = [name for name in nest.iterators if any(last.coefficient(name) == 1 for last in lasts)]
    if unit_stride and random.random() < 0.5:
        innermost = random.choice(unit_stride)
        order.remove(innermost)
        order.append(innermost)
    return tuple(order)


def _draw_tile(kernel: Kernel, order: tuple[str, ...], random: Random) -> tuple[tuple[str, int], ...]:
    large = [name for name in order if kernel.extents[name] > TILES[0]]
    chosen = set(random.sample(large, min(len(large), random.randint(1, 3))))
    sizes = {name: [size for size in TILES if size < kernel.extents[name]] for name in chosen}
    return tuple((name, random.choice(sizes[name])) for name in order if name in chosen)


def _draw_unroll(kernel: Kernel, nest: Nest, schedule: Schedule, random: Random) -> tuple[tuple[str, int], ...]:
    limited = {name for limit in nest.limits for name, _ in limit.terms}
    divided = {
        name: _factors(kernel.extents, dict(schedule.tile), name) for name in schedule.order if name not in limited
    }
    possible = [name for name, factors in divided.items() if factors]
    if not possible:
        return ()
    likely = possible[-1:] if random.random() < 0.5 else random.sample(possible, min(2, len(possible)))
    drawn = {name: random.choice(divided[name]) for name in likely}
    if prod(drawn.values()) > MOST_COPIES:
        drawn.popitem()
    return tuple((name, drawn[name]) for name in schedule.order if name in drawn)


def _factors(extents: Mapping[str, int], tiles: Mapping[str, int], name: str) -> list[int]:
    whole = extents[name]
    return [factor for factor in UNROLLS if whole % factor == 0 and tiles.get(name, factor) % factor == 0]
