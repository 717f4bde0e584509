"""A program as pieces of machine code, one per place where a thread can be waiting to issue.

A piece executes one instruction at its cycle, then, ahead of time, the register operations that follow on
every path from it, up to the next instruction that another thread could notice:

    ld   t0, (a0)     <- issues now: reserves, loads
    add  t1, t1, t0   <- executed now; their issue slots go into the thread's plan
    bne  a0, a1, loop <- both ways, as a tree

It leaves the thread's registers, next piece and plan behind and returns when the thread may issue again.
On single-threaded pipelines nobody competes for issue slots, so there the piece computes the issue times
of the run itself, with the ready times of the registers.  Every leaf of a tree counts its executions:
from these counts the number of times each instruction ran follows exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from runtime.faults import FaultKind
from runtime.isa import Access, Unit, access_of
from runtime.jit.ir import Body
from runtime.jit.lower import LOWERINGS, PREDICATES, combine
from runtime.jit.registers import places_of
from runtime.jit.wheel import PLANES
from runtime.machine import Machine
from runtime.model.constants import ATOMIC, BLOCKED, FAULT, RETRY, STORE, Constants
from runtime.program import Instruction, Program, address_of_code

PLAN_LENGTH = (1 << PLANES) - 1
FORKS = 3
_WAITING = frozenset({"join", "collective", "halt", "queue_push", "queue_pop", "dma_wait", "break_here"})
"""Engine functions that may answer BLOCKED or end the thread: nothing is executed ahead past them."""
_ACCESSES = frozenset({Unit.LOAD, Unit.STORE, Unit.ATOMIC, Unit.REDUCE})
_IDENTITY = {"piuma.tid": "rank", "piuma.btid": "block_rank"}
_LAUNCHED = {"piuma.ntid": "nthreads", "piuma.nbtid": "block_threads"}


@dataclass(slots=True)
class Path:
    """What has been executed from a piece's start to here; registers are SSA values not yet stored."""

    first: str = ""
    """When the thread may issue the instruction after the first."""
    plan: int = 0
    """Operations executed ahead, after the first instruction."""
    forks: int = 0
    pcs: list[int] = field(default_factory=list[int])
    values: dict[int, str] = field(default_factory=dict[int, str])
    ready: dict[int, str] = field(default_factory=dict[int, str])
    changed: set[int] = field(default_factory=set[int])
    delayed: set[int] = field(default_factory=set[int])

    def copy(self) -> Path:
        """An independent continuation."""
        return Path(
            self.first,
            self.plan,
            self.forks,
            list(self.pcs),
            dict(self.values),
            dict(self.ready),
            set(self.changed),
            set(self.delayed),
        )


class Pieces:
    """All pieces of a program, found from its entries."""

    def __init__(self, program: Program, machine: Machine, k: Constants, places: Mapping[str, int], plane: int) -> None:
        self.program, self.machine, self.k, self.places, self.plane = program, machine, k, places, plane
        self.numbers: dict[tuple[int, bool], int] = {}
        self.leaves: list[tuple[int, ...]] = []
        self.owners: list[int] = []
        """The piece of each leaf."""
        self.register_places = places_of(program)
        self._open: list[tuple[int, bool]] = []
        self._texts: dict[int, str] = {}

    def number(self, pc: int, single: bool) -> int:
        """The piece that starts at an instruction."""
        key = (pc, single)
        if key not in self.numbers:
            self.numbers[key] = len(self.numbers)
            self._open.append(key)
        return self.numbers[key]

    def generate(self) -> list[str]:
        """IR of every piece reached, in order of their numbers, but for the word `define`."""
        while self._open:
            pc, single = key = self._open.pop()
            self._texts[self.numbers[key]] = _Writer(self, pc, single).text()
        return [self._texts[i] for i in range(len(self._texts))]

    def name(self, number: int) -> str:
        """Symbol of a piece."""
        return f"piece{number}"


class _Writer:
    def __init__(self, pieces: Pieces, pc: int, single: bool) -> None:
        self.pieces, self.pc, self.single = pieces, pc, single
        self.program, self.machine, self.k = pieces.program, pieces.machine, pieces.k
        self.body = Body()

    def text(self) -> str:
        b = self.body
        b.emit("%t64 = mul i64 %t, 64")
        self.registers = self._array("regs", "%t64")
        self.ready_times = self._array("ready", "%t64")
        path = Path()
        if self.single:
            self._wait_for_operands(path)
        self._first(path)
        name = self.pieces.name(self.pieces.numbers[self.pc, self.single])
        return f"i64 @{name}(ptr %s, i64 %t, i64 %now) nounwind {{\nentry:\n{b.text()}\n}}\n"

    # state

    def _array(self, name: str, index: str) -> str:
        base = self.body.element("%s", str(self.pieces.places[name]))
        return self.body.element(base, index)

    def _read(self, path: Path, r: int) -> str:
        if r == 0:
            return "0"
        if r not in path.values:
            path.values[r] = self.body.load(self._register(r))
        return path.values[r]

    def _register(self, r: int) -> str:
        return self.body.element(self.registers, str(self.pieces.register_places[r]))

    def _ready(self, path: Path, r: int) -> str:
        if r == 0:
            return "0"
        if r not in path.ready:
            path.ready[r] = self.body.load(self.body.element(self.ready_times, str(r)))
        return path.ready[r]

    def _write(self, path: Path, r: int, value: str, ready: str) -> None:
        if r == 0:
            return
        path.values[r] = value
        path.changed.add(r)
        if self.single:
            path.ready[r] = ready
            path.delayed.add(r)

    def _after(self, time: str, cycles: int) -> str:
        return self.body.binary("add", time, str(cycles)) if cycles else time

    def _latest(self, path: Path, ins: Instruction, floor: str) -> str:
        for r in sorted({*ins.sources, ins.destination} - {0}):
            floor = self.body.call("llvm.smax.i64", floor, self._ready(path, r))
        return floor

    def _wait_for_operands(self, path: Path) -> None:
        b = self.body
        need = self._latest(path, self.program.instructions[self.pc], "%now")
        later, go = b.fresh("later"), b.fresh("go")
        b.branch(b.compare("sgt", need, "%now"), later, go)
        b.label(later)
        b.emit(f"ret i64 {need}")
        b.label(go)

    # the first instruction

    def _first(self, path: Path) -> None:
        ins = self.program.instructions[self.pc]
        match ins.spec.unit:
            case Unit.LOAD:
                self._load(path, ins)
            case Unit.STORE:
                self._store(path, ins)
            case Unit.ATOMIC | Unit.REDUCE:
                self._update(path, ins)
            case Unit.ENGINE:
                self._engine(path, ins)
            case Unit.JUMP:
                self._jump(path, ins)
            case _:
                self._walk(self.pc, path)

    def _done(self, path: Path) -> None:
        path.pcs.append(self.pc)
        self._walk(self.pc + 1, path)

    def _refuse_if(self, condition: str, kind: FaultKind, value: str) -> None:
        b = self.body
        bad, good = b.fresh("bad"), b.fresh("good")
        b.branch(condition, bad, good)
        b.label(bad)
        b.emit(f"ret i64 {b.call_with_state('fault', str(int(kind)), '%t', str(self.pc), value, '%now')}")
        b.label(good)

    def _address(self, path: Path, ins: Instruction, access: Access) -> str:
        b = self.body
        base = self._read(path, ins.sources[0])
        offset = ins.immediate if "i12" in ins.spec.fields else 0
        address = self._after(base, offset)
        if access.size > 1:
            low = b.binary("and", address, str(access.size - 1))
            self._refuse_if(b.compare("ne", low, "0"), FaultKind.MISALIGNED, address)
        u = b.call_with_state("translate", b.call_with_state("block_of", "%t"), address)
        self._refuse_if(b.compare("slt", u, "0"), FaultKind.OUT_OF_RANGE, address)
        return u

    def _memory(self, u: str) -> str:
        base = self.body.load(self.body.element("%s", str(self.pieces.places["memory_base"])), "ptr")
        return self.body.value(f"getelementptr inbounds i8, ptr {base}, i64 {u}")

    def _load(self, path: Path, ins: Instruction) -> None:
        access = access_of(ins.spec.mnemonic)
        u = self._address(path, ins, access)
        done = self.body.call_with_state("load_time", "%t", u, str(int(access.cached)), "%now")
        self._return(path, ins, self._fetch(u, access), done)
        self._done(path)

    def _fetch(self, u: str, access: Access) -> str:
        kind = f"i{8 * access.size}"
        raw = self.body.load(self._memory(u), kind)
        if access.size == 8:
            return raw
        if access.floating:
            return self.body.boxed(raw)
        return self.body.widen(raw, kind, access.signed)

    def _return(self, path: Path, ins: Instruction, value: str, done: str) -> None:
        if self.single:
            path.first = self._after("%now", 1)
        else:
            path.first = self.body.call("llvm.smax.i64", done, self._after("%now", self.k.depth))
            self._waited(path.first)
        self._write(path, ins.destination, value, done)

    def _waited(self, following: str) -> None:
        self.body.add_to(self._array("memory_wait", "%t"), self.body.binary("sub", following, "%now"))

    def _store(self, path: Path, ins: Instruction) -> None:
        access = access_of(ins.spec.mnemonic)
        u = self._address(path, ins, access)
        value = self._read(path, ins.sources[1])
        kind = f"i{8 * access.size}"
        self.body.store(value if access.size == 8 else self.body.narrow(value, kind), self._memory(u), kind)
        self._posted(path, u, STORE)
        self._done(path)

    def _posted(self, path: Path, u: str, kind: int) -> None:
        accepted = self.body.call_with_state("posted_time", "%t", u, str(kind), "%now")
        if not self.single:
            accepted = self.body.call("llvm.smax.i64", accepted, self._after("%now", self.k.depth))
        self._waited(accepted)
        path.first = accepted

    def _update(self, path: Path, ins: Instruction) -> None:
        b = self.body
        access = access_of(ins.spec.mnemonic)
        u = self._address(path, ins, access)
        kind = f"i{8 * access.size}"
        pointer = self._memory(u)
        old = b.load(pointer, kind)
        b.store(self._updated(path, ins, old, kind), pointer, kind)
        if ins.spec.unit is Unit.REDUCE:
            self._posted(path, u, ATOMIC)
        else:
            value = old if access.size == 8 else b.widen(old, kind)
            self._return(path, ins, value, b.call_with_state("atomic_time", "%t", u, "%now"))
        self._done(path)

    def _updated(self, path: Path, ins: Instruction, old: str, kind: str) -> str:
        b = self.body
        given = [self._read(path, r) for r in ins.sources[1:]]
        given = given if kind == "i64" else [b.narrow(v, kind) for v in given]
        operation = ins.spec.mnemonic.split(".")[1][3:]
        if operation == "":  # cas
            return b.select(b.compare("eq", old, given[0], kind), given[1], old, kind)
        return combine(b, operation, old, given[0], kind)

    def _engine(self, path: Path, ins: Instruction) -> None:
        b, spec = self.body, ins.spec
        given = [str(ins.immediate)] if "u12" in spec.fields else [self._read(path, r) for r in ins.sources]
        given += ["0"] * (5 - len(given))
        if spec.handler == "dma_issue":  # a full engine is asked again and again: here, without a call
            answer = b.call_with_state("dma_refuses", "%t", "%now", str(self.pc), str(spec.code), *given[2:4])
            self._leave_if(answer, RETRY, self._after("%now", self.k.depth))
            self._leave_if(answer, FAULT, str(FAULT))
        head = ("%t", "%now", str(self.pc), str(ins.destination), str(spec.code))
        answer = b.call_with_state(spec.handler, *head, *given)
        path = Path(first=answer, pcs=[self.pc])  # the engine may have written registers
        if spec.handler != "dma_issue":
            self._leave_if(answer, FAULT, str(FAULT))
        if spec.handler in _WAITING:
            self._leaf(min(self.pc + 1, len(self.program.instructions) - 1), path)
        else:
            self._walk(self.pc + 1, path)

    def _leave_if(self, answer: str, special: int, result: str) -> None:
        b = self.body
        leave, go = b.fresh("leave"), b.fresh("go")
        b.branch(b.compare("eq", answer, str(special)), leave, go)
        b.label(leave)
        b.emit(f"ret i64 {result}")
        b.label(go)

    def _jump(self, path: Path, ins: Instruction) -> None:
        b = self.body
        target = b.binary("and", self._after(self._read(path, ins.sources[0]), ins.immediate), "-2")
        end, go = b.fresh("end"), b.fresh("go")
        b.branch(b.compare("eq", target, "0"), end, go)
        b.label(end)
        b.call_with_state("halt", "%t", "%now", str(self.pc), *["0"] * 7)
        self._leaf(self.pc, Path(first=str(BLOCKED), pcs=[self.pc]))
        b.label(go)
        piece = b.call_with_state("entry_of_single" if self.single else "entry_of", target)
        self._refuse_if(b.compare("slt", piece, "0"), FaultKind.BAD_JUMP, target)
        self._write(path, ins.destination, str(address_of_code(self.pc + 1)), self._after("%now", 1))
        path.first = self._after("%now", 1 + self.machine.branch_penalty if self.single else self.k.depth)
        path.pcs.append(self.pc)
        self._leave(piece, path)

    # the run of register operations

    def _latency(self, unit: Unit) -> int:
        m = self.machine
        latencies = {Unit.MUL: m.mul_latency, Unit.DIV: m.div_latency}
        latencies |= {Unit.FP: m.fp_latency, Unit.FDIV: m.fdiv_latency}
        return latencies.get(unit, m.alu_latency)

    def _walk(self, pc: int, path: Path) -> None:
        while self._goes_on(pc, path):
            ins = self.program.instructions[pc]
            issue = self._issue_time(path, ins)
            path.pcs.append(pc)
            if ins.spec.unit is not Unit.BRANCH:
                self._compute(path, ins, issue)
                pc += 1
            elif ins.spec.mnemonic == "jal":
                self._write(path, ins.destination, str(address_of_code(pc + 1)), self._result_time(ins, issue))
                self._advance(path, ins, issue, taken=True)
                pc = ins.immediate
            else:
                self._fork(path, ins, issue, pc)
                return
        self._leaf(pc, path)

    def _goes_on(self, pc: int, path: Path) -> bool:
        if not path.pcs:
            return True
        ins = self.program.instructions[pc]
        if not ins.spec.unit.is_local or path.plan == PLAN_LENGTH:
            return False
        if ins.spec.unit is Unit.BRANCH and ins.spec.mnemonic != "jal" and path.forks == FORKS:
            return False
        return self.single or self._latency(ins.spec.unit) <= self.k.depth

    def _issue_time(self, path: Path, ins: Instruction) -> str:
        """When this operation issues; only a single-threaded pipeline knows."""
        return self._latest(path, ins, path.first or "%now") if self.single else "%now"

    def _result_time(self, ins: Instruction, issue: str) -> str:
        return self._after(issue, self._latency(ins.spec.unit)) if self.single else "0"

    def _advance(self, path: Path, ins: Instruction, issue: str, taken: bool = False) -> None:
        if self.single:
            path.first = self._after(issue, 1 + (self.machine.branch_penalty if taken else 0))
            path.plan += 1
        elif path.first:
            path.plan += 1
        else:
            path.first = self._after("%now", max(self.k.depth, self._latency(ins.spec.unit)))

    def _compute(self, path: Path, ins: Instruction, issue: str) -> None:
        lowering = LOWERINGS.get(ins.spec.mnemonic)
        if lowering:
            sources = [self._read(path, r) for r in ins.sources]
            value = lowering(self.body, sources, ins.immediate)
        else:
            value = self._identity(ins.spec.mnemonic)
        self._write(path, ins.destination, value, self._result_time(ins, issue))
        self._advance(path, ins, issue)

    def _identity(self, mnemonic: str) -> str:
        if mnemonic in _IDENTITY:
            return self.body.load(self._array(_IDENTITY[mnemonic], "%t"))
        if mnemonic in _LAUNCHED:
            return self.body.load(self._array(_LAUNCHED[mnemonic], "0"))
        if mnemonic == "piuma.block":
            return self.body.call_with_state("block_of", "%t")
        return str(self.k.blocks)

    def _fork(self, path: Path, ins: Instruction, issue: str, pc: int) -> None:
        b = self.body
        x, y = (self._read(path, r) for r in ins.sources)
        condition = b.compare(PREDICATES[ins.spec.mnemonic], x, y)
        path.forks += 1
        other = path.copy()
        taken, straight = b.fresh("taken"), b.fresh("straight")
        b.branch(condition, taken, straight)
        b.label(taken)
        self._advance(path, ins, issue, taken=True)
        self._walk(ins.immediate, path)
        b.label(straight)
        self._advance(other, ins, issue)
        self._walk(pc + 1, other)

    # the end of a path

    def _leaf(self, pc: int, path: Path) -> None:
        ins = self.program.instructions[pc]
        if ins.spec.unit in _ACCESSES and ins.sources[0] in path.values:
            self._prefetch(path.values[ins.sources[0]])
        self._leave(str(self.pieces.number(pc, self.single)), path)

    def _prefetch(self, address: str) -> None:
        """The thread accesses memory next, and by then its data may be at hand; any address will do."""
        b, k = self.body, self.k
        far = b.binary("add", address, str(k.dram_offset - k.dram_base))
        near = b.binary("sub", address, str(k.spad_base))
        place = self._memory(b.select(b.compare("sge", address, str(k.dram_base)), far, near))
        b.emit(f"call void @llvm.prefetch.p0(ptr {place}, i32 0, i32 3, i32 1)")

    def _leave(self, piece: str, path: Path) -> None:
        b = self.body
        for r in sorted(path.changed):
            b.store(path.values[r], self._register(r))
        for r in sorted(path.delayed):
            b.store(path.ready[r], b.element(self.ready_times, str(r)))
        b.store(piece, self._array("pc", "%t"))
        if path.plan and not self.single:
            self._plan(path.plan)
        b.add_to(self._array("retired", "%t"), str(len(path.pcs)))
        b.add_to(self._array("path_count", str(len(self.pieces.leaves))), "1")
        self.pieces.leaves.append(tuple(path.pcs))
        self.pieces.owners.append(self.pieces.numbers[self.pc, self.single])
        b.emit(f"ret i64 {path.first}")

    def _plan(self, count: int) -> None:
        """Note how many issue slots the thread takes before its next piece: a bit of the count in each of four words."""
        b = self.body
        position = b.call_with_state("position", "%t")
        bit = b.binary("shl", "1", b.binary("and", position, "63"))
        word = self._array("plan", b.binary("lshr", position, "6"))
        for i in range(PLANES):
            if count >> i & 1:
                place = b.element(word, str(i * self.pieces.plane))
                b.store(b.binary("or", b.load(place), bit), place)
