"""Loops on the machine: what is selected, allocated and printed computes what the loops say."""

from __future__ import annotations

import numpy as np
import pytest
from machine_code import execute, fresh, lowered
from xdsl.dialects.builtin import f64, i1, i32, i64

from compiler.passes.loops.build import array
from compiler.passes.loops.values import INDEX, Value


def test_a_sum_takes_four_instructions_for_an_element() -> None:
    module, b = fresh()
    with b.function("main", {"x": array(f64), "out": array(f64), "n": INDEX}) as (x, out, n):
        with b.range(0, n, carry=(b.constant(0, f64),)) as loop:
            (total,) = loop.state
            loop.next(total + b.load(x, loop.index))
        b.store(loop.results[0], out, 0)
    text = lowered(module)
    outcome, (_, out_now) = execute(text, [np.arange(10.0), np.zeros(1), 10])
    assert out_now[0] == 45.0
    assert outcome.counters.instructions <= 10 * 5 + 12
    assert execute(text, [np.arange(1.0), np.full(1, 7.0), 0])[1][1][0] == 0.0


def test_a_probe_loop_has_one_way_round() -> None:
    """A loop whose decision hangs on an `if`: the branches decide themselves."""
    module, b = fresh()
    parameters = {"table": array(i64), "keys": array(i64), "n": INDEX, "mask": i64}
    with b.function("main", parameters) as (table, keys, n, mask), b.range(0, n) as loop:
        key = b.load(keys, loop.index)
        with b.loop(key & mask) as probe:
            (slot,) = probe.state
            tag = b.load(table, slot)
            with b.if_(tag.eq(key)) as hit:
                hit.gives(b.constant(0, i1), slot)
            with hit.otherwise():
                with b.if_(tag.eq(0)) as free:
                    old = b.compare_swap(table, slot, 0, key)
                    free.gives(old.ne(0) & old.ne(key), (slot + 1) & mask)
                with free.otherwise():
                    free.gives(b.constant(1, i1), (slot + 1) & mask)
                hit.gives(*free.results)
            probe.again_while(*hit.results)
    keys = np.array([1, 9, 17, 9, 2, 1, 25], np.int64)
    text = lowered(module)
    _, (table, _) = execute(text, [np.zeros(8, np.int64), keys, len(keys), 7])
    assert sorted(table[table != 0]) == [1, 2, 9, 17, 25]
    assert "slt" not in text, "no flag is kept in a register"


def test_more_values_than_registers_go_to_the_scratchpad() -> None:
    module, b = fresh()
    with b.function("main", {"x": array(i64), "out": array(i64), "n": INDEX}) as (x, out, n):
        values = [b.load(x, i) for i in range(40)]
        with b.range(0, n, carry=(b.constant(0, i64),)) as loop:
            (total,) = loop.state
            for each in values:
                total = total * 3 + each
            loop.next(total)
        b.store(loop.results[0], out, 0)
    text = lowered(module)
    assert "(sp)" in text
    x = np.arange(40, dtype=np.int64) * 7 - 50
    expected = 0
    for _ in range(3):
        for each in x:
            expected = (expected * 3 + int(each)) % 2**64
    for threads in (1, 4):
        _, (_, out_now) = execute(text, [x, np.zeros(1, np.int64), 3], threads=threads)
        assert int(out_now[0]) % 2**64 == expected


def test_values_that_change_places() -> None:
    module, b = fresh()
    with b.function("main", {"out": array(i64), "n": INDEX}) as (out, n):
        start = (b.constant(1, i64), b.constant(2, i64), b.constant(3, i64))
        with b.range(0, n, carry=start) as loop:
            x, y, z = loop.state
            loop.next(y, z, x)
        for position, value in enumerate(loop.results):
            b.store(value, out, position)
    text = lowered(module)
    for count in range(4):
        _, (out_now,) = execute(text, [np.zeros(3, np.int64), count])
        assert out_now.tolist() == [*[1, 2, 3][count % 3 :], *[1, 2, 3][: count % 3]]


@pytest.mark.parametrize("value", [-5, 0, 3, 2**31 - 1, -(2**31)])
def test_words_stay_signed(value: int) -> None:
    module, b = fresh()
    with b.function("main", {"x": array(i32), "out": array(i64)}) as (x, out):
        v = b.load(x, 0)
        results: list[Value] = [
            (v + 1).to(i64),
            (v * 3).to(i64),
            v.unsigned_to(i64),
            (v >> 4).to(i64),
            v.shift_right_signed(4).to(i64),
            (v < 2).unsigned_to(i64),
            v.ult(2).unsigned_to(i64),
            v.minimum(1).to(i64),
            (v < 0).select(v.like(10), v.like(20)).to(i64),
            (v.eq(3) | (v > 100)).unsigned_to(i64),
        ]
        for position, each in enumerate(results):
            b.store(each, out, position)

    def wrap(n: int) -> int:
        return (n + 2**31) % 2**32 - 2**31

    low = value % 2**32
    expected = [
        *(wrap(value + 1), wrap(value * 3), low, wrap(low >> 4), value >> 4, int(value < 2), int(low < 2)),
        *(min(value, 1), 10 if value < 0 else 20, int(value == 3 or value > 100)),
    ]
    _, (_, out_now) = execute(lowered(module), [np.array([value], np.int32), np.zeros(len(expected), np.int64)])
    assert out_now.tolist() == expected


def test_a_loop_with_its_condition_at_the_top() -> None:
    module, b = fresh()
    with b.function("main", {"out": array(i64), "a": i64, "c": i64}) as (out, first, second):
        with b.loop(first, second) as loop:
            x, y = loop.state
            loop.while_(y.ne(0))
            x, y = loop.state
            loop.next(y, x % y)
        b.store(loop.results[0], out, 0)
    assert execute(lowered(module), [np.zeros(1, np.int64), 48, 36])[1][0][0] == 12


def test_the_bits_of_a_word_are_listed_in_six_instructions_each() -> None:
    """A bit is cleared by one instruction, and the list's end is a pointer that moves."""
    module, b = fresh()
    with b.function("main", {"out": array(i64), "ends": array(INDEX), "word": i64}) as (out, ends, word):
        with b.loop(word, out) as loop:
            bits, tail = loop.state
            lowest = bits.trailing_zeros()
            b.store(lowest, tail, 0)
            rest = bits & ~(b.constant(1, i64) << lowest)
            loop.again_while(rest.ne(0), rest, b.view(tail, 1))
        b.store(b.address(loop.results[1]) - b.address(out), ends, 0)
    text = lowered(module)
    assert "bclr" in text
    word = -(1 << 63) | 1 << 40 | 1 << 7 | 1
    outcome, (found, length) = execute(text, [np.zeros(8, np.int64), np.zeros(1, np.int64), word])[:2]
    assert found.tolist()[:4] == [0, 7, 40, 63] and length[0] == 32
    assert outcome.counters.instructions <= 4 * 6 + 10


def test_threads_divide_the_work() -> None:
    module, b = fresh()
    with b.function("main", {"x": array(f64), "sum": array(f64), "n": INDEX}) as (x, total, n):
        with b.range(b.rank("thread"), n, b.rank("threads")) as loop:
            b.reduce("fadd", total, 0, b.load(x, loop.index))
        b.fence()
        b.barrier()
    _, (_, total_now) = execute(lowered(module), [np.ones(100), np.zeros(1), 100], threads=7)
    assert total_now[0] == 100.0
