"""Instructions that overwrite an operand: what LLVM's passes between selection and scheduling make of them.

    regrouped(steps)      (a + b) + c as a + (b + c) where a comes late; what then is equal once (MachineCombiner, MachineCSE)
    settled(steps)        copies where nothing avoids them (TwoAddressInstructionPass)

A copy is avoided by swapping operands, by an address that does the same without overwriting, by moving the operation below the last
reader of what it overwrites or that reader above it, or by a load that was part of the operation and becomes what is overwritten.
"""

from __future__ import annotations

from collections.abc import Sequence

from costmodel.features.steps import LOADED, Step, Value, renumbered

_FAR = 10
"""Operations that another one is moved across at most."""


def regrouped(steps: Sequence[Step]) -> list[Step]:
    """The steps with chains of one operation shortened."""
    found = [step.copy() for step in steps]
    readers = [0] * len(found)
    for step in found:
        for use in step.uses:
            if isinstance(use, int):
                readers[use] += 1
    ready: dict[Value, int] = {}
    depth = [0] * len(found)
    for at, step in enumerate(found):
        if step.kin and len(step.uses) == 2 and not step.loaded:
            _regroup(found, at, readers, ready)
        depth[at] = max((ready.get(use, 0) for use in step.uses), default=0)
        ready[at] = depth[at] + step.latency
    return _once(found)


def _regroup(steps: list[Step], at: int, readers: list[int], ready: dict[Value, int]) -> None:
    """(a + x) + y as a + (x + y), if the sum is ready earlier: the inner step changes its operands in its place or moves to the outer."""
    root = steps[at]
    for before, other in ((root.uses[0], root.uses[1]), (root.uses[1], root.uses[0])):
        if (
            not isinstance(before, int)
            or steps[before].kin != root.kin
            or steps[before].loaded
            or len(steps[before].uses) != 2
        ):
            continue
        if readers[before] != 1:
            return
        now = max(ready.get(before, 0), ready.get(other, 0))
        for kept, joined in (steps[before].uses, steps[before].uses[::-1]):
            inner = max(ready.get(joined, 0), ready.get(other, 0)) + root.latency
            if max(ready.get(kept, 0), inner) < now:
                steps[before].uses = [joined, other]
                steps[before].moved = at
                ready[before] = inner
                root.uses = [kept, before]
                return
        return


def _once(steps: Sequence[Step]) -> list[Step]:
    """Inner steps right before those that read them; equal sums once."""
    known: dict[tuple[str, frozenset[Value]], int] = {}
    same: dict[int, int] = {}
    order: list[int] = []
    waiting: dict[int, int] = {step.moved: at for at, step in enumerate(steps) if step.moved >= 0}
    for at, step in enumerate(steps):
        if step.moved >= 0:
            continue
        chain = [at]
        while chain[-1] in waiting:
            chain.append(waiting[chain[-1]])
        order += chain[::-1]
    kept: list[int] = []
    for at in order:
        step = steps[at]
        step.uses = [same.get(use, use) if isinstance(use, int) else use for use in step.uses]
        key = (step.kin, frozenset(step.uses))
        if step.kin and not step.loaded and len(step.uses) == 2:
            first = known.setdefault(key, at)
            if first != at:
                same[at] = first
                continue
        kept.append(at)
    place = {at: new for new, at in enumerate(kept)}
    return [renumbered(steps[at], place) for at in kept]


def settled(steps: Sequence[Step]) -> list[Step]:
    """The steps, in the order they have then, copies among them."""
    return _Settling(steps).run()


class _Settling:
    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps = [step.copy() for step in steps]
        self.order = list(range(len(self.steps)))
        self.place = list(range(len(self.steps)))
        self.readers: dict[Value, list[int]] = {}
        for at, step in enumerate(self.steps):
            for use in dict.fromkeys(step.uses):
                self.readers.setdefault(use, []).append(at)

    def run(self) -> list[Step]:
        when = 0
        while when < len(self.order):
            at = self.order[when]
            if self._overwrites(at) and self._settle(at, when):
                continue
            when += 1
        for at in self.order:
            step = self.steps[at]
            if self._overwrites(at):  # the register is another value's from here on
                step.after += [each for each in self.readers[step.uses[0]] if each != at]
        place = {at: new for new, at in enumerate(self.order)}
        return [renumbered(self.steps[at], place) for at in self.order]

    def _overwrites(self, at: int) -> bool:
        """Whether a step overwrites a value: one of constants alone has none to overwrite."""
        return self.steps[at].overwrites and bool(self.steps[at].uses)

    def _settle(self, at: int, when: int) -> bool:
        """One step; whether another stands in its place now."""
        step = self.steps[at]
        swapped = step.commutes and len(step.uses) - step.loaded > 1 and self._swap(at)
        if not swapped and self._below(at, when):
            return True
        if step.addresses and not self._ends(step.uses[0], at):
            step.overwrites = False
            return False
        if self._ends(step.uses[0], at):
            return False
        if not swapped and self._above(at, when):
            return True
        if step.loaded and step.commutes and not swapped:
            self._unfold(at)
        else:
            self._copy(at)
        return True

    def _last(self, value: Value) -> int:
        """The last reader of a value."""
        return max(self.readers[value], key=lambda at: self.place[at])

    def _ends(self, value: Value, at: int) -> bool:
        return self._last(value) == at

    def _swap(self, at: int) -> bool:
        """Swap the operands where that leaves one to overwrite, or shortens the longer life."""
        step = self.steps[at]
        first, second = step.uses[:2]
        if first == second or not self._ends(second, at):
            return False
        if self._ends(first, at) and not self._shortens(first, second, at):
            return False
        step.uses[:2] = second, first
        return True

    def _shortens(self, first: Value, second: Value, at: int) -> bool:
        if self._read_before(second, at):
            return False
        if self._read_before(first, at):
            return True
        return self._made(second) > self._made(first)

    def _read_before(self, value: Value, at: int) -> bool:
        return any(self.place[each] < self.place[at] for each in self.readers[value])

    def _made(self, value: Value) -> int:
        return self.place[value] if isinstance(value, int) else -1

    def _below(self, at: int, when: int) -> bool:
        """Move the step below the last reader of what it overwrites."""
        step = self.steps[at]
        last = self._last(step.uses[0])
        if last == at or self._writes(last, step.uses[0]) or step.loaded or step.latency > 1:
            return False
        end = self.place[last]
        if end - when > _FAR:
            return False
        for other in self.order[when + 1 : end + 1]:
            uses = self.steps[other].uses
            if at in uses or (step.uses[0] in uses and other != last):
                return False
            if any(use in uses and (self._ends(use, other) or self._ends(use, at)) for use in step.uses[1:]):
                return False
        self._move(when, end)
        return True

    def _above(self, at: int, when: int) -> bool:
        """Move the last reader of what the step overwrites above the step."""
        overwritten = self.steps[at].uses[0]
        last = self._last(overwritten)
        reader = self.steps[last]
        if self._writes(last, overwritten) or reader.effect or reader.loads or reader.copied is not None:
            return False
        end = self.place[last]
        if end - when > _FAR:
            return False
        between = self.order[when:end]
        if any(use in between for use in reader.uses):
            return False
        for other in between:
            uses = self.steps[other].uses
            if other != at and overwritten in uses:
                return False
            if any(use != overwritten and use in uses and self._ends(use, last) for use in reader.uses):
                return False
        self._move(end, when)
        return True

    def _writes(self, at: int, value: Value) -> bool:
        """Whether a step overwrites the value, or may."""
        return self._overwrites(at) and self.steps[at].uses[0] == value

    def _move(self, old: int, new: int) -> None:
        self.order.insert(new, self.order.pop(old))
        for when in range(min(old, new), max(old, new) + 1):
            self.place[self.order[when]] = when

    def _insert(self, when: int, step: Step) -> int:
        self.steps.append(step)
        self.order.insert(when, len(self.steps) - 1)
        self.place.append(when)
        for later in range(when, len(self.order)):
            self.place[self.order[later]] = later
        for use in dict.fromkeys(step.uses):
            self.readers[use].append(len(self.steps) - 1)
        return len(self.steps) - 1

    def _unfold(self, at: int) -> None:
        """The load by itself, which the step then overwrites."""
        step = self.steps[at]
        kept = len(step.uses) - step.loaded
        load = Step(step.uses[kept:], step.kind, step.width, step.after, loads=True, latency=LOADED)
        step.uses, step.after, step.loads = step.uses[:kept], [], False
        step.loaded = 0
        for use in load.uses:
            if use not in step.uses:
                self.readers[use].remove(at)
        new = self._insert(self.place[at], load)
        self.readers[new] = [at]
        step.uses.insert(0, new)

    def _copy(self, at: int) -> None:
        step = self.steps[at]
        old = step.uses[0]
        if old not in step.uses[1:]:
            self.readers[old].remove(at)
        copy = Step([old], step.kind, step.width, copied=old)
        new = self._insert(self.place[at], copy)
        self.readers[new] = [at]
        step.uses[0] = new
