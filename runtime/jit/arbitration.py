"""Which thread of every pipeline issues, for the cycles ahead: written as machine code on all pipelines of a word at once.

    arbitrate(s, w, now, end)       # of the words of `wheel`, `ready_words`, `passed` and `plan`

A pipeline takes the lowest of the threads that are due and not `passed`, or of all that are due.  Each pipeline is a
lane of a vector, so that "the lowest bit" is `x & -x` and "none" a comparison with zero, and a cycle waits for few steps
of the one before.  The counts of the plans are in four words, one bit in each: to count down is the same for all threads.
What it takes to undo a cycle is kept beside it.  No branch depends on who is due.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from runtime.jit.ir import Body
from runtime.jit.wheel import PLANES, WHEEL


@dataclass(slots=True)
class _Threads:
    """A word's threads between two cycles."""

    ready: str
    passed: str
    plan: list[str]


class Arbitration:
    """Writes the function, for fields and words as `wheel.layout` divides them."""

    def __init__(self, depth: int, shape: Mapping[str, int], places: Mapping[str, int]) -> None:
        self.depth, self.shape, self.places = depth, shape, places
        self.kind = f"<{shape['per_word']} x i{shape['field']}>"
        self.body = Body()

    def text(self) -> str:
        """The IR."""
        b = self.body
        threads = _Threads(self._load("ready_words", "%w"), self._load("passed", "%w"), [])
        planes = [b.binary("add", "%w", str(i * self.shape["plane"])) for i in range(PLANES)]
        threads.plan = [self._load("plan", each) for each in planes]
        for ahead in range(self.shape["ahead"] + 1):
            threads = self._cycle(threads, ahead)
            self._leave_at_end(threads, planes, ahead)
        return f"define internal i64 @arbitrate(ptr %s, i64 %w, i64 %now, i64 %end) nounwind alwaysinline {{\nentry:\n{b.text()}\n}}\n"

    def _leave_at_end(self, threads: _Threads, planes: list[str], ahead: int) -> None:
        b = self.body
        leave, go = b.fresh("leave"), b.fresh("go")
        if ahead < self.shape["ahead"]:
            b.branch(b.compare("eq", b.binary("add", "%now", str(ahead + 1)), "%end"), leave, go)
            b.label(leave)
        self._store(threads.ready, "ready_words", "%w")
        self._store(threads.passed, "passed", "%w")
        for bits, place in zip(threads.plan, planes, strict=True):
            self._store(bits, "plan", place)
        b.emit("ret i64 0")
        if ahead < self.shape["ahead"]:
            b.label(go)

    def _cycle(self, before: _Threads, ahead: int) -> _Threads:
        b, kind = self.body, self.kind
        row = self._row(ahead)
        arrived = self._load("wheel", row)
        self._store("zeroinitializer", "wheel", row)
        due = b.binary("or", arrived, before.ready, kind)
        bits = self._issued(due, before.passed)
        counted, plan = self._counted_down(bits, before.plan)
        later = self._row(ahead + self.depth)
        self._store(b.binary("or", self._load("wheel", later), counted, kind), "wheel", later)
        undo = b.binary("add", "%w", str(ahead * self.shape["pipe_words"]))
        self._store(arrived, "due_before", undo)
        self._store(before.passed, "passed_before", undo)
        self._store(counted, "counted", undo)
        self._store(b.binary("xor", bits, counted, kind), "called", undo)
        return _Threads(b.binary("xor", due, bits, kind), self._passed(due, bits, before.passed), plan)

    def _issued(self, due: str, passed: str) -> str:
        b, kind = self.body, self.kind
        further = b.binary("and", due, self._not(passed), kind)
        first = b.binary("and", self._lowest(due), self._none(further), kind)
        return b.binary("or", self._lowest(further), first, kind)

    def _passed(self, due: str, bits: str, before: str) -> str:
        """All up to the one that issued; the same as before where none did."""
        b, kind = self.body, self.kind
        below = b.binary("or", bits, b.binary("add", bits, self._ones(), kind), kind)
        return b.binary("and", below, b.binary("or", before, self._not(self._none(due)), kind), kind)

    def _counted_down(self, bits: str, plan: list[str]) -> tuple[str, list[str]]:
        """Of those that issue, the ones that have a plan; and the plans with one operation less."""
        b, kind = self.body, self.kind
        low, high = (b.binary("or", plan[i], plan[i + 1], kind) for i in (0, 2))
        counted = borrow = b.binary("and", bits, b.binary("or", low, high, kind), kind)
        after: list[str] = []
        for plane in plan:
            after.append(b.binary("xor", plane, borrow, kind))
            borrow = b.binary("and", borrow, self._not(plane), kind)
        return counted, after

    # lanes

    def _lowest(self, x: str) -> str:
        return self.body.binary("and", x, self.body.binary("sub", "zeroinitializer", x, self.kind), self.kind)

    def _none(self, x: str) -> str:
        bits = f"<{self.shape['per_word']} x i1>"
        equal = self.body.compare("eq", x, "zeroinitializer", self.kind)
        return self.body.value(f"sext {bits} {equal} to {self.kind}")

    def _not(self, x: str) -> str:
        return self.body.binary("xor", x, self._ones(), self.kind)

    def _ones(self) -> str:
        lane = f"i{self.shape['field']} -1"
        return f"<{', '.join([lane] * self.shape['per_word'])}>"

    # state

    def _row(self, ahead: int) -> str:
        b = self.body
        at = b.binary("and", b.binary("add", "%now", str(ahead)), str(WHEEL - 1))
        return b.binary("add", b.binary("mul", at, str(self.shape["pipe_words"])), "%w")

    def _place(self, name: str, index: str) -> str:
        return self.body.element(self.body.element("%s", str(self.places[name])), index)

    def _load(self, name: str, index: str) -> str:
        return self.body.load(self._place(name, index), self.kind)

    def _store(self, value: str, name: str, index: str) -> None:
        self.body.store(value, self._place(name, index), self.kind)
