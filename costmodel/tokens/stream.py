"""The token streams a model reads: def-use distances (ours), and the two schemes of the paper that the model must beat.

    %p = arith.mulf %a, %b : f32        distance     MUL f32 @2 @1
    %s = arith.addf %c, %p : f32                     ADD f32 @2 @1
                                        operations   arith.mulf f32 arith.addf f32
                                        operands     arith.mulf %3 %1 %2 f32 …

Ours has a closed vocabulary (`VOCABULARY`): an operation's class, a type's kind and width, `@n` for a value defined n operations ago in
canonical order, `IVn` for the counter of the n-th loop around (0 the innermost), and NUM with the number beside it. Operands of memory
accesses are their index expressions. The paper's schemes (arXiv 2302.11405, section 3) keep text order, whole names and whole shapes:
operations and shapes, operations and operands with SSA names renumbered.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from costmodel.tokens.descriptors import describe_line
from costmodel.tokens.lines import Line
from costmodel.tokens.nest import Access, Loop, Nest
from costmodel.tokens.tree import Block, Node, in_order, tree
from costmodel.tokens.vocabulary import OpClass, element_bits, is_float


class Scheme(Enum):
    """How a text becomes tokens."""

    DISTANCE = "distance"
    OPERATIONS = "operations"
    OPERANDS = "operands"
    RUNNING = "running"
    """Distances, and beside them which accesses share a buffer, and what an attribute or a bound allows: `FREE` sums, trips that are not
    the same every time."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Words and, at the places that hold a NUM, numbers (elsewhere 0), beside the depth of loops."""

    words: tuple[str, ...]
    numbers: tuple[float, ...]
    depths: tuple[int, ...]


_DISTANCES = (1, 2, 3, 4, 6, 8, 12, 16, 32, 64)
_COUNTERS = 8
_DIMENSIONS = 5
_TYPES = tuple(f"{kind}{bits}" for kind in "fi" for bits in (1, 8, 16, 32, 64, 128))
_MARKS = ("NUM", "BEGIN", "END", "ARG", "FAR", "TRIP", "IDX", "ANY", "SIZE", "VEC", "SET", "KEY")
VOCABULARY: tuple[str, ...] = (
    "PAD",
    *_MARKS,
    *(kind.name for kind in OpClass),
    *_TYPES,
    *(f"@{n}" for n in _DISTANCES),
    *(f"IV{n}" for n in range(_COUNTERS)),
    *(f"DIM{n}" for n in range(_DIMENSIONS)),
)
"""Every word of the distance scheme; a word's place is its number in a model. Append only."""
RUNNING_VOCABULARY: tuple[str, ...] = (*VOCABULARY, "FREE", "VARIES")
"""Every word of the running scheme, likewise, but for those that networks do not read:"""
BUFFERS: tuple[str, ...] = tuple(f"BUF{n}" for n in range(16))
"""Which buffer an access is to, counted as they first appear in canonical order."""


def channels(number: float) -> tuple[float, float, float, float, float]:
    """What a model sees of a number: sign x log2(1 + size), parity, power of two, divisibility by 8, by 64 (of whole numbers)."""
    size = abs(number)
    log = math.copysign(math.log2(1 + size), number) if math.isfinite(size) else 0.0
    if size != int(size) if math.isfinite(size) else True:
        return log, 0.0, 0.0, 0.0, 0.0
    whole = int(size)
    return (
        log,
        float(whole % 2),
        float(whole > 0 and whole & (whole - 1) == 0),
        float(whole % 8 == 0),
        float(whole % 64 == 0),
    )


def tokens(lines: Sequence[Line], nest: Nest, scheme: Scheme = Scheme.DISTANCE) -> Tokens:
    """The stream of a text, whose loops and addresses are known, in a scheme."""
    match scheme:
        case Scheme.DISTANCE | Scheme.RUNNING:
            return _Distances(nest, scheme is Scheme.RUNNING).of(lines)
        case Scheme.OPERATIONS:
            return _plain([word for line in lines if line.name for word in (line.name, *_shape_words(line))])
        case Scheme.OPERANDS:
            return _plain(_operand_words(lines))


def _plain(words: list[str]) -> Tokens:
    return Tokens(tuple(words), (0.0,) * len(words), (0,) * len(words))


def _shape_words(line: Line) -> list[str]:
    if not line.shapes:
        return [line.scalars[-1]] if line.scalars else []
    shape = line.shapes[-1]
    return ["x".join(["?" if size < 0 else str(size) for size in shape.sizes] + [shape.element])]


def _operand_words(lines: Sequence[Line]) -> list[str]:
    names: dict[str, str] = {}
    words: list[str] = []
    for line in lines:
        for name in (*line.arguments, *line.results):
            names.setdefault(name, f"%{len(names)}")
        if line.name:
            used = [names.get(name.partition("#")[0], "%?") for name in line.uses]
            words += [line.name, *(names[name] for name in line.results), *used, *_shape_words(line)]
    return words


def type_word(element: str, bits: int = 0) -> str:
    """The word of an element type."""
    width = bits or element_bits(element)
    nearest = next((each for each in (1, 8, 16, 32, 64) if width <= each), 128)
    return f"{'f' if is_float(element) else 'i'}{nearest}"


class _Distances:
    def __init__(self, nest: Nest, marked: bool = False) -> None:
        self.nest = nest
        self.marked = marked
        self.words: list[str] = []
        self.numbers: list[float] = []
        self.depths: list[int] = []
        self.depth = 0
        self.made: dict[str, int] = {}
        self.buffers: dict[str, int] = {}
        self.counters: list[str] = []
        self.place = 0

    def of(self, lines: Sequence[Line]) -> Tokens:
        for line in lines:
            self._descriptors(line)
        self._block(tree(lines))
        return Tokens(tuple(self.words), tuple(self.numbers), tuple(self.depths))

    def _say(self, word: str, number: float = 0.0) -> None:
        self.words.append(word)
        self.numbers.append(number)
        self.depths.append(self.depth)

    def _number(self, number: float) -> None:
        self._say("NUM", number)

    def _descriptors(self, line: Line) -> None:
        """Attributes of data and machine, in text order: keys are free text, so only their kind and number stay."""
        numbers, words = describe_line(line.text)
        for _, number in numbers:
            self._say("KEY")
            self._number(number)
        for _ in words:
            self._say("SET")

    def _block(self, block: Block) -> None:
        for node in in_order(block):
            self._node(node)

    def _node(self, node: Node) -> None:
        line, kind = node.line, node.kind
        if node.at in self.nest.addressing:
            for name in line.results:
                self.made[name] = -1
            return
        if kind is OpClass.END and not line.uses:
            return
        if kind is OpClass.MODULE:
            for inner in node.blocks:
                self._block(inner)
            return
        self.place += 1
        self._say(kind.name)
        if kind is not OpClass.LOOP:
            self._types(line)
        if kind in (OpClass.LOAD, OpClass.STORE):
            self._access(self.nest.accesses.get(node.at), line)
        elif kind is OpClass.LOOP:
            self._bounds(self.nest.loops.get(node.at))
        else:
            self._operands(line.uses)
        if self.marked and line.reassociates:
            self._say("FREE")
        if kind is OpClass.CONSTANT:
            for number in line.numbers[:4]:
                self._number(number)
        for name in line.results:
            self.made[name] = self.place
        for inner in node.blocks:
            self._region(inner, kind)

    def _types(self, line: Line) -> None:
        vector = next((shape for shape in line.shapes if shape.kind != "memref"), None)
        if vector is not None:
            self._say(type_word(vector.element))
            self._say("VEC")
            self._number(float(math.prod(max(size, 1) for size in vector.sizes)))
        elif line.scalars or line.shapes:
            self._say(type_word(line.shapes[-1].element if line.shapes else line.scalars[-1]))

    def _region(self, block: Block, kind: OpClass) -> None:
        looping = kind is OpClass.LOOP
        if looping:
            self.depth += 1
            self.counters.insert(0, block.arguments[0] if block.arguments else "")
        self._say("BEGIN")
        self._block(block)
        self._say("END")
        if looping:
            self.depth -= 1
            self.counters.pop(0)

    def _bounds(self, loop: Loop | None) -> None:
        self._say("TRIP")
        if loop is None or not loop.known:
            self._say("ANY")
            return
        self._number(loop.trip)
        if loop.step != 1:
            self._number(loop.step)
        if self.marked and not loop.constant:
            self._say("VARIES")

    def _operands(self, uses: Sequence[str]) -> None:
        for use in uses:
            self._say(self._reference(use))

    def _reference(self, name: str) -> str:
        name = name.partition("#")[0]
        if name in self.counters:
            return f"IV{min(self.counters.index(name), _COUNTERS - 1)}"
        made = self.made.get(name)
        if made is None:
            return "ARG"
        if made < 0:
            return "ANY"
        distance = self.place - made
        return f"@{next((n for n in reversed(_DISTANCES) if n <= distance), 1)}" if distance <= 128 else "FAR"

    def _access(self, access: Access | None, line: Line) -> None:
        if line.uses and access is not None and access.is_store:
            self._say(self._reference(line.uses[0]))
        if access is None:
            return
        if self.marked:
            self._say(BUFFERS[min(self.buffers.setdefault(access.base, len(self.buffers)), len(BUFFERS) - 1)])
        for at, terms in enumerate(reversed(access.subscripts)):
            self._say(f"DIM{min(at, _DIMENSIONS - 1)}")
            self._index(terms, access.constants[-1 - at])
            if at < len(access.sizes):
                self._say("SIZE")
                self._number(float(access.sizes[-1 - at]))

    def _index(self, terms: Sequence[float], constant: float) -> None:
        if not terms and self.depth:
            self._say("ANY")
        for at, factor in enumerate(terms):
            if factor:
                self._say(f"IV{min(at, _COUNTERS - 1)}")
                if factor != 1:
                    self._number(factor)
        if constant:
            self._say("IDX")
            self._number(constant)
