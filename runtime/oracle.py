"""The definition of the machine: a plain, slow simulator that goes cycle by cycle.

In every cycle each pipeline, in order, issues at most one instruction: that of the next ready thread
after the one that issued last, in cyclic order.  Then each DMA engine that is due takes a step.  An
instruction has its whole effect when it issues; only the thread's next issue waits:

    multi-threaded pipeline     register operations   max(pipeline_depth, latency of the unit)
                                loads and atomics     when the value is back
                                stores, reductions    when accepted
                                engine operations     as the engine answers
    single-threaded pipeline    an instruction issues when its registers are ready; the next one a cycle
                                later (after `branch_penalty` more when a branch is taken)

Threads run ahead of nobody: memory is sequentially consistent in order of issue.
"""

from __future__ import annotations

import heapq
from typing import Protocol

from runtime.faults import FaultKind
from runtime.isa import CODE_BASE, Unit, access_of
from runtime.launch import Launch, start
from runtime.memory import Memory
from runtime.model import collectives, dma, queues, threads
from runtime.model.constants import (
    ATOMIC,
    BLOCKED,
    EV_ATOMIC,
    EV_READ,
    EV_WRITE,
    FAULT,
    RETRY,
    STORE,
    Constants,
)
from runtime.model.intrinsics import OracleState
from runtime.model.resources import atomic_time, block_of, fault, load_time, posted_time, translate
from runtime.program import Instruction, Program
from runtime.semantics import BOX, COMBINE, COMBINE_FLOAT, EVALUATE, TAKEN, signed

HANDLERS = {
    f.__name__: f
    for f in (
        threads.read_cycle,
        threads.spawn,
        threads.join,
        threads.break_here,
        threads.fence,
        threads.invalidate,
        threads.mark,
        collectives.collective,
        collectives.halt,
        queues.queue_push,
        queues.queue_pop,
        queues.queue_try_pop,
        dma.dma_issue,
        dma.dma_wait,
    )
}
"""Engine functions by the name in an instruction's row."""

RA_CODE = 4
"""Bytes per instruction."""


class Observer(Protocol):
    """Watches a run: see `runtime.races` and `runtime.trace`."""

    def event(self, event: int, t: int, a: int, b: int, pc: int, now: int) -> None:
        """An access or a synchronisation while instruction `pc` issues (or an engine steps)."""
        ...

    def issued(self, t: int, pc: int, now: int, following: int) -> None:
        """Thread `t` issued instruction `pc`; it may issue again at `following` (negative: waits)."""
        ...


class Oracle:
    """One run of a program."""

    def __init__(
        self, program: Program, k: Constants, memory: Memory, how: Launch, observer: Observer | None = None
    ) -> None:
        self.k, self.program, self.memory, self.observer = k, program, memory, observer
        self.now = -1
        self._pc = 0
        self.executed = [0] * len(program.instructions)
        self._thread_calendar: dict[int, list[int]] = {}
        self._engine_calendar: dict[int, list[int]] = {}
        self._cycles: list[int] = []
        self._ready = [0] * k.pipes
        self._last = [k.stride - 1] * k.pipes
        self.state = s = OracleState(k)
        s.tier = self
        view = memoryview(memory.bytes.data)
        s.mem64, s.mem32 = view.cast("q"), view.cast("i")
        self._views = {1: view.cast("b"), 2: view.cast("h"), 4: s.mem32, 8: s.mem64}
        start(k, s, how, program, memory, lambda index: index)

    # what the model calls

    def wake(self, t: int, when: int) -> None:
        """Thread `t` may issue from `when` on."""
        assert when > self.now
        self._at(self._thread_calendar, when, t)

    def wake_engine(self, e: int, when: int) -> None:
        """Engine `e` steps at `when`."""
        assert when > self.now
        self._at(self._engine_calendar, when, e)

    def _at(self, calendar: dict[int, list[int]], when: int, who: int) -> None:
        if when not in calendar:
            calendar[when] = []
            heapq.heappush(self._cycles, when)
        calendar[when].append(who)

    def entry_of(self, address: int) -> int:
        """Instruction index of a legal indirect target, or -1."""
        index, rest = divmod(address - CODE_BASE, RA_CODE)
        return index if rest == 0 and index in self.program.entries else -1

    def observe(self, event: int, t: int, a: int, b: int) -> None:
        """Pass on to the observer."""
        if self.observer:
            self.observer.event(event, t, a, b, self._pc, self.now)

    # the run

    def advance(self, until: int) -> bool:
        """Simulate the cycles before `until`; True when nothing is left to do."""
        s = self.state
        while s.fault[0] == 0:
            following = self._next_cycle()
            if following < 0:
                self._check_deadlock()
                return True
            if following >= until:
                return False
            self._cycle(following)
        return True

    def next_instruction(self, t: int) -> int:
        """Where a thread stands."""
        return self.state.pc[t]

    def _next_cycle(self) -> int:
        if any(self._ready):
            return self.now + 1
        while self._cycles and self._cycles[0] <= self.now:
            heapq.heappop(self._cycles)
        return self._cycles[0] if self._cycles else -1

    def _check_deadlock(self) -> None:
        s = self.state
        if s.live[0] == 0:
            return
        first = min((t for t in range(self.k.slots) if s.wait_kind[t]), key=lambda t: s.wait_seq[t])
        fault(self.k, s, FaultKind.DEADLOCK, first, s.wait_pc[first], 0, self.now)

    def _cycle(self, now: int) -> None:
        self.now = self.state.clock[0] = now
        for t in self._thread_calendar.pop(now, ()):
            self._ready[t // self.k.stride] |= 1 << t % self.k.stride
        for pipe in range(self.k.pipes):
            if self._ready[pipe] and self.state.fault[0] == 0:
                self._issue(pipe, now)
        for engine in sorted(self._engine_calendar.pop(now, ())):
            if self.state.fault[0] == 0:
                following = dma.dma_step(self.k, self.state, engine, now)
                if following > 0:
                    self.wake_engine(engine, following)

    def _issue(self, pipe: int, now: int) -> None:
        stride, ready = self.k.stride, self._ready[pipe]
        order = ((self._last[pipe] + 1 + i) % stride for i in range(stride))
        slot = next(i for i in order if ready >> i & 1)
        t = pipe * stride + slot
        ins = self.program.instructions[self.state.pc[t]]
        single = pipe % self.k.pipes_per_block >= self.k.pipelines
        self._ready[pipe] &= ~(1 << slot)
        if single and (later := self._operands_ready(t, ins)) > now:
            self.wake(t, later)
            return
        self._last[pipe] = slot
        self._execute(t, ins, now, single)

    def _operands_ready(self, t: int, ins: Instruction) -> int:
        ready, base = self.state.ready, t * 64
        return max(ready[base + r] for r in (*ins.sources, ins.destination))

    def _execute(self, t: int, ins: Instruction, now: int, single: bool) -> None:
        s = self.state
        pc = self._pc = s.pc[t]
        s.pc[t] = pc + 1
        sources = [s.regs[t * 64 + r] for r in ins.sources]
        match ins.spec.unit:
            case Unit.LOAD:
                following = self._load(t, pc, ins, sources, now, single)
            case Unit.ATOMIC:
                following = self._atomic(t, pc, ins, sources, now, single)
            case Unit.STORE:
                following = self._store(t, pc, ins, sources, now, single)
            case Unit.REDUCE:
                following = self._reduce(t, pc, ins, sources, now, single)
            case Unit.ENGINE:
                following = self._engine(t, pc, ins, sources, now)
            case Unit.JUMP:
                following = self._jump(t, pc, ins, sources, now, single)
            case Unit.BRANCH:
                following = self._branch(t, pc, ins, sources, now, single)
            case _:
                following = self._compute(t, ins, sources, now, single)
        if self.observer:
            self.observer.issued(t, pc, now, following)
        if following == RETRY:
            s.pc[t] = pc
            self.wake(t, now + self.k.depth)
        elif following != FAULT:
            s.retired[t] += 1
            self.executed[pc] += 1
            if following != BLOCKED:
                self.wake(t, following)

    def _latency(self, unit: Unit) -> int:
        m = self.memory.machine
        match unit:
            case Unit.MUL:
                return m.mul_latency
            case Unit.DIV:
                return m.div_latency
            case Unit.FP:
                return m.fp_latency
            case Unit.FDIV:
                return m.fdiv_latency
            case _:
                return m.alu_latency

    def _write(self, t: int, ins: Instruction, value: int, ready: int) -> None:
        rd = ins.destination
        if rd:
            self.state.regs[t * 64 + rd] = value
            self.state.ready[t * 64 + rd] = ready

    def _local(self, t: int, ins: Instruction, value: int, now: int, single: bool) -> int:
        latency = self._latency(ins.spec.unit)
        self._write(t, ins, value, now + latency)
        return now + 1 if single else now + max(self.k.depth, latency)

    def _compute(self, t: int, ins: Instruction, sources: list[int], now: int, single: bool) -> int:
        evaluate = EVALUATE.get(ins.spec.mnemonic)
        a, b, c = (*sources, 0, 0, 0)[:3]
        value = evaluate(a, b, c, ins.immediate) if evaluate else self._identity(t, ins.spec.mnemonic)
        return self._local(t, ins, value, now, single)

    def _identity(self, t: int, mnemonic: str) -> int:
        s = self.state
        launched = s.nthreads[0]
        match mnemonic:
            case "piuma.tid":
                return s.rank[t]
            case "piuma.ntid":
                return launched
            case "piuma.btid":
                return s.block_rank[t]
            case "piuma.nbtid":
                return s.block_threads[0]
            case "piuma.block":
                return block_of(self.k, t)
            case _:
                return self.k.blocks

    def _branch(self, t: int, pc: int, ins: Instruction, sources: list[int], now: int, single: bool) -> int:
        taken = ins.spec.mnemonic == "jal" or TAKEN[ins.spec.mnemonic](sources[0], sources[1])
        following = self._local(t, ins, CODE_BASE + RA_CODE * (pc + 1), now, single)
        if not taken:
            return following
        self.state.pc[t] = ins.immediate
        return following + self.memory.machine.branch_penalty if single else following

    def _jump(self, t: int, pc: int, ins: Instruction, sources: list[int], now: int, single: bool) -> int:
        target = signed(sources[0] + ins.immediate) & ~1
        if target == 0:
            return collectives.halt(self.k, self.state, t, now, pc, 0, 0, 0, 0, 0, 0, 0)
        index = self.entry_of(target)
        if index < 0:
            return fault(self.k, self.state, FaultKind.BAD_JUMP, t, pc, target, now)
        self._write(t, ins, CODE_BASE + RA_CODE * (pc + 1), now + 1)
        self.state.pc[t] = index
        return now + 1 + self.memory.machine.branch_penalty if single else now + self.k.depth

    def _engine(self, t: int, pc: int, ins: Instruction, sources: list[int], now: int) -> int:
        if "u12" in ins.spec.fields:
            sources = [ins.immediate]
        handler = HANDLERS[ins.spec.handler]
        a, b, c, d, e = (*sources, 0, 0, 0, 0, 0)[:5]
        return handler(self.k, self.state, t, now, pc, ins.destination, ins.spec.code, a, b, c, d, e)

    # memory

    def _address(self, t: int, pc: int, ins: Instruction, base: int, now: int) -> int:
        access = access_of(ins.spec.mnemonic)
        offset = ins.immediate if "i12" in ins.spec.fields else 0
        address = signed(base + offset)
        if address & (access.size - 1):
            return fault(self.k, self.state, FaultKind.MISALIGNED, t, pc, address, now)
        u = translate(self.k, self.state, block_of(self.k, t), address)
        return u if u >= 0 else fault(self.k, self.state, FaultKind.OUT_OF_RANGE, t, pc, address, now)

    def _load(self, t: int, pc: int, ins: Instruction, sources: list[int], now: int, single: bool) -> int:
        u = self._address(t, pc, ins, sources[0], now)
        if u < 0:
            return FAULT
        access = access_of(ins.spec.mnemonic)
        self.observe(EV_READ, t, u, access.size)
        value = int(self._views[access.size][u // access.size])
        if not access.signed:
            value &= (1 << 8 * access.size) - 1
        if access.floating and access.size == 4:
            value = signed(BOX | (value & 0xFFFFFFFF))
        return self._return(t, ins, value, load_time(self.k, self.state, t, u, int(access.cached), now), now, single)

    def _return(self, t: int, ins: Instruction, value: int, done: int, now: int, single: bool) -> int:
        """A value comes back at `done`; a single-threaded pipeline goes on meanwhile."""
        self._write(t, ins, value, done)
        if single:
            return now + 1
        following = max(done, now + self.k.depth)
        self.state.memory_wait[t] += following - now
        return following

    def _store(self, t: int, pc: int, ins: Instruction, sources: list[int], now: int, single: bool) -> int:
        u = self._address(t, pc, ins, sources[0], now)
        if u < 0:
            return FAULT
        size = access_of(ins.spec.mnemonic).size
        self.observe(EV_WRITE, t, u, size)
        self._views[size][u // size] = signed(sources[1], 8 * size)
        return self._posted(t, posted_time(self.k, self.state, t, u, STORE, now), now, single)

    def _posted(self, t: int, accepted: int, now: int, single: bool) -> int:
        following = accepted if single else max(accepted, now + self.k.depth)
        self.state.memory_wait[t] += following - now
        return following

    def _combine(self, t: int, pc: int, ins: Instruction, sources: list[int], now: int) -> tuple[int, int]:
        """Offset (or FAULT) and old value of a read-modify-write that has been done."""
        u = self._address(t, pc, ins, sources[0], now)
        if u < 0:
            return u, 0
        size = access_of(ins.spec.mnemonic).size
        self.observe(EV_ATOMIC, t, u, size)
        old = int(self._views[size][u // size])
        operation = ins.spec.mnemonic.split(".")[1][3:]
        self._views[size][u // size] = signed(_updated(operation, old, sources, size), 8 * size)
        return u, old

    def _atomic(self, t: int, pc: int, ins: Instruction, sources: list[int], now: int, single: bool) -> int:
        u, old = self._combine(t, pc, ins, sources, now)
        if u < 0:
            return FAULT
        return self._return(t, ins, old, atomic_time(self.k, self.state, t, u, now), now, single)

    def _reduce(self, t: int, pc: int, ins: Instruction, sources: list[int], now: int, single: bool) -> int:
        u, _old = self._combine(t, pc, ins, sources, now)
        if u < 0:
            return FAULT
        return self._posted(t, posted_time(self.k, self.state, t, u, ATOMIC, now), now, single)


def _updated(operation: str, old: int, sources: list[int], size: int) -> int:
    if operation == "":  # cas
        return sources[2] if old == signed(sources[1], 8 * size) else old
    if operation in COMBINE_FLOAT:
        return COMBINE_FLOAT[operation](old, sources[1])
    return COMBINE[operation](old, signed(sources[1], 8 * size))
