"""Illegal programs end in a diagnostic that names instruction, thread and cycle; the same on both tiers."""

from __future__ import annotations

import pytest
from machines import run

from runtime.assembly import assemble
from runtime.faults import FaultKind, SimulationFault
from runtime.launch import Launch
from runtime.machine import Machine
from runtime.memory import Memory
from runtime.simulate import Tier, simulate

CASES = [
    ("main: li a0, 0x100000004\nnop\npiuma.ld a1, 0(a0)\nret", FaultKind.MISALIGNED, "piuma.ld a1, 0(a0)", 0x100000004),
    ("main: li a0, 64\nld a1, -8(a0)\nret", FaultKind.OUT_OF_RANGE, "ld a1, -8(a0)", 56),
    ("main: li a0, -8\npiuma.amoadd.d a1, a0, (a0)\nret", FaultKind.OUT_OF_RANGE, "piuma.amoadd.d a1, a0, (a0)", -8),
    ("main: li a0, 0x10008\njr a0", FaultKind.BAD_JUMP, "jalr zero, 0(a0)", 0x10008),
    ("main: nop\nebreak", FaultKind.BREAK, "ebreak", 0),
    ("main: li a0, 16\npiuma.qpush a0, a0\nret", FaultKind.BAD_QUEUE, "piuma.qpush a0, a0", 16),
    ("main: li a0, 7\npiuma.dma.wait a0\nret", FaultKind.BAD_TICKET, "piuma.dma.wait a0", 7),
    ("main: li a0, 4096\npiuma.join a0\nret", FaultKind.BAD_THREAD, "piuma.join a0", 4096),
    ("main: li a0, -4\npiuma.dma.copy a1, a0, a0, a0\nret", FaultKind.DMA_SHAPE, "piuma.dma.copy a1, a0, a0, a0", -4),
    ("main: li a0, 6\npiuma.dma.copy a1, a0, a0, a0\nret", FaultKind.DMA_SHAPE, "piuma.dma.copy a1, a0, a0, a0", 6),
    ("main: li a0, 8\npiuma.dma.copy a1, a0, a0, a0\nret", FaultKind.DMA_RANGE, "piuma.dma.copy a1, a0, a0, a0", 8),
    ("main: j main", FaultKind.CYCLE_LIMIT, "jal zero, main", 0),
]


@pytest.mark.parametrize(
    ("text", "kind", "instruction", "value"), CASES, ids=[f"{c[1].name.lower()} {c[3]}" for c in CASES]
)
def test_fault(text: str, kind: FaultKind, instruction: str, value: int) -> None:
    """Both tiers stop with the same fault in the same cycle."""
    caught = [_fault(text, tier) for tier in Tier]
    assert caught[0].fault == caught[1].fault
    fault = caught[0].fault
    assert (fault.kind, fault.value, fault.thread) == (kind, value, 0)
    assert f"at `{instruction}`, thread 0, cycle {fault.cycle}" in str(caught[0])
    assert fault.reason() in str(caught[0])


def _fault(text: str, tier: Tier) -> SimulationFault:
    """One thread; endless programs are cut short."""
    program = assemble(text, "x.s")
    with pytest.raises(SimulationFault) as caught:
        simulate(program, Memory(Machine(blocks=1), 1 << 16), Launch(threads=1), tier=tier, max_cycles=5000)
    return caught.value


def test_the_cycle_is_the_cycle_of_issue() -> None:
    with pytest.raises(SimulationFault) as caught:
        run("main: nop\nnop\nnop\nebreak", Launch(threads=1))
    assert caught.value.fault.cycle == 12


@pytest.mark.parametrize("tier", Tier)
def test_deadlock_names_every_waiting_thread(tier: Tier) -> None:
    text = "main: piuma.tid a0\nbeqz a0, one\npiuma.barrier.all\npiuma.halt\none: piuma.qpop a1, zero\npiuma.halt"
    with pytest.raises(SimulationFault) as caught:
        run(text, Launch(threads=2), tier=tier)
    assert caught.value.fault.kind is FaultKind.DEADLOCK
    assert "thread 0 waits for an entry in queue 0 since cycle 8 at `piuma.qpop a1, zero`" in str(caught.value)
    assert "thread 16 waits for the collective of scope 1" in str(caught.value)


@pytest.mark.parametrize("tier", Tier)
def test_two_collectives_at_once(tier: Tier) -> None:
    text = "main: piuma.tid a0\nbeqz a0, one\npiuma.barrier.block\nret\none: piuma.reduce.add.block a1, a0\nret"
    with pytest.raises(SimulationFault) as caught:
        run(text, Launch(threads=2), tier=tier)
    assert caught.value.fault.kind is FaultKind.COLLECTIVE_MISMATCH
