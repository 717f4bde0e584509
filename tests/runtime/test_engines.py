"""What the engines compute: transfers against NumPy, queues, collectives, threads."""

from __future__ import annotations

import numpy as np
import pytest
from machines import read, run

from runtime.assembly import assemble
from runtime.launch import Launch
from runtime.machine import Machine
from runtime.memory import Memory
from runtime.simulate import Tier, simulate

N = 37
RNG = np.random.default_rng(7)
TABLE = RNG.uniform(1, 2, 64)
SOURCE = RNG.uniform(1, 2, N)
PICKS = RNG.permutation(64)[:N]
REPEATS = RNG.integers(0, 64, N)


def transfer(mnemonic: str, operands: str, indices: np.ndarray, index: int = 4, tier: Tier = Tier.ORACLE) -> np.ndarray:
    """Run one transfer: a0 = table, a1 = indices, a2 = source, a3 = N, fa0 = 3.0; the table afterwards."""
    text = f"""
    main: li t0, 3
          fcvt.d.l fa0, t0
          {mnemonic} t1, {operands}
          piuma.dma.wait t1
          piuma.halt
    """
    memory = Memory(Machine(blocks=1), 1 << 16)
    arrays = (TABLE, indices.astype(np.int32 if index == 4 else np.int64), SOURCE)
    places = tuple(memory.place(a) for a in arrays)
    simulate(assemble(text), memory, Launch(threads=1, arguments=(*places, N)), tier=tier)
    return memory.array(places[0], np.float64, 64).copy()


@pytest.mark.parametrize("index", [4, 8])
@pytest.mark.parametrize("tier", Tier)
def test_scatter(index: int, tier: Tier) -> None:
    expected = TABLE.copy()
    expected[PICKS] = SOURCE
    found = transfer(f"piuma.dma.scatter.d.i{index}", "a0, a1, a2, a3", PICKS, index, tier)
    assert np.array_equal(found, expected)


def test_gather() -> None:
    found = transfer("piuma.dma.gather.d.i4", "a0, a2, a1, a3", PICKS % N)
    assert np.array_equal(found[:N], SOURCE[PICKS % N])


def test_copy_and_init() -> None:
    found = transfer("li a3, 296\n          piuma.dma.copy", "a0, a2, a3", PICKS)
    assert np.array_equal(found[:N], SOURCE)
    assert np.array_equal(found[N:], TABLE[N:])
    filled = transfer("fmv.x.d a4, fa0\n          piuma.dma.init.d", "a0, a4, a3", PICKS)
    assert np.array_equal(filled[:N], np.full(N, 3.0))


def test_strided() -> None:
    found = transfer("li a4, 16\n          li a5, 8\n          li a3, 20\n          piuma.dma.strided.d",
                     "a0, a2, a3, a4, a5", PICKS)  # fmt: skip
    expected = TABLE.copy()
    expected[0:40:2] = SOURCE[:20]
    assert np.array_equal(found, expected)


@pytest.mark.parametrize("tier", Tier)
def test_scaled_scatter_add_with_repeated_indices(tier: Tier) -> None:
    expected = TABLE.copy()
    for i, value in zip(REPEATS, SOURCE, strict=True):
        expected[i] += 3.0 * value
    found = transfer("piuma.dma.scaled.plustimes.i4", "a0, a1, a2, a3, fa0", REPEATS, tier=tier)
    assert np.array_equal(found, expected)


def test_scaled_minimum() -> None:
    expected = TABLE.copy()
    np.minimum.at(expected, REPEATS, 3.0 + SOURCE)
    assert np.array_equal(transfer("piuma.dma.scaled.minplus.i4", "a0, a1, a2, a3, fa0", REPEATS), expected)


def test_scaled_counts_and_ors() -> None:
    counted = transfer("piuma.dma.scaled.pluspair.i4", "a0, a1, a2, a3, fa0", REPEATS).view(np.int64)
    assert np.array_equal(counted, TABLE.view(np.int64) + np.bincount(REPEATS, minlength=64))
    ored = transfer("piuma.dma.scaled.or.i4", "a0, a1, a2, a3, fa0", REPEATS).view(np.int64)
    expected = TABLE.view(np.int64).copy()
    np.bitwise_or.at(expected, REPEATS, SOURCE.view(np.int64))
    assert np.array_equal(ored, expected)


def test_setbits() -> None:
    found = transfer("piuma.dma.setbits.i4", "a0, a1, a3", PICKS).view(np.uint8)
    bits = np.unpackbits(found, bitorder="little")
    assert bits[PICKS].all()
    assert np.array_equal(
        np.delete(bits, PICKS), np.delete(np.unpackbits(TABLE.view(np.uint8), bitorder="little"), PICKS)
    )


@pytest.mark.parametrize("tier", Tier)
def test_reductions_give_everyone_the_same(tier: Tier) -> None:
    text = """
    main: piuma.tid t0
          addi t1, t0, 1
          fcvt.d.l fa0, t1
          piuma.reduce.add.block t2, t1
          piuma.reduce.max.all t3, t1
          piuma.reduce.fadd.all fa1, fa0
          piuma.reduce.min.all t4, t0
          la t5, out
          slli t6, t0, 5
          add t5, t5, t6
          sd t2, 0(t5)
          sd t3, 8(t5)
          fsd fa1, 16(t5)
          sd t4, 24(t5)
          ret
    .data
    out: .zero 512
    """
    machine = Machine(blocks=2, spad_bytes=8192)
    outcome = run(text, Launch(threads=8), machine, tier)
    rows = np.array(read(outcome, text, "out", "int64", 64)).reshape(16, 4)
    assert rows[:, 0].tolist() == [sum(range(1, 9))] * 8 + [sum(range(9, 17))] * 8
    assert (rows[:, 1] == 16).all()
    assert (rows[:, 2].copy().view(np.float64) == sum(range(1, 17))).all()
    assert (rows[:, 3] == 0).all()


@pytest.mark.parametrize("tier", Tier)
def test_a_queue_keeps_order_and_blocks_both_sides(tier: Tier) -> None:
    """One producer, one consumer, ten entries through a queue of two; the consumer is slow."""
    text = """
    main:     piuma.tid t0
              li t1, 10
              bnez t0, consumer
    producer: piuma.qpush zero, t1
              addi t1, t1, -1
              bnez t1, producer
              ret
    consumer: la t2, out
    next:     li t4, 1000
              div t4, t4, t4
              piuma.qpop t3, zero
              sd t3, 0(t2)
              addi t2, t2, 8
              addi t1, t1, -1
              bnez t1, next
              piuma.qtrypop t3, zero
              sd t3, 0(t2)
              ret
    .data
    out: .zero 128
    """
    machine = Machine(blocks=1, queue_entries=2)
    outcome = run(text, Launch(threads=2), machine, tier)
    assert read(outcome, text, "out", count=11) == [10, 9, 8, 7, 6, 5, 4, 3, 2, 1, -1]


@pytest.mark.parametrize("tier", Tier)
def test_spawn_fills_the_idle_slots_and_then_says_no(tier: Tier) -> None:
    text = """
    main:  la t0, child
           la s0, out
           li s1, 5
           li s2, 0
    more:  piuma.spawn t1, t0, s0
           bltz t1, full
           addi s2, s2, 1
    full:  addi s1, s1, -1
           bnez s1, more
           sd s2, 8(s0)
           piuma.barrier.block
           ld t2, 0(s0)
           sd t2, 16(s0)
           ret
    child: li t0, 1
           piuma.redadd.d t0, (a0)
           piuma.fence
           piuma.barrier.block
           ret
    .data
    out: .zero 64
    """
    machine = Machine(blocks=1, pipelines=2, threads=2)
    outcome = run(text, Launch(threads=1), machine, tier)
    assert read(outcome, text, "out", count=3) == [3, 3, 3]


def test_barrier_counts_only_the_living() -> None:
    text = "main: piuma.tid t0\nandi t0, t0, 1\nbeqz t0, out\npiuma.barrier.all\nout: ret"
    assert run(text).counters.collectives == 1


def test_entry_arguments_and_ranks() -> None:
    text = """
    main: piuma.tid t0
          slli t1, t0, 6
          la t2, out
          add t1, t1, t2
          sd a0, 0(t1)
          sd a1, 8(t1)
          piuma.ntid t3
          sd t3, 16(t1)
          piuma.btid t3
          sd t3, 24(t1)
          piuma.nbtid t3
          sd t3, 32(t1)
          piuma.block t3
          sd t3, 40(t1)
          piuma.nblocks t3
          sd t3, 48(t1)
          ret
    .data
    out: .zero 4096
    """
    how = Launch(threads=2, singles=1, blocks=2, arguments=(11, -22))
    outcome = run(text, how, Machine(blocks=3, spad_bytes=8192))
    rows = np.array(read(outcome, text, "out", count=48)).reshape(6, 8)[:, :7]
    assert rows.tolist() == [[11, -22, 6, rank % 3, 3, rank // 3, 3] for rank in range(6)]
