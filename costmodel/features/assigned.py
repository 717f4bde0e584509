"""Which values find a register when those that live long come first: the first round of LLVM's greedy allocator.

Values with a register of their own to begin with come first, then those that live longer than two instructions a register, the longest
first, then all others in their order (RAGreedy's priorities). One that finds no register free takes that of lighter ones, whose uses are
fewer for their length (CalcSpillWeights), and those are taken up again. What is left has to be split or spilled, though no more values
may be alive at any time than there are registers.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field

from costmodel.features.steps import WHOLE, Step, Value

_LONG = 2
_SHORTEST = 25
"""Instructions that the length of every life is taken to be longer by, so that short ones do not weigh too much."""


@dataclass(slots=True)
class _Life:
    begin: int
    end: int
    weight: float
    given: bool
    cascade: int = 0
    register: int = -1


@dataclass(slots=True)
class _Registers:
    """Who is where."""

    lives: list[_Life]
    holders: list[list[int]] = field(default_factory=list[list[int]])

    def rivals(self, life: _Life, register: int) -> list[int]:
        """Those in a register while a value is alive."""
        return [
            each
            for each in self.holders[register]
            if self.lives[each].begin < life.end and life.begin < self.lives[each].end
        ]


def unassigned(steps: Sequence[Step], order: Sequence[int], kind: int, registers: int) -> tuple[float, float]:
    """Values of a class that find no register so, and how often one had to leave its register for another."""
    lives = _lives(steps, order, kind)
    held = _Registers(lives, [[] for _ in range(registers)])
    queue = [(_rank(life, registers), at) for at, life in enumerate(lives)]
    heapq.heapify(queue)
    lost = moved = cascade = 0
    while queue:
        _, at = heapq.heappop(queue)
        life = lives[at]
        found = _cheapest(held, life)
        if found is None:
            lost += 1
            continue
        register, rivals = found
        if rivals:
            cascade = max(cascade + 1, life.cascade)
            life.cascade = life.cascade or cascade
        for each in rivals:
            held.holders[register].remove(each)
            lives[each].cascade = life.cascade
            heapq.heappush(queue, (_rank(lives[each], registers), each))
            moved += 1
        held.holders[register].append(at)
    return float(lost), float(moved)


def _rank(life: _Life, registers: int) -> tuple[int, int, int]:
    """The smallest comes first."""
    length = life.end - life.begin
    long = length > _LONG * registers
    return (0 if life.given else 1, 0 if long else 1, -length if long else life.begin)


def _cheapest(held: _Registers, life: _Life) -> tuple[int, list[int]] | None:
    """A register and who must leave it: nobody, or those whose heaviest is lightest, all lighter than the value itself."""
    best: tuple[float, int, list[int]] | None = None
    for register in range(len(held.holders)):
        rivals = held.rivals(life, register)
        if not rivals:
            return register, []
        if any(life.cascade and held.lives[each].cascade >= life.cascade for each in rivals):
            continue
        heaviest = max(held.lives[each].weight for each in rivals)
        if heaviest < life.weight and (best is None or heaviest < best[0]):
            best = heaviest, register, rivals
    return (best[1], best[2]) if best is not None else None


def _lives(steps: Sequence[Step], order: Sequence[int], kind: int) -> list[_Life]:
    place = {at: when for when, at in enumerate(order)}
    uses: dict[Value, list[int]] = {}
    for when, at in enumerate(order):
        for use in dict.fromkeys(steps[at].uses):
            uses.setdefault(use, []).append(when)
    found: list[_Life] = []
    for value, whens in uses.items():
        if isinstance(value, str):
            if kind == WHOLE:
                found.append(_Life(-1, whens[-1], _weight(len(whens), whens[-1] + 1), True))
            continue
        if steps[value].kind != kind or not steps[value].width:
            continue
        begin = place[value]
        for _ in range(int(steps[value].width)):
            found.append(_Life(begin, whens[-1], _weight(len(whens), whens[-1] - begin), False))
    return sorted(found, key=lambda life: life.begin)


def _weight(uses: int, length: int) -> float:
    return (uses + 1) / (length + _SHORTEST)
