"""What straight-line code's work is made of, and how long it would take on imagined machines: in what two cores' cycles differ.

    half loads, a third products in double precision, …       the root of each share; logarithms of cycles (`imagined.py`)

Shares, not counts: the ratio of two cores' cycles does not grow with the block. An operation weighs about as many cycles as it takes on
most cores. The last column is the mean logarithm of the imagined machines' cycles, the ones before it say how far each is from that.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from costmodel.features.imagined import MACHINES, cycles_on, longest_chain, tasks_of
from costmodel.features.pressure import needed
from costmodel.features.simplified import simplified
from costmodel.features.straight import FREE, largest_block, pieces
from costmodel.features.streams import Floats
from costmodel.tokens.lines import Line
from costmodel.tokens.tree import Block, Node
from costmodel.tokens.vocabulary import OpClass

_COUNTS = ("ctlz", "cttz", "ctpop")
_CONVERSIONS = ("sitofp", "uitofp", "fptosi", "fptoui")
_WIDE = ("mului_extended", "mulsi_extended")
_WEIGHTS = {
    "add": 0.5,
    "mul": 0.5,
    "fma": 0.5,
    "div": 10.0,
    "sqrt": 14.0,
    "math": 20.0,
    "call": 20.0,
    "minmax": 0.5,
    "bit": 0.5,
    "compare": 0.5,
    "select": 0.5,
    "cast": 0.5,
    "constant": 0.3,
    "load": 0.5,
    "store": 0.7,
    "lanes": 1.0,
    "reduce": 4.0,
    "count of bits": 1.5,
    "conversion": 1.5,
    "wide product": 2.0,
    "other": 0.5,
}
"""By sort of operation, about the cycles it takes on most cores."""
_ELEMENTS = ("i32", "i64", "index", "f32", "f64", "vector", "vector f32", "vector f64", "other")
_DOUBLE = 1.5
"""How much more quotients and roots weigh in double precision."""


@cache
def work_names() -> tuple[str, ...]:
    """The columns of `work`, in order."""
    shares = (f"share of {sort} {element}" for sort in _WEIGHTS for element in _ELEMENTS)
    return (*shares, "longest chain over cycles", *(f"{name} over cycles" for name in MACHINES), "cycles")


def work(texts: Sequence[Sequence[Line]]) -> Floats:
    """One row a text: of its largest block."""
    rows = [_row(largest_block(lines)) for lines in texts]
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(work_names()))


def _row(block: Block) -> list[float]:
    ends = {name for node in block.nodes if node.kind is OpClass.END for name in node.line.uses}
    nodes = needed(simplified([node for node in block.nodes if node.kind not in FREE], apart=True), ends)
    tasks = tasks_of(nodes)
    cycles = [longest_chain(tasks), *(cycles_on(machine, tasks) for machine in MACHINES.values())]
    logs = np.log(np.maximum(cycles, 1.0))
    return [*np.sqrt(_shares(nodes)), *(logs - logs.mean()), float(logs.mean())]


def _shares(nodes: Sequence[Node]) -> Floats:
    sorts, elements = list(_WEIGHTS), list(_ELEMENTS)
    found = np.zeros((len(sorts), len(elements)))
    for node in nodes:
        sort, element = _sort(node), _element(node)
        if sort == "constant" and element == "index":
            continue  # part of addresses
        weight = _WEIGHTS[sort] * (_DOUBLE if sort in ("div", "sqrt") and element.endswith("f64") else 1.0)
        found[sorts.index(sort), elements.index(element)] += weight * max(pieces(node)[0], 1.0)
    return found.ravel() / max(float(found.sum()), 1e-9)


def _sort(node: Node) -> str:
    name = node.line.name.rpartition(".")[2]
    if name in _COUNTS:
        return "count of bits"
    if name in _CONVERSIONS:
        return "conversion"
    if name in _WIDE:
        return "wide product"
    sort = node.kind.name.lower()
    return sort if sort in _WEIGHTS else "other"


def _element(node: Node) -> str:
    line = node.line
    vector = next((shape for shape in reversed(line.shapes) if shape.kind != "memref"), None)
    if vector is not None:
        element = f"vector {vector.element}"
        return element if element in _ELEMENTS else "vector"
    element = line.shapes[-1].element if line.shapes else line.scalars[-1] if line.scalars else "i64"
    return element if element in _ELEMENTS else "other"
