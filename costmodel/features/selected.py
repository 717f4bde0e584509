"""Straight-line code as instructions, as a compiler's selection leaves it: what the steps of a schedule read, make and wait for.

    %v = arith.muli %i, %c40 ; memref.load %m[%v] : memref<256xf64>      %i * 5 (an address), that << 6, a load

Addresses become multiples and sums (one value for each, however often it is asked for); constants are part of what uses them; on a
machine that can, a load that one operation alone uses is part of that operation, and a result overwrites an operand (a copy comes
first where that is needed later). Multiplications by constants are those additions and shifts that LLVM's X86ISelLowering makes of them.
A load of what a store just wrote is the value that was stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from costmodel.features.addresses import strides_of, terms_of
from costmodel.features.pressure import needed, plain, width_of
from costmodel.features.simplified import simplified
from costmodel.features.straight import FREE
from costmodel.tokens.lines import Line
from costmodel.tokens.tree import Block, Node
from costmodel.tokens.vocabulary import OpClass, element_bits

WHOLE, FLOAT = 0, 1
Value: TypeAlias = int | str
"""The step that makes it, or the name of what is there from the beginning."""
_ADDRESS_FACTORS = (3, 5, 9)
_SUMS_OF_TWO = {
    11: 5,
    13: 3,
    19: 9,
    21: 5,
    25: 5,
    27: 9,
    37: 9,
    41: 5,
    45: 9,
    73: 9,
    81: 9,
    22: 5,
    23: 3,
    26: 5,
    28: 9,
    29: 9,
}
"""Multiples that two or three addresses compute, by the factor of the first."""
_SCALES = (1, 2, 4, 8)
_FOLDING = (
    OpClass.ADD,
    OpClass.MUL,
    OpClass.FMA,
    OpClass.DIV,
    OpClass.MINMAX,
    OpClass.SQRT,
    OpClass.BIT,
    OpClass.CAST,
    OpClass.COMPARE,
)
_OVERWRITING = (OpClass.ADD, OpClass.MUL, OpClass.BIT, OpClass.SELECT, OpClass.MINMAX)


@dataclass(frozen=True, slots=True)
class Machine:
    """What selection and allocation depend on: registers that are free, by class, and whether operations read memory and overwrite."""

    registers: tuple[int, int]
    complex: bool
    passed: int
    """Arguments that come in registers; the others lie on the stack."""


@dataclass(slots=True)
class Step:
    """An instruction: what it reads, the class and registers of what it makes (0 for nothing), and steps it comes after by memory."""

    uses: list[Value]
    kind: int = WHOLE
    width: float = 1.0
    after: list[int] = field(default_factory=list[int])
    overwrites: bool = False
    effect: bool = False
    copied: Value | None = None
    """What a copy copies."""


def select(block: Block, machine: Machine) -> list[Step]:
    """The steps of a block, in the order of its text."""
    ends = {name for node in block.nodes if node.kind is OpClass.END for name in node.line.uses}
    nodes = needed(simplified([node for node in block.nodes if node.kind not in FREE]), ends)
    selector = _Selector(machine, block.arguments, block.nodes, nodes)
    for node in nodes:
        selector.take(node)
    steps = _reached(selector.steps, [selector.values[name] for name in ends if name in selector.values])
    return _with_copies(steps) if machine.complex else steps


class _Selector:
    def __init__(
        self, machine: Machine, arguments: Sequence[str], everything: Sequence[Node], nodes: Sequence[Node]
    ) -> None:
        self.machine = machine
        self.steps: list[Step] = []
        self.values: dict[str, Value] = {}
        self.constants: dict[str, int] = {"0": 0}
        self.inside: set[str] = set()
        self.known: dict[tuple[object, ...], int] = {}
        self.multiples: dict[Value, tuple[Value, int]] = {}
        self.pending: dict[str, Step] = {}  # loads that will be part of the operation that uses them
        self.written: dict[tuple[object, ...], Value | None] = {}
        self.last_store: int | None = None
        self.loads: list[int] = []
        self.users: dict[str, list[Node]] = {}
        self.asked: dict[str, set[tuple[str, int]]] = {}  # by subscript: where it stands, array and position
        self.beside: dict[tuple[str, int, str], set[tuple[str, ...]]] = {}  # by where: whole accesses
        self.names = _renamed(everything, nodes)
        for node in everything:
            if node.kind is OpClass.CONSTANT and node.line.numbers and not width_of(node)[1]:
                self.constants[node.line.results[0]] = int(node.line.numbers[0])
        for node in nodes:
            for use in node.line.uses:
                self.users.setdefault(plain(use), []).append(node)
            places = node.line.subscripts or ()
            for at, subscript in enumerate(places):
                self.asked.setdefault(subscript, set()).add((node.line.base, at))
                self.beside.setdefault((node.line.base, at, subscript), set()).add(places)
        for name in arguments[machine.passed :]:
            self.values[name] = self._step(Step([]))
        self.loaded = {name for node in nodes if node.kind is OpClass.LOAD for name in node.line.results}

    def take(self, node: Node) -> None:
        """One operation."""
        if node.kind is OpClass.CONSTANT:
            self._constant(node)
        elif node.kind is OpClass.LOAD and node.line.subscripts is not None:
            self._load(node)
        elif node.kind is OpClass.STORE and node.line.subscripts is not None:
            self._store(node)
        else:
            self._operation(node)

    def _constant(self, node: Node) -> None:
        """Whole numbers are part of instructions, floating-point ones come from memory, those that are used once with their use."""
        name = node.line.results[0]
        if name not in self.constants and (len(self.users.get(name, ())) > 1 or not self.machine.complex):
            self.values[name] = self._step(Step([], FLOAT, max(width_of(node)[0], 1.0)))
        else:
            self.inside.add(name)

    def _load(self, node: Node) -> None:
        name = node.line.results[0]
        place, uses = self._address(node.line)
        if place in self.written:
            found = self.written[place]
            if found is not None:
                self.values[name] = found
            return
        width, floating = width_of(node)
        step = Step(uses, int(floating), max(width, 1.0), [] if self.last_store is None else [self.last_store])
        if self.machine.complex and self._folds(name):
            self.pending[name] = step
        else:
            self._loaded(name, step)

    def _loaded(self, name: str, step: Step) -> None:
        self.values[name] = self._step(step)
        self.loads.append(len(self.steps) - 1)

    def _folds(self, name: str) -> bool:
        """Whether the one operation that uses a loaded value reads it from memory: of two such it is the last operand."""
        users = self.users.get(name, [])
        if len(users) != 1 or users[0].kind not in _FOLDING:
            return False
        line = users[0].line
        swaps = users[0].kind in (OpClass.ADD, OpClass.MUL, OpClass.FMA, OpClass.MINMAX) and "sub" not in line.name
        for use in reversed(line.uses):
            if use in self.loaded and len(self.users.get(use, ())) == 1 and (swaps or use == line.uses[-1]):
                return use == name
        return False

    def _store(self, node: Node) -> None:
        line = node.line
        for name, pending in list(self.pending.items()):
            self._loaded(name, pending)
        self.pending.clear()
        place, uses = self._address(line)
        value = self._value(line.uses[0])
        after = [*self.loads, *([] if self.last_store is None else [self.last_store])]
        step = Step(uses if value is None else [value, *uses], WHOLE, 0.0, after, effect=True)
        self.last_store = self._step(step)
        self.loads = []
        self.written = {each: stored for each, stored in self.written.items() if _apart(each, place)}
        self.written[place] = value

    def _operation(self, node: Node) -> None:
        line = node.line
        width, floating = width_of(node)
        folded = next((use for use in reversed(line.uses) if use in self.pending), None)
        operands = [each for use in line.uses if use != folded and (each := self._value(use)) is not None]
        if folded is None and not floating and line.results and self._scaled(node, operands):
            return
        step = Step(operands, int(floating), width if line.results else 0.0)
        step.overwrites = node.kind in _OVERWRITING and not floating and bool(operands)
        step.effect = not line.results
        if folded is not None:
            loaded = self.pending.pop(folded)
            step.uses, step.after = [*operands, *loaded.uses], loaded.after
            self.loads.append(len(self.steps))
        made = self._step(step)
        for at, name in enumerate(line.results):
            self.values[name] = self.values[f"{plain(name)}#{at}"] = made
        if len(line.results) == 1 and "extended" in line.name:
            self.values[f"{plain(line.results[0])}#1"] = self._step(Step([made], WHOLE, 1.0))

    def _scaled(self, node: Node, operands: Sequence[Value]) -> bool:
        """Products with constants, and sums that are one more multiple of a value or one address."""
        line = node.line
        numbers = [self.constants[use] for use in line.uses if use in self.constants]
        if len(operands) == 1 and numbers and node.kind is OpClass.MUL:
            self.values[line.results[0]] = self._times(operands[0], numbers[0])
            return True
        if len(operands) != 2 or line.name.rpartition(".")[2] not in ("addi", "add"):
            return False
        for one, other in (operands, operands[::-1]):
            multiplied, factor = self.multiples.get(one, (one, 1))
            if factor != 1 and multiplied == other:
                self.values[line.results[0]] = self._times(other, factor + 1)
                return True
            odd = factor - 1
            if odd > 8 and odd & (odd - 1) == 0 and self.machine.complex:
                shifted = self._once(("shift", odd), [multiplied], overwrites=True)
                both = self._once(("sum",), sorted((multiplied, other), key=str))
                self.values[line.results[0]] = self._once(("sum",), [shifted, both])
                return True
            scale = factor & -factor
            if scale in _SCALES[1:] and factor > 0 and self.machine.complex:
                inner = self._times(multiplied, factor // scale)
                self.values[line.results[0]] = self._once(("scaled", scale), [other, inner])
                return True
        return False

    def _value(self, name: str) -> Value | None:
        """The value of a name; None for a constant that is part of its use."""
        if name in self.pending:
            self._loaded(name, self.pending.pop(name))
        if name in self.values:
            return self.values[name]
        if name in self.constants or name in self.inside:
            return None
        return self.values.get(plain(name), name)

    def _step(self, step: Step) -> int:
        self.steps.append(step)
        return len(self.steps) - 1

    def _once(self, what: tuple[object, ...], uses: Sequence[Value], overwrites: bool = False) -> int:
        key = (what, *uses)
        if key not in self.known:
            self.known[key] = self._step(Step(list(uses), overwrites=overwrites))
        return self.known[key]

    def _times(self, value: Value, factor: int) -> Value:
        if factor == 1:
            return value
        made = self._product(value, factor)
        self.multiples.setdefault(made, (value, factor))
        return made

    def _product(self, value: Value, factor: int) -> int:
        size = abs(factor)
        if size & (size - 1) == 0:
            return self._once(("shift", factor), [value], overwrites=size > 8)
        if not self.machine.complex:
            return self._once(("times", factor), [value])
        low = size & -size
        odd = size // low
        if odd in _ADDRESS_FACTORS:
            first = self._once(("address", odd), [value])
            return first if low == 1 else self._once(("shift", low), [first], overwrites=low > 8)
        if size in _SUMS_OF_TWO:
            first = self._once(("address", _SUMS_OF_TWO[size]), [value])
            return self._once(("sum", size), [first, value])
        if low in _SCALES and (size - low) & (size - low - 1) == 0:
            shifted = self._once(("shift", size - low), [value], overwrites=True)
            return self._once(("sum", size), [shifted, value])
        if low <= 2 and (size + low) & (size + low - 1) == 0:
            less = value if low == 1 else self._once(("address", 2), [value])
            shifted = self._once(("shift", size + low), [value], overwrites=True)
            return self._once(("less", size), [shifted, less], overwrites=True)
        return self._once(("times", factor), [value])

    def _address(self, line: Line) -> tuple[tuple[object, ...], list[Value]]:
        """The place (base, terms, displacement) and the values that the instruction reads to reach it."""
        moved = 0
        places: list[tuple[Value, int]] = []
        terms: list[tuple[str, int]] = []
        for at, (subscript, stride) in enumerate(zip(line.subscripts or (), strides_of(line), strict=False)):
            value, constant, found = self._subscript(subscript)
            shared = len(self.beside.get((line.base, at, subscript), ())) > 1
            shared |= stride == 1 and len(self.asked.get(subscript, ())) > 1
            if constant and value is not None and shared:
                value = self._once(("more", constant * stride), [self._times(value, stride)])
                places.append((value, 1))
                terms += [(name, factor * stride) for name, factor in (*found, ("", constant))]
                continue
            terms += [(name, factor * stride) for name, factor in found]
            moved += constant * stride
            if value is not None:
                places.append((value, stride))
        index = self._index(places, _bytes(line))
        uses: list[Value] = [line.base] if index is None else [line.base, index]
        return (line.base, tuple(sorted(terms)), moved), uses

    def _subscript(self, text: str) -> tuple[Value | None, int, list[tuple[str, int]]]:
        """A subscript's value, what its constant adds beside it, and its terms."""
        value: Value | None = None
        constant = 0
        terms: list[tuple[str, int]] = []
        for written, factor in terms_of(text):
            name = self.names.get(written, written)
            if not name or name in self.constants:
                constant += factor * (self.constants[name] if name else 1)
                continue
            terms.append((name, factor))
            known = self._value(name)
            each = self._times(name if known is None else known, factor)
            value = each if value is None else self._once(("sum",), sorted((value, each), key=str))
        return value, constant, terms

    def _index(self, places: Sequence[tuple[Value, int]], size: int) -> Value | None:
        if len(places) == 1:
            value, stride = places[0]
            multiplied, factor = self.multiples.get(value, (value, 1))
            if factor != 1:
                return self._times(multiplied, factor * stride * size)
        index: Value | None = None
        for value, stride in places:
            each = self._times(value, stride)
            index = each if index is None else self._once(("sum",), [index, each])
        return index


def _renamed(before: Sequence[Node], after: Sequence[Node]) -> dict[str, str]:
    """What became of names that were found to be equal to others: subscripts still say the old ones."""
    written = {node.at: node.line.uses for node in before}
    return {old: new for node in after for old, new in zip(written[node.at], node.line.uses, strict=True) if old != new}


def _bytes(line: Line) -> int:
    shape = next((each for each in line.shapes if each.kind == "memref"), None)
    return max(1, int(element_bits(shape.element)) // 8) if shape else 8


def _apart(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    """Whether two places differ: in arrays, or by a constant."""
    return one[0] != other[0] or (one[1] == other[1] and one[2] != other[2])


def _reached(steps: Sequence[Step], ends: Sequence[Value]) -> list[Step]:
    """Steps that an effect or the end needs, numbered anew."""
    wanted = {each for each in ends if isinstance(each, int)}
    for at in range(len(steps) - 1, -1, -1):
        if steps[at].effect or at in wanted:
            wanted.add(at)
            wanted.update(use for use in steps[at].uses if isinstance(use, int))
    place = {at: new for new, at in enumerate(sorted(wanted))}
    return [_renumbered(steps[at], place) for at in sorted(wanted)]


def _renumbered(step: Step, place: dict[int, int]) -> Step:
    uses: list[Value] = [place[use] if isinstance(use, int) else use for use in step.uses]
    after = [place[each] for each in step.after if each in place]
    copied = place[step.copied] if isinstance(step.copied, int) else step.copied
    return Step(uses, step.kind, step.width, after, step.overwrites, step.effect, copied)


def _with_copies(steps: Sequence[Step]) -> list[Step]:
    """A copy before each step that overwrites its first operand, where that and no other operand is needed later."""
    last = {use: at for at, step in enumerate(steps) for use in step.uses}
    found: list[Step] = []
    place: dict[int, int] = {}
    for at, step in enumerate(steps):
        new = _renumbered(step, place)
        if (
            step.overwrites
            and step.uses
            and last[step.uses[0]] > at
            and (len(step.uses) < 2 or last[step.uses[1]] > at)
        ):
            found.append(Step([new.uses[0]], step.kind, step.width, copied=new.uses[0]))
            new.uses = [len(found) - 1, *new.uses[1:]]
        place[at] = len(found)
        found.append(new)
    return found
