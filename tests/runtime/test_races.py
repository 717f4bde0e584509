"""Data races and stale cached reads are found; what is ordered is left alone."""

from __future__ import annotations

import pytest

from runtime.assembly import assemble
from runtime.faults import FaultKind, SimulationFault
from runtime.launch import Launch
from runtime.machine import Machine
from runtime.memory import Memory
from runtime.races import RaceCheck
from runtime.simulate import Tier, simulate

DATA = "\n.data\nx: .dword 0, 0, 0, 0, 0, 0, 0, 0\ny: .zero 64\n.spad\npad: .zero 64\n"


def check(text: str, threads: int = 2) -> None:
    """Run with the checker."""
    program = assemble(text + DATA, "x.s")
    memory = Memory(Machine(blocks=1), 1 << 16)
    memory.load(program)
    simulate(program, memory, Launch(threads=threads), tier=Tier.ORACLE, observer=RaceCheck(program, memory))


RACES = {
    "two writers": "main: la t0, x\nsd t0, 0(t0)\nret",
    "reader and writer": "main: la t0, x\npiuma.tid t1\nbeqz t1, w\nld t2, 0(t0)\nret\nw: sd t0, 0(t0)\nret",
    "atomic and plain": "main: la t0, x\npiuma.tid t1\nbeqz t1, w\nld t2, 0(t0)\nret\nw: piuma.redadd.d t0, (t0)\nret",
    "scratchpad": "main: la t0, pad\npiuma.tid t1\nsd t1, 0(t0)\nret",
    "overlapping widths": "main: la t0, x\npiuma.tid t1\nbeqz t1, w\nsw t1, 4(t0)\nret\nw: sd t0, 0(t0)\nret",
    "transfer not awaited": """
        main: la t0, x
              la t1, y
              li t2, 8
              piuma.dma.copy t3, t1, t0, t2
              ld t4, 0(t1)
              piuma.dma.wait t3
              ret""",
    "a later transfer not awaited": """
        main: la t0, x
              la t1, y
              la t2, pad
              li t3, 8
              piuma.dma.copy t4, t1, t0, t3
              piuma.dma.copy t5, t2, t0, t3
              piuma.dma.wait t4
              ld t6, 0(t2)
              piuma.dma.wait t5
              ret""",
    "write after the barrier": """
        main: la t0, x
              piuma.barrier.block
              sd t0, 0(t0)
              ret""",
}


@pytest.mark.parametrize("name", RACES)
def test_race(name: str) -> None:
    with pytest.raises(SimulationFault) as caught:
        check(RACES[name], threads=1 if "awaited" in name else 2)
    assert caught.value.fault.kind is FaultKind.RACE
    assert "earlier access at `" in str(caught.value)


ORDERED = {
    "earlier transfers of the same engine": """
        main: la t0, x
              piuma.tid t1
              bnez t1, rest
              la t1, y
              la t2, pad
              li t3, 8
              piuma.dma.copy t4, t1, t0, t3
              piuma.dma.copy t5, t2, t0, t3
              piuma.dma.wait t5
              ld t6, 0(t1)
        rest: ret""",
    "barrier": """
        main: la t0, x
              piuma.tid t1
              bnez t1, rest
              piuma.sd t0, 0(t0)
        rest: piuma.barrier.block
              piuma.ld t2, 0(t0)
              ret""",
    "atomics only": "main: la t0, x\npiuma.amoadd.d t1, t0, (t0)\nret",
    "neighbours in a word": "main: la t0, x\npiuma.tid t1\nslli t2, t1, 2\nadd t0, t0, t2\nsw t1, 0(t0)\nret",
    "queue": """
        main: la t0, x
              piuma.tid t1
              bnez t1, take
              piuma.sd t0, 0(t0)
              piuma.qpush zero, t0
              ret
        take: piuma.qpop t2, zero
              piuma.ld t3, 0(t0)
              ret""",
    "flag by atomics": """
        main: la t0, x
              la t1, y
              piuma.tid t2
              li t3, 1
              bnez t2, wait
              piuma.sd t0, 0(t1)
              piuma.amoadd.d t4, t3, (t0)
              ret
        wait: piuma.amoor.d t4, zero, (t0)
              beqz t4, wait
              piuma.ld t5, 0(t1)
              ret""",
    "spawn and join": """
        main:  piuma.tid t1
               bnez t1, done
               la t0, x
               sd t1, 0(t0)
               la t2, child
               piuma.spawn t3, t2, t0
               piuma.join t3
               piuma.ld t4, 0(t0)
        done:  ret
        child: piuma.ld t0, 0(a0)
               sd a0, 0(a0)
               ret""",
    "transfer awaited": """
        main: la t0, x
              la t1, y
              piuma.tid t2
              bnez t2, done
              li t2, 8
              piuma.dma.copy t3, t1, t0, t2
              piuma.dma.wait t3
              ld t4, 0(t1)
        done: ret""",
}


@pytest.mark.parametrize("name", ORDERED)
def test_ordered(name: str) -> None:
    check(ORDERED[name])


STALE = """
    main: la t0, x
          ld t1, 0(t0)
          piuma.barrier.block
          piuma.tid t2
          bnez t2, rest
          piuma.sd t0, 0(t0)
    rest: piuma.barrier.block
          {invalidate}
          ld t1, 0(t0)
          ret
"""


def test_stale_cached_read() -> None:
    """Ordered, so no race; but the second pipeline's L1 still holds the old line."""
    with pytest.raises(SimulationFault) as caught:
        check(STALE.format(invalidate="nop"))
    assert caught.value.fault.kind is FaultKind.STALE_READ
    assert caught.value.fault.thread == 16


def test_invalidation_makes_it_fresh() -> None:
    check(STALE.format(invalidate="piuma.inv"))
