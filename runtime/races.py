"""Data races and stale cached reads, found while the oracle runs.

Happens-before with vector clocks: spawn, join, collectives, queues, the start and the wait of a transfer
order threads, and so do atomics on one address.  Two accesses to a byte, at least one a write and not both
atomic, that nothing orders are a race.  A cached read is stale when somebody else wrote the word after the
line came into the pipeline's L1: the simulator still returns the newest value, a machine need not.

A transfer is an actor of its own, from its start to its completion, which is that of every earlier one of its
engine too.  The first finding ends the run, with both accesses named.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from runtime.faults import Fault, FaultKind, SimulationFault
from runtime.memory import Memory
from runtime.model.constants import (
    EV_ACQUIRE,
    EV_ATOMIC,
    EV_DMA_END,
    EV_DMA_START,
    EV_FILL,
    EV_HIT,
    EV_INVALIDATE,
    EV_READ,
    EV_RELEASE,
    EV_WRITE,
)
from runtime.program import Program

Clock = dict[int, int]


@dataclass(frozen=True, slots=True)
class Access:
    """One access of an actor (thread slot, or a negative number for a transfer) to some bytes of a word."""

    kind: int
    actor: int
    time: int
    """The actor's own clock."""
    mask: int
    pc: int
    thread: int
    cycle: int

    def conflicts(self, other: Access) -> bool:
        """Touch the same byte, in a way that needs an order."""
        both_harmless = self.kind == other.kind and self.kind in (EV_READ, EV_ATOMIC)
        return bool(self.mask & other.mask) and self.actor != other.actor and not both_harmless


@dataclass(slots=True)
class _Word:
    accesses: list[Access] = field(default_factory=list[Access])
    clock: Clock = field(default_factory=dict[int, int])
    written: int = 0
    """Serial number of the last write."""
    writer: Access | None = None


class RaceCheck:
    """An observer for the oracle."""

    def __init__(self, program: Program, memory: Memory) -> None:
        self.program, self.memory = program, memory
        self._clocks: dict[int, Clock] = {}
        self._channels: dict[tuple[int, int], Clock] = {}
        self._words: dict[int, _Word] = {}
        self._fills: dict[tuple[int, int], int] = {}
        self._issuer: dict[int, tuple[int, int]] = {}
        self._serial = 0

    def issued(self, t: int, pc: int, now: int, following: int) -> None:
        """Instructions as such are of no interest."""

    def event(self, event: int, t: int, a: int, b: int, pc: int, now: int) -> None:
        """See `runtime.model.constants` for what the operands mean."""
        match event:
            case _ if event in (EV_READ, EV_WRITE, EV_ATOMIC):
                self._access(event, t, a, b, pc, now)
            case _ if event == EV_RELEASE:
                self._release(t, (a, b))
            case _ if event == EV_ACQUIRE:
                _join(self._clock(t), self._channels.get((a, b), {}))
            case _ if event == EV_DMA_START:
                self._issuer[a] = (t, pc)
                self._clocks[a] = {**self._clock(t), a: self._clocks.get(a, {}).get(a, 0) + 1}
                self._tick(t)
            case _ if event == EV_DMA_END:
                self._complete(t, a)
            case _ if event == EV_FILL:
                self._fills[t // self.memory.machine.threads, b] = self._serial
            case _ if event == EV_HIT:
                self._hit(t, a, b, pc, now)
            case _:
                assert event == EV_INVALIDATE

    def _clock(self, actor: int) -> Clock:
        return self._clocks.setdefault(actor, {actor: 1})

    def _tick(self, actor: int) -> None:
        self._clock(actor)[actor] += 1

    def _release(self, actor: int, channel: tuple[int, int]) -> None:
        _join(self._channels.setdefault(channel, {}), self._clock(actor))
        self._tick(actor)

    def _complete(self, actor: int, ticket: int) -> None:
        """A transfer is complete when every earlier one of its engine is: who waits for it has waited for those."""
        machine = self.memory.machine
        earlier = self._channels.get((2, ticket - machine.blocks * machine.dma_engines), {})
        self._release(actor, (2, ticket))
        _join(self._channels[2, ticket], earlier)

    def _access(self, kind: int, actor: int, u: int, size: int, pc: int, now: int) -> None:
        thread, blamed = self._issuer.get(actor, (actor, pc)) if actor < 0 else (actor, pc)
        for word in range(u >> 3, (u + size - 1 >> 3) + 1):
            low, high = max(u, 8 * word) - 8 * word, min(u + size, 8 * word + 8) - 8 * word
            mask = (1 << high) - (1 << low)
            self._touch(word, Access(kind, actor, self._clock(actor)[actor], mask, blamed, thread, now))

    def _touch(self, number: int, access: Access) -> None:
        word = self._words.setdefault(number, _Word())
        clock = self._clock(access.actor)
        if access.kind == EV_ATOMIC:
            _join(clock, word.clock)
        for earlier in word.accesses:
            if earlier.conflicts(access) and clock.get(earlier.actor, 0) < earlier.time:
                raise self._fault(FaultKind.RACE, access, earlier, 8 * number)
        word.accesses = [a for a in word.accesses if not _superseded(a, access)] + [access]
        if access.kind == EV_ATOMIC:
            _join(word.clock, clock)
            self._tick(access.actor)
        if access.kind != EV_READ:
            self._serial += 1
            word.written, word.writer = self._serial, access

    def _hit(self, t: int, u: int, line: int, pc: int, now: int) -> None:
        """A store of the same pipeline also went into its L1; nothing else did."""
        pipe = t // self.memory.machine.threads
        word = self._words.get(u >> 3)
        if word is None or word.writer is None or word.written <= self._fills.get((pipe, line), 0):
            return
        own = word.writer.kind == EV_WRITE and word.writer.actor // self.memory.machine.threads == pipe
        if not own:
            access = Access(EV_READ, t, 0, 0, pc, t, now)
            raise self._fault(FaultKind.STALE_READ, access, word.writer, u)

    def _fault(self, kind: FaultKind, access: Access, earlier: Access, u: int) -> SimulationFault:
        fault = Fault(kind, access.cycle, access.thread, access.pc, self.memory.address_of(u))
        text = self.program.instructions[earlier.pc].render()
        place = self.program.place(earlier.pc)
        detail = f"earlier access at `{text}` ({place}), thread {earlier.thread}, cycle {earlier.cycle}"
        here = self.program.instructions[access.pc].render()
        return SimulationFault(fault, here, self.program.place(access.pc), (detail,))


def _superseded(earlier: Access, access: Access) -> bool:
    """Nothing can be learnt from the earlier access any more."""
    covered = earlier.mask & ~access.mask == 0
    return covered and earlier.actor == access.actor and (access.kind == earlier.kind or access.kind == EV_WRITE)


def _join(into: Clock, other: Clock) -> None:
    for actor, time in other.items():
        if into.get(actor, 0) < time:
            into[actor] = time
