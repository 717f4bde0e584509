"""A kernel to choose a loop structure for: nests, extents, element type. Shapes are drawn, seeded, from the ranges of a form.

    Form("matmul", "nn", ("i j k: C[i, j] += A[i, k] * B[k, j]",), "i=16..512 j=16..512 k=16..512")

A form is a row of `families.py`. Refused: an extent of 0, an index that leaves its array at the low end (assertions).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import product
from math import log2, prod
from random import Random

from compiler.tuning.loops.statements import Nest, read_nest


class Element(Enum):
    """Element types. Sums of FAST may be reordered, so that a reduction may become vector code."""

    F32 = "f32"
    F64 = "f64"
    I32 = "i32"
    FAST = "f32fast"

    @property
    def mlir(self) -> str:
        return "f32" if self is Element.FAST else self.value

    @property
    def bytes(self) -> int:
        return 8 if self is Element.F64 else 4

    @property
    def floating(self) -> bool:
        return self is not Element.I32


@dataclass(frozen=True, slots=True)
class Form:
    """One way of writing a family's computation.

    `nests` run one after the other; `sizes` names the range of every extent, `i=16..512` (drawn evenly in the logarithm, made round
    more often than not) or `r=3|5`. `rows` is the iterator over which all nests may share their outermost loop, if there is one.
    """

    family: str
    name: str
    nests: tuple[str, ...]
    sizes: str
    elements: tuple[Element, ...] = (Element.F32, Element.F64, Element.FAST, Element.I32)
    rows: str | None = None


@dataclass(frozen=True, slots=True)
class Kernel:
    """What is computed; `extents` has one entry an iterator, shared by all nests that use the name."""

    family: str
    form: str
    element: Element
    nests: tuple[Nest, ...]
    extents: Mapping[str, int]
    rows: str | None = None

    @property
    def id(self) -> str:
        shape = "x".join(str(each) for each in self.extents.values())
        return f"{self.family}/{self.form}-{self.element.value}-{shape}"

    def arrays(self) -> dict[str, tuple[int, ...]]:
        """Name to shape, just large enough for every access, in the order of the text."""
        shapes: dict[str, tuple[int, ...]] = {}
        for nest in self.nests:
            for access in nest.accesses():
                ends = [index.bounds(self.extents) for index in access.index]
                assert all(low >= 0 for low, _ in ends), f"{self.id}: {access} starts before its array"
                shape = tuple(high + 1 for _, high in ends)
                known = shapes.get(access.array, shape)
                shapes[access.array] = tuple(max(pair) for pair in zip(shape, known, strict=True))
        return shapes

    def executions(self) -> int:
        """How often the statements run, together."""
        return sum(_executions(nest, self.extents) for nest in self.nests)

    def bytes(self) -> int:
        return sum(prod(shape) for shape in self.arrays().values()) * self.element.bytes


def _executions(nest: Nest, extents: Mapping[str, int]) -> int:
    limited = sorted({name for limit in nest.limits for name, _ in limit.terms})
    free = prod(extents[name] for name in nest.iterators if name not in limited)
    if not limited:
        return free
    *outer, inner = limited
    points = (dict(zip(outer, point, strict=True)) for point in product(*(range(extents[name]) for name in outer)))
    return free * sum(_length(nest, inner, point, extents[inner]) for point in points)


def _length(nest: Nest, inner: str, point: Mapping[str, int], extent: int) -> int:
    """How many values of `inner` the limits leave at a point of the others."""
    low, high = 0, extent - 1
    for limit in nest.limits:
        rest = limit.without(inner).at(point)
        match limit.coefficient(inner):
            case 1:
                low = max(low, -rest)
            case -1:
                high = min(high, rest)
            case factor:
                assert factor == 0, "limits have coefficients of one"
                high = high if rest >= 0 else -1
    return max(0, high - low + 1)


FEWEST_EXECUTIONS, MOST_EXECUTIONS = 1 << 13, 2 << 20
MOST_BYTES = 24 << 20


def instance(form: Form, element: Element, extents: Mapping[str, int]) -> Kernel:
    return Kernel(
        form.family, form.name, element, tuple(read_nest(line) for line in form.nests), dict(extents), form.rows
    )


def draw_kernels(forms: Sequence[Form], count: int, seed: int) -> list[Kernel]:
    """`count` different kernels of one family, its forms and element types in turn; the same for the same seed.

    Kernels that take too long to measure, or no time at all, are drawn again.
    """
    random = Random(f"{seed}/{forms[0].family}")
    kernels: dict[str, Kernel] = {}
    for draw in range(100 * count):
        form = forms[draw % len(forms)]
        kernel = instance(form, random.choice(form.elements), draw_extents(form.sizes, random))
        if FEWEST_EXECUTIONS <= kernel.executions() <= MOST_EXECUTIONS and kernel.bytes() <= MOST_BYTES:
            kernels.setdefault(kernel.id, kernel)
        if len(kernels) == count:
            break
    return list(kernels.values())


def draw_extents(sizes: str, random: Random) -> dict[str, int]:
    """One extent for each `name=range` of a form."""
    pairs = [size.split("=") for size in sizes.split()]
    return {name: _extent(span, random) for name, span in pairs}


def _extent(span: str, random: Random) -> int:
    if ".." not in span:
        return int(random.choice(span.split("|")))
    low, high = (int(end) for end in span.split(".."))
    drawn = 2 ** random.uniform(log2(low), log2(high))
    return min(high, max(low, _round_number(drawn, random)))


def _round_number(drawn: float, random: Random) -> int:
    """Near `drawn`: half of the time a multiple of 8, else a power of two, a multiple of ten, or anything."""
    match random.randrange(8):
        case 0 | 1:
            return 2 ** round(log2(drawn))
        case 2:
            return max(10, 10 * round(drawn / 10))
        case 3:
            return round(drawn)
        case _:
            return max(8, 8 * round(drawn / 8))
