"""What an allocator of registers would meet in straight-line code: values alive at once, values that find no register, addresses.

Of the operations that something needs, in text order and in canonical order (each value right before its first use). A load that one
operation alone uses can be part of that operation (x86) and then takes no register: both views stand. Values that find no register are
counted as the best order of eviction leaves them (Belady 1966: the one that is used farthest ahead), for the numbers of registers that
machines have; how many a core has is for the model to learn.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TypeAlias

import numpy as np

from costmodel.features.addresses import ADDRESS_NAMES, addresses
from costmodel.features.simplified import simplified
from costmodel.features.straight import FREE, largest_block
from costmodel.features.streams import Floats
from costmodel.tokens.lines import Line
from costmodel.tokens.tree import Block, Node, in_order
from costmodel.tokens.vocabulary import OpClass, element_bits, is_float

_ORDERS = ("text", "canonical")
_NUMBERS = (13, 16, 30)
"""Registers of a class: x86's general ones that are free, its vector ones, those of Arm and RISC-V."""
_WIDE = 256
_CONSTANT = re.compile(r"\s*[-+]\s*\d+\s*")
_EFFECTS = (OpClass.STORE, OpClass.CALL, OpClass.ATOMIC, OpClass.TRANSFER, OpClass.BARRIER, OpClass.OTHER)
_CLASSES = ("whole", "float")
Life: TypeAlias = tuple[int, tuple[int, ...], float]
"""A value: the places where it is made and where it is used, and the registers it takes."""
_COUNTED = (
    OpClass.ADD,
    OpClass.MUL,
    OpClass.DIV,
    OpClass.BIT,
    OpClass.MINMAX,
    OpClass.COMPARE,
    OpClass.SELECT,
    OpClass.CAST,
    OpClass.LOAD,
    OpClass.STORE,
    OpClass.CONSTANT,
)


@cache
def pressure_names() -> tuple[str, ...]:
    """The columns of `pressure`, in order."""
    return (
        "needed operations",
        *(
            f"{what} {kind} in {order} order{view}"
            for order in _ORDERS
            for view in ("", ", loads inside")
            for kind in _CLASSES
            for what in ("registers", *(f"evicted of {count}" for count in _NUMBERS))
        ),
        *(f"expression {kind}" for kind in _CLASSES),
        "rows accessed",
        "subscripts",
        "places computed",
        "variables indexed by",
        "buffers",
        "shifts and divisions",
        "calls",
        *(f"needed {kind.name.lower()}" for kind in _COUNTED),
        "places by a constant factor",
        *ADDRESS_NAMES,
    )


def needed(nodes: Sequence[Node], ends: Iterable[str]) -> list[Node]:
    """Operations that an effect, or what is after the block, depends on."""
    wanted = {plain(name) for name in ends}
    kept: list[Node] = []
    for node in reversed(nodes):
        if node.kind in _EFFECTS or node.blocks or any(name in wanted for name in node.line.results):
            kept.append(node)
            wanted.update(plain(name) for name in node.line.uses)
    return kept[::-1]


def pressure(texts: Sequence[Sequence[Line]]) -> Floats:
    """One row a text: of its largest block."""
    rows = [_row(largest_block(lines)) for lines in texts]
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(pressure_names()))


def _row(block: Block) -> list[float]:
    ends = {name for node in block.nodes if node.kind is OpClass.END for name in node.line.uses}
    both = ([node for node in order if node.kind not in FREE] for order in (block.nodes, in_order(block)))
    text, canonical = (needed(simplified(nodes), ends) for nodes in both)
    single = _single_loads(text)
    row = [float(len(text))]
    for nodes in (text, canonical):
        for inside in (set[str](), single):
            for lives in _lives(nodes, ends, inside):
                most = _most(lives, len(nodes))
                row += [most, *(_evicted(lives, count) if most > count else 0.0 for count in _NUMBERS)]
    return [*row, *_expressions(text), *_addresses(text), *addresses(block.nodes)]


def plain(name: str) -> str:
    """The operation's name of one of several results."""
    return name.partition("#")[0]


def width_of(node: Node) -> tuple[float, bool]:
    """Registers of 256 bits that a result takes, and whether they are floating-point or vector ones; conditions take none."""
    line = node.line
    vector = next((shape for shape in reversed(line.shapes) if shape.kind != "memref"), None)
    if vector is not None:
        bits = element_bits(vector.element)
        for size in vector.sizes:
            bits *= max(size, 1)
        return max(1.0, bits / _WIDE), True
    element = line.shapes[-1].element if line.shapes else line.scalars[-1] if line.scalars else "i64"
    if element == "vector":
        return 1.0, True
    if node.kind is OpClass.COMPARE or element == "i1":
        return 0.0, False
    return 1.0, is_float(element)


def _single_loads(nodes: Sequence[Node]) -> set[str]:
    """Loads that are used once, by arithmetic; of two in one operation only one."""
    uses: dict[str, int] = {}
    for node in nodes:
        for use in node.line.uses:
            uses[plain(use)] = uses.get(plain(use), 0) + 1
    loaded = {name for node in nodes if node.kind is OpClass.LOAD for name in node.line.results if uses.get(name) == 1}
    found: set[str] = set()
    for node in nodes:
        if node.kind not in (OpClass.LOAD, OpClass.STORE):
            found.update([use for use in node.line.uses if use in loaded][-1:])
    return found


def _lives(nodes: Sequence[Node], ends: set[str], inside: set[str]) -> tuple[list[Life], list[Life]]:
    """Values of each class."""
    uses: dict[str, list[int]] = {}
    for at, node in enumerate(nodes):
        for use in node.line.uses:
            uses.setdefault(plain(use), []).append(at)
    for name in ends:
        uses.setdefault(plain(name), []).append(len(nodes))
    found: tuple[list[Life], list[Life]] = [], []
    for at, node in enumerate(nodes):
        if node.kind is OpClass.CONSTANT or not node.line.results:
            continue
        width, floating = width_of(node)
        for name in node.line.results if width else ():
            if name in uses and name not in inside:
                found[floating].append((at, tuple(uses[name]), width))
    return found


def _most(lives: Sequence[Life], count: int) -> float:
    """Registers in use at once."""
    change: Floats = np.zeros(count + 2)
    for made, uses, width in lives:
        change[made] += width
        change[uses[-1]] -= width
    return float(change.cumsum().max())


def _evicted(lives: Sequence[Life], registers: int) -> float:
    """Values that find no register among so many, when the one used farthest ahead goes first."""
    alive: list[tuple[tuple[int, ...], float]] = []
    lost = 0.0
    for made, uses, width in lives:
        alive = [each for each in alive if each[0][-1] > made]
        alive.append((uses, width))
        taken = sum(each[1] for each in alive)
        while taken > registers:
            last = max(range(len(alive)), key=lambda at: next((use for use in alive[at][0] if use > made), 0))
            taken -= alive[last][1]
            lost += alive.pop(last)[1]
    return lost


def _expressions(nodes: Sequence[Node]) -> list[float]:
    """Registers that the largest expression takes when its dearer operand comes first (Sethi and Ullman 1970)."""
    need: dict[str, tuple[float, float]] = {}
    most = [0.0, 0.0]
    for node in nodes:
        width, floating = width_of(node)
        operands = [need[plain(use)] for use in node.line.uses if plain(use) in need]
        numbers: list[float] = []
        for kind in (0, 1):
            ordered = sorted((each[kind] for each in operands), reverse=True)
            numbers.append(max((each + at * (each > 0) for at, each in enumerate(ordered)), default=0.0))
        numbers[floating] = max(numbers[floating], width if node.kind is not OpClass.CONSTANT else 0.0)
        for name in node.line.results:
            need[name] = numbers[0], numbers[1]
        most = [max(a, b) for a, b in zip(most, numbers, strict=True)]
    return most


def _addresses(nodes: Sequence[Node]) -> list[float]:
    constants = {name for node in nodes if node.kind is OpClass.CONSTANT for name in node.line.results}
    accessed = [node.line for node in nodes if node.line.subscripts is not None]
    leading = {(line.base, line.subscripts[:-1]) for line in accessed if line.subscripts}
    subscripts = {each for line in accessed for each in line.subscripts or ()}
    computed = {each for each in subscripts if each not in constants}
    variables = {_CONSTANT.sub("", each) for each in computed}
    heavy = sum(node.kind in (OpClass.DIV, OpClass.BIT) and not width_of(node)[1] for node in nodes)
    calls = sum(node.kind in (OpClass.CALL, OpClass.MATH) for node in nodes)
    by_kind = [float(sum(node.kind is kind for node in nodes)) for kind in _COUNTED]
    scaled = sum(
        node.kind is OpClass.MUL and "index" in node.line.scalars and not constants.isdisjoint(node.line.uses)
        for node in nodes
    )
    counts = (
        len(leading),
        len(subscripts),
        len(computed),
        len(variables),
        len({line.base for line in accessed}),
        heavy,
    )
    return [*map(float, counts), float(calls), *by_kind, float(scaled)]
