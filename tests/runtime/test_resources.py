"""The resource model against closed forms: each test derives its number from the machine's description."""

from __future__ import annotations

from dataclasses import replace

import pytest
from machines import ONE_BLOCK, cycles, run

from runtime.assembly import assemble
from runtime.bounds import Work, bounds
from runtime.counters import Counters
from runtime.fuzz import random_suite
from runtime.launch import Launch
from runtime.machine import Machine
from runtime.memory import Memory
from runtime.model.constants import Constants
from runtime.oracle import Oracle
from runtime.simulate import Tier

M = ONE_BLOCK
DEPTH = M.pipeline_depth
ONE = Launch(threads=1)


def _repeat(body: str, times: int, setup: str = "", data: str = "shared: .zero 65536") -> str:
    return f"""
    main:  la s0, shared
           {setup}
           li s1, {times}
    again: {body}
           addi s1, s1, -1
           bnez s1, again
           piuma.halt
    .data
    .balign 64
    {data}
    .spad
    pad:   .zero 65536
    """


def _slope(body: str, machine: Machine = M, how: Launch = ONE, setup: str = "") -> float:
    """Cycles per repetition, start and end cancelled out."""
    few, many = (cycles(_repeat(body, n, setup), how, machine) for n in (50, 150))
    return (many - few) / 100


LOOP = 2 * DEPTH
"""The decrement and the branch of `_repeat`."""


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("nop", DEPTH),
        ("mul a0, a1, a2", max(DEPTH, M.mul_latency)),
        ("div a0, a1, a2", M.div_latency),
        ("fadd.d fa0, fa1, fa2", M.fp_latency),
        ("piuma.ld a0, 0(s0)", M.dram_latency),
        ("piuma.amoadd.d a0, a1, (s0)", M.dram_latency + M.atomic_latency),
        ("ld a0, 0(s0)", DEPTH),
        ("sd a0, 0(s0)", DEPTH),
        ("piuma.fence", DEPTH),
        ("piuma.barrier.block", M.barrier_latency),
    ],
)
def test_latency_seen_by_one_thread(body: str, expected: int) -> None:
    assert _slope(body) == expected + LOOP


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("ld a0, 0(s2)", M.spad_latency),
        ("piuma.amoadd.d a0, a1, (s2)", M.spad_latency + M.spad_atomic_cycles - 1),
        ("sd a0, 0(s2)", DEPTH),
        ("piuma.redadd.d a0, (s2)", DEPTH),
    ],
)
def test_scratchpad_latency(body: str, expected: int) -> None:
    assert _slope(body, setup="la s2, pad") == expected + LOOP


def test_pointer_chase_through_memory() -> None:
    """Each hop waits for the one before: latency, and nothing else."""
    chain = ", ".join(str((1 << 32) + 64 * ((i * 7 + 1) % 64)) + ", 0" * 7 for i in range(64))
    text = _repeat("piuma.ld s0, 0(s0)", 64, data=f"shared: .dword {chain}")
    assert cycles(text, ONE) == pytest.approx(64 * (M.dram_latency + LOOP), abs=4 * DEPTH)


def test_stall_on_use_overlaps_loads() -> None:
    """A single-threaded pipeline goes on until a value is needed, so four loads cost one latency."""
    loads = "\n".join(f"piuma.ld a{i}, {64 * i}(s0)" for i in range(4))
    uses = "\n".join(f"add t0, t0, a{i}" for i in range(4))
    how = Launch(threads=0, singles=1)
    overlapped = _slope(f"{loads}\n{uses}", how=how)
    # The last load issues 3 cycles after the first; then its use, the decrement, the branch, its penalty.
    assert overlapped == 3 + M.dram_latency + 1 + 1 + 1 + M.branch_penalty


def test_stream_of_lines_saturates_dram() -> None:
    """64 threads that miss on every load want 64 lines per latency, more than the channels carry."""
    text = _repeat("ld a0, 0(s2)\nadd s2, s2, s3", 40, "piuma.tid t0\nslli s2, t0, 6\nadd s2, s2, s0\nli s3, 4096",
                   "shared: .zero 262144")  # fmt: skip
    counters = run(text).counters
    assert counters.dram_bytes == 64 * 40 * M.l1_line
    assert 0.95 < counters.dram_utilisation <= 1


def test_native_accesses_move_eight_bytes() -> None:
    text = _repeat("piuma.lw a0, 0(s0)\npiuma.sd a0, 8(s0)", 10)
    assert run(text).counters.dram_bytes == 64 * 10 * 2 * M.dram_access_bytes


def test_atomics_on_one_word_take_their_bank_in_turn() -> None:
    text = _repeat("piuma.redadd.d s1, (s2)", 100, "la s2, pad")
    counters = run(text).counters
    assert counters.cycles == pytest.approx(64 * 100 * M.spad_atomic_cycles, rel=0.02)
    assert counters.busiest_bank > 0.98


def test_atomics_on_all_banks_go_in_parallel() -> None:
    text = _repeat("piuma.redadd.d s1, (s2)", 100, "la s2, pad\npiuma.tid t0\nslli t0, t0, 3\nadd s2, s2, t0")
    assert run(text).counters.issue_utilisation > 0.95


def test_l1_holds_its_ways_and_evicts_the_least_recently_used() -> None:
    stride = M.l1_sets * M.l1_line
    fits = "\n".join("ld a0, 0(s2)\nadd s2, s2, s3" for _ in range(M.l1_ways))
    setup, data = f"li s3, {stride}", f"shared: .zero {stride * (M.l1_ways + 1)}"
    ok = run(_repeat(f"mv s2, s0\n{fits}", 10, setup, data), ONE).counters
    assert (ok.l1_misses, ok.l1_hits) == (M.l1_ways, 9 * M.l1_ways)
    too_many = run(_repeat(f"mv s2, s0\n{fits}\nld a0, 0(s2)", 10, setup, data), ONE).counters
    assert too_many.l1_hits == 0


def test_threads_hide_latency_in_proportion() -> None:
    """Loads of 100 cycles and an unloaded memory: n threads do n times the work in the same time."""
    body = "piuma.ld a0, 0(s0)"
    alone = cycles(_repeat(body, 50, "piuma.tid t0\nslli t0, t0, 6\nadd s0, s0, t0"), ONE)
    for n in (2, 4, 16, 64):
        text = _repeat(body, 50, "piuma.tid t0\nslli t0, t0, 6\nadd s0, s0, t0")
        assert cycles(text, Launch(threads=n)) <= 1.06 * alone, n


@pytest.mark.parametrize("n", [1, 2, 4, 8, 16, 32, 64])
def test_thread_scaling_of_register_work(n: int) -> None:
    """A thread issues every `pipeline_depth` cycles; a pipeline once per cycle."""
    per_pipeline = -(-n // M.pipelines)
    rate = min(n, M.pipelines) * min(per_pipeline / DEPTH, 1)
    assert run(_repeat("nop\n" * 20, 20), Launch(threads=n)).counters.ipc == pytest.approx(rate, rel=0.03)


def test_latency_tolerance() -> None:
    """Few threads pay for every cycle of latency; many hide most of it while issue is the limit."""

    def time(threads: int, latency: int) -> int:
        body = "nop\n" * 20 + "piuma.ld a0, 0(s0)"
        setup = "piuma.tid t0\nslli t0, t0, 6\nadd s0, s0, t0"
        return cycles(_repeat(body, 20, setup), Launch(threads=threads), replace(M, dram_latency=latency))

    assert time(4, 400) - time(4, 100) == 20 * 300
    assert time(64, 200) - time(64, 50) < 20 * 150 / 2
    assert time(64, 2000) > 4 * time(64, 50)


@pytest.mark.parametrize("blocks", [1, 2, 4, 8])
def test_blocks_share_the_work(blocks: int) -> None:
    """A fixed number of scattered reads: the time falls with the number of blocks, but for the hops."""
    text = """
    main: la s0, shared
          piuma.tid s1
          piuma.ntid s2
          li s3, 4096
    next: bge s1, s3, done
          slli t0, s1, 6
          add t0, t0, s0
          ld a0, 0(t0)
          add s1, s1, s2
          j next
    done: piuma.halt
    .data
    .balign 64
    shared: .zero 262144
    """
    alone, together = (cycles(text, machine=Machine(blocks=b, spad_bytes=8192)) for b in (1, blocks))
    assert alone / blocks <= together <= 1.6 * alone / blocks + M.dram_latency


def test_remote_scratchpad_costs_its_hops() -> None:
    machine = Machine(blocks=8, spad_bytes=8192)
    for block in (0, 1, 7):
        address = machine.spad_address(block)
        loop = _repeat("ld a0, 0(s2)", 50, f"li s2, {address}").replace("65536", "4096")
        more = _repeat("ld a0, 0(s2)", 150, f"li s2, {address}").replace("65536", "4096")
        how = Launch(threads=1, blocks=1)
        per_load = (cycles(more, how, machine) - cycles(loop, how, machine)) / 100 - LOOP
        assert per_load == machine.spad_latency + machine.network_delay(0, block)


def test_dma_copy_overlaps_its_beats() -> None:
    """A long copy is limited by the channels it reads and writes, not by its latency."""
    size = 64 << 10
    text = f"""
    main: la a0, to
          la a1, from
          li a2, {size}
          piuma.dma.copy a3, a0, a1, a2
          piuma.dma.wait a3
          piuma.halt
    .data
    .balign 64
    from: .zero {size}
    to:   .zero {size}
    """
    counters = run(text, ONE).counters
    beats = size // 64
    assert counters.dram_bytes == 2 * size
    slowest = max(2 * size / M.dram_bytes_per_cycle, beats * M.dma_beat, beats * 2 * M.dram_latency / M.dma_window)
    assert slowest <= counters.cycles <= 1.1 * slowest + 4 * M.dram_latency


def test_a_queue_passes_one_entry_per_cycle() -> None:
    text = _repeat("piuma.qpush zero, s1\npiuma.qpop a0, zero", 20)
    assert cycles(text) >= 2 * 64 * 20


def _many_runs() -> list[tuple[Oracle, Counters]]:
    program = assemble(random_suite(range(3000, 3006)))
    found: list[tuple[Oracle, Counters]] = []
    for i in range(3000, 3006):
        memory = Memory(Machine(blocks=2, spad_bytes=8192, threads=4), 1 << 16)
        memory.load(program)
        oracle = Oracle(program, Constants.of(memory.machine), memory, Launch(f"p{i}"))
        assert oracle.advance(10_000_000)
        found.append((oracle, Counters.of(oracle, program)))
    return found


def test_conservation_and_bounds_on_random_programs() -> None:
    """Issued is retired, bytes are accesses times their size, busy is bytes over bandwidth, no bound is broken."""
    for oracle, c in _many_runs():
        k, m = oracle.k, oracle.memory.machine
        assert sum(oracle.executed) == c.instructions == sum(c.by_unit.values())
        assert sum(oracle.state.channel_busy) == c.dram_bytes * k.dram_ticks // 8
        fixed = {"load": m.dram_access_bytes, "store": m.dram_access_bytes, "line fill": m.l1_line}
        fixed |= {"atomic": 2 * m.dram_access_bytes, "DMA atomic": 2 * m.dram_access_bytes}
        for kind, traffic in c.dram.items():
            assert kind not in fixed or traffic.bytes == traffic.accesses * fixed[kind]
        assert c.l1_misses == (c.dram["line fill"].accesses if "line fill" in c.dram else 0)
        assert all(b.cycles <= c.cycles for b in bounds(m, Work.of(c, m)))
        assert all(t.instructions <= t.cycles for t in c.threads)


class _InFlight:
    """Counts, thread by thread, the cycles that loads were under way."""

    def __init__(self) -> None:
        self.cycles = 0

    def event(self, event: int, t: int, a: int, b: int, pc: int, now: int) -> None:
        """Not needed."""

    def issued(self, t: int, pc: int, now: int, following: int) -> None:
        """Instruction 5 is the load."""
        self.cycles += following - now if pc == 5 else 0


def test_littles_law() -> None:
    """Mean number in flight, watched at the threads, is throughput times mean latency, kept by the memory."""
    text = _repeat("piuma.ld a0, 0(s0)", 60, "piuma.tid t0\nslli t0, t0, 3\nadd s0, s0, t0")
    program = assemble(text)
    memory = Memory(replace(M, dram_bytes_per_cycle=2.0), 1 << 20)
    memory.load(program)
    watch = _InFlight()
    oracle = Oracle(program, Constants.of(memory.machine), memory, Launch(), watch)
    assert oracle.advance(1_000_000)
    c = Counters.of(oracle, program)
    loads = c.dram["load"]
    assert loads.mean_latency > 2 * M.dram_latency  # they do queue
    assert watch.cycles / c.cycles == pytest.approx(loads.accesses / c.cycles * loads.mean_latency)
    assert watch.cycles / c.cycles == pytest.approx(c.dram_in_flight)


def test_more_bandwidth_never_hurts_a_stream() -> None:
    text = _repeat("ld a0, 0(s2)\nadd s2, s2, s3", 20, "piuma.tid t0\nslli s2, t0, 6\nadd s2, s2, s0\nli s3, 4096",
                   "shared: .zero 131072")  # fmt: skip
    times = [cycles(text, machine=replace(M, dram_bytes_per_cycle=b), tier=Tier.ORACLE) for b in (2.0, 8.0, 35.0)]
    assert times == sorted(times, reverse=True)
    assert times[0] == pytest.approx(64 * 20 * 64 / 2.0, rel=0.05)
