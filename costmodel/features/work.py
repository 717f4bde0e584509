"""What straight-line code's work is made of, and how long it would take on imagined machines: in what two cores' cycles differ.

    half loads, a third products in double precision, …       each share; logarithms of cycles (`imagined.py`)

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
from costmodel.tokens.vocabulary import OpClass, is_float

_NAMED = {
    "carry": ("addui_extended",),
    "wide product": ("mului_extended", "mulsi_extended"),
    "and": ("andi",),
    "or": ("ori",),
    "xor": ("xori",),
    "shift left": ("shli",),
    "shift right": ("shrui", "shrsi"),
    "zeros": ("ctlz", "cttz"),
    "ones": ("ctpop",),
    "to float": ("sitofp", "uitofp"),
    "to whole": ("fptosi", "fptoui"),
    "widened float": ("extf",),
    "narrowed float": ("truncf",),
}
"""Operations that cores differ in more than their class says; all others go by their class."""
_SORT = {name: sort for sort, names in _NAMED.items() for name in names}
_WHOLE, _FLOAT = ("i32", "i64", "index"), ("f32", "f64", "vector f32", "vector f64")
_BOTH = (*_WHOLE, *_FLOAT, "other")
_ACCESSED = ("whole", "float", "vector")
_SORTS: dict[str, tuple[float, tuple[str, ...]]] = {
    "add": (0.5, _BOTH),
    "mul": (0.5, _BOTH),
    "fma": (0.5, _BOTH),
    "div": (10.0, _BOTH),
    "sqrt": (14.0, _BOTH),
    "math": (20.0, _BOTH),
    "call": (20.0, ("other",)),
    "minmax": (0.5, _BOTH),
    "bit": (0.5, _BOTH),
    "compare": (0.5, _BOTH),
    "select": (0.5, _BOTH),
    "cast": (0.5, _BOTH),
    "load": (0.5, _ACCESSED),
    "store": (0.7, _ACCESSED),
    "constant": (0.3, ("other",)),
    "lanes": (1.0, _BOTH),
    "reduce": (4.0, _BOTH),
    "other": (0.5, _BOTH),
    "carry": (0.5, ("other",)),
    "wide product": (2.0, _BOTH),
    "and": (0.5, _BOTH),
    "or": (0.5, _BOTH),
    "xor": (0.5, _BOTH),
    "shift left": (0.5, _BOTH),
    "shift right": (0.5, _BOTH),
    "zeros": (1.5, _BOTH),
    "ones": (1.5, _BOTH),
    "to float": (2.0, _BOTH),
    "to whole": (1.5, _BOTH),
    "widened float": (0.5, _BOTH),
    "narrowed float": (0.5, _BOTH),
}
"""Sorts of operations: about the cycles one takes on most cores, and the types they are told apart by."""
_DOUBLE = 1.5
"""How much more quotients and roots weigh in double precision."""
MACHINE_COLUMNS = len(MACHINES) + 2
"""How many of the last columns are logarithms of cycles; those before are shares."""


@cache
def work_names() -> tuple[str, ...]:
    """The columns of `work`, in order."""
    shares = (f"share of {sort} {element}" for sort, element in _places())
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
    return [*_shares(nodes), *(logs - logs.mean()), float(logs.mean())]


@cache
def _places() -> dict[tuple[str, str], int]:
    pairs = [(sort, element) for sort, (_, elements) in _SORTS.items() for element in elements]
    return {pair: at for at, pair in enumerate(pairs)}


def _shares(nodes: Sequence[Node]) -> list[float]:
    found = [0.0] * len(_places())
    for node in nodes:
        sort, element = _sort(node), _element(node)
        if node.kind is OpClass.CONSTANT and element == "index":
            continue  # part of addresses
        weight, known = _SORTS[sort]
        weight *= _DOUBLE if sort in ("div", "sqrt") and element.endswith("f64") else 1.0
        found[_places()[sort, _among(known, element)]] += weight * max(pieces(node)[0], 1.0)
    whole = max(sum(found), 1e-9)
    return [each / whole for each in found]


def _sort(node: Node) -> str:
    sort = node.kind.name.lower()
    return _SORT.get(node.line.name.rpartition(".")[2], sort if sort in _SORTS else "other")


def _element(node: Node) -> str:
    line = node.line
    vector = next((shape for shape in reversed(line.shapes) if shape.kind != "memref"), None)
    if vector is not None:
        return f"vector {vector.element}"
    return line.shapes[-1].element if line.shapes else line.scalars[-1] if line.scalars else "i64"


def _among(known: tuple[str, ...], element: str) -> str:
    """The element as a sort of operations tells it apart."""
    if known is _ACCESSED:
        return "vector" if element.startswith("vector") else "float" if is_float(element) else "whole"
    return element if element in known else "other"
