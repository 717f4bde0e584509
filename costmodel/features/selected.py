"""Straight-line code as instructions, as a compiler's selection leaves it: what the steps of a schedule read, make and wait for.

    %v = arith.muli %i, %c40 ; memref.load %m[%v] : memref<256xf64>      %i * 5 (an address), that << 6, a load

Constants are part of what uses them, and a load of what a store just wrote is the value that was stored. On a machine that can
(`complex`: x86), sums and addresses are those of `costmodel/features/sums.py`, a load that one operation alone uses is part of that
operation, and a result overwrites an operand (`costmodel/features/overwritten.py`). On others addresses are multiples and sums, one
value for each, however often it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from costmodel.features.addresses import strides_of, terms_of
from costmodel.features.carried import merged
from costmodel.features.overwritten import regrouped, settled
from costmodel.features.pressure import needed, plain, width_of
from costmodel.features.simplified import simplified
from costmodel.features.steps import FLOAT, LOADED, MULTIPLIED, WHOLE, Step, Value, renumbered
from costmodel.features.straight import FREE
from costmodel.features.summing import Summing, bytes_of
from costmodel.tokens.lines import Line
from costmodel.tokens.tree import Block, Node
from costmodel.tokens.vocabulary import OpClass

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
_BITWISE = ("and", "or", "xor")


@dataclass(frozen=True, slots=True)
class Machine:
    """What selection and allocation depend on: registers that are free, by class, and whether operations read memory and overwrite."""

    registers: tuple[int, int]
    complex: bool
    passed: int
    """Arguments that come in registers; the others lie on the stack."""


def select(block: Block, machine: Machine) -> list[Step]:
    """The steps of a block, in the order of its text."""
    ends = dict.fromkeys(name for node in block.nodes if node.kind is OpClass.END for name in node.line.uses)
    everything = [node for node in block.nodes if node.kind not in FREE]
    nodes = needed(simplified(everything, apart=not machine.complex), ends)
    constants = _constants(block.nodes)
    if machine.complex:
        sizes = {node.at: bytes_of(node.line) for node in nodes if node.kind is OpClass.STORE}
        nodes = merged(nodes, constants, sizes)
    selector = _Selector(machine, block, nodes, constants, ends)
    for node in nodes:
        selector.take(node)
    steps = _reached(selector.steps, [selector.values[name] for name in ends if name in selector.values])
    return settled(regrouped(steps)) if machine.complex else steps


class _Selector:
    def __init__(
        self, machine: Machine, block: Block, nodes: Sequence[Node], constants: dict[str, int], ends: Iterable[str]
    ) -> None:
        self.machine = machine
        self.steps: list[Step] = []
        self.values: dict[str, Value] = {}
        self.constants = constants
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
        self.names = _renamed(block.nodes, nodes)
        for node in nodes:
            for use in node.line.uses:
                self.users.setdefault(plain(use), []).append(node)
            places = node.line.subscripts or ()
            for at, subscript in enumerate(places):
                self.asked.setdefault(subscript, set()).add((node.line.base, at))
                self.beside.setdefault((node.line.base, at, subscript), set()).add(places)
        for name in block.arguments[machine.passed :]:
            self.values[name] = self._step(Step([]))
        self.loaded = {name for node in nodes if node.kind is OpClass.LOAD for name in node.line.results}
        self.summing: Summing | None = None
        if machine.complex:
            self.summing = Summing(nodes, self.constants, self.names, ends, self._value, self._step)

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
        place, uses = self._address(node)
        if place in self.written:
            found = self.written[place]
            if found is not None:
                self.values[name] = found
            return
        width, floating = width_of(node)
        after = [] if self.last_store is None else [self.last_store]
        step = Step(uses, int(floating), max(width, 1.0), after, loads=True, latency=LOADED)
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
        if users[0].kind is OpClass.MINMAX and not width_of(users[0])[1]:
            return False  # both a comparison and a move read it
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
        place, uses = self._address(node)
        value = self._value(line.uses[0])
        inside = self._updated(line, value, uses)
        after = [*self.loads, *([] if self.last_store is None else [self.last_store])]
        operands = inside or (uses if value is None else [value, *uses])
        step = Step(operands, WHOLE, 0.0, after, effect=True)
        self.last_store = self._step(step)
        self.loads = []
        others = {} if self.machine.complex else self.written
        self.written = {each: stored for each, stored in others.items() if _apart(each, place)}
        self.written[place] = value

    def _updated(self, line: Line, value: Value | None, uses: Sequence[Value]) -> list[Value] | None:
        """What an operation reads that takes place in memory: a sum of what is there and something else, needed nowhere else."""
        if not isinstance(value, int) or len(self.users.get(plain(line.uses[0]), ())) > 1:
            return None
        step = self.steps[value]
        kept = len(step.uses) - step.loaded
        if step.kind != WHOLE or not step.overwrites or not step.loaded or step.uses[kept:] != uses:
            return None
        self.loads = [load for load in self.loads if load != value]
        return step.uses

    def _operation(self, node: Node) -> None:
        line = node.line
        width, floating = width_of(node)
        name = line.results[0] if line.results else ""
        folded = next((use for use in reversed(line.uses) if use in self.pending), None)
        summing = self.summing if self.summing is not None and name in self.summing.sums else None
        if summing is not None and (folded is None or not summing.plain(name)):
            self._summed(name)
            return
        operands = [each for use in line.uses if use != folded and (each := self._value(use)) is not None]
        if self.summing is None and not floating and line.results and self._multiplied(line, operands):
            return
        step = Step(operands, int(floating), width if line.results else 0.0, effect=not line.results)
        if self.machine.complex and not floating and operands:
            _overwriting(step, node.kind, line)
        if folded is not None:
            self._fold(step, self.pending.pop(folded))
        made = self._step(step)
        if summing is not None:
            summing.know(name, made)
        for at, name in enumerate(line.results):
            self.values[name] = self.values[f"{plain(name)}#{at}"] = made
        if len(line.results) == 1 and "extended" in line.name:
            self.values[f"{plain(line.results[0])}#1"] = self._step(Step([made], WHOLE, 1.0))

    def _summed(self, name: str) -> None:
        assert self.summing is not None
        value = self.summing.value(name)
        if value is None:
            self.inside.add(name)
        else:
            self.values[name] = value

    def _fold(self, step: Step, loaded: Step) -> None:
        """A load becomes part of a step."""
        step.uses, step.after = [*step.uses, *loaded.uses], loaded.after
        step.loaded, step.loads, step.addresses = len(loaded.uses), True, False
        step.latency += LOADED
        self.loads.append(len(self.steps))

    def _multiplied(self, line: Line, operands: Sequence[Value]) -> bool:
        """Products with constants, and sums that are one more multiple of a value."""
        numbers = [self.constants[use] for use in line.uses if use in self.constants]
        if len(operands) == 1 and numbers and line.kind is OpClass.MUL:
            self.values[line.results[0]] = self._times(operands[0], numbers[0])
            return True
        if len(operands) != 2 or line.name.rpartition(".")[2] not in ("addi", "add"):
            return False
        for one, other in (operands, operands[::-1]):
            multiplied, factor = self.multiples.get(one, (one, 1))
            if factor != 1 and multiplied == other:
                self.values[line.results[0]] = self._times(other, factor + 1)
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

    def _once(self, what: tuple[object, ...], uses: Sequence[Value]) -> int:
        key = (what, *uses)
        if key not in self.known:
            self.known[key] = self._step(Step(list(uses)))
        return self.known[key]

    def _times(self, value: Value, factor: int) -> Value:
        if factor == 1:
            return value
        made = self._once(("times", factor), [value])
        self.multiples.setdefault(made, (value, factor))
        return made

    def _address(self, node: Node) -> tuple[tuple[object, ...], list[Value]]:
        """The place (base, terms, displacement) and the values that the instruction reads to reach it."""
        line = node.line
        if self.summing is not None:
            return (line.base, *self.summing.place_of(node.at)), [line.base, *self.summing.address(node.at)]
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
        index = self._index(places, bytes_of(line))
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


def _constants(nodes: Sequence[Node]) -> dict[str, int]:
    """Whole numbers by name."""
    found = {"0": 0}
    for node in nodes:
        if node.kind is OpClass.CONSTANT and node.line.numbers and not width_of(node)[1]:
            found[node.line.results[0]] = int(node.line.numbers[0])
    return found


def _renamed(before: Sequence[Node], after: Sequence[Node]) -> dict[str, str]:
    """What became of names that were found to be equal to others: subscripts still say the old ones."""
    written = {node.at: node.line.uses for node in before}
    return {old: new for node in after for old, new in zip(written[node.at], node.line.uses, strict=True) if old != new}


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
    return [renumbered(steps[at], place) for at in sorted(wanted)]


def _overwriting(step: Step, kind: OpClass, line: Line) -> None:
    """What of x86's two-operand forms a whole-number step has; shifts by a variable and counts of bits have three operands."""
    name = line.name.rpartition(".")[2].removesuffix("i")
    bitwise = name in _BITWISE
    if kind not in _OVERWRITING or (kind is OpClass.BIT and not bitwise and len(step.uses) > 1) or len(line.uses) < 2:
        return
    step.overwrites = True
    step.commutes = len(line.uses) > 1 and "sub" not in name and (kind is not OpClass.BIT or bitwise)
    step.latency = MULTIPLIED if kind is OpClass.MUL else 1
    if step.commutes and (bitwise or name in ("add", "mul")):
        step.kin = f"{name}{line.scalars[-1] if line.scalars else ''}"
    step.addresses = name == "add" and len(step.uses) > 1
