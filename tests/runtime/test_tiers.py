"""The compiled tier equals the oracle: every counter, every byte, every cycle, on random programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from machines import both, disagreements

from runtime.assembly import assemble
from runtime.compiled import LONG_RUN, THOROUGH, Compiled, Often
from runtime.fuzz import random_suite
from runtime.isa import ISA, Spec, Unit
from runtime.jit import lower
from runtime.launch import Launch
from runtime.machine import Machine

SPAD = 8192
MACHINES = (
    Machine(blocks=1, spad_bytes=SPAD),
    Machine(blocks=2, spad_bytes=SPAD, threads=4, dram_bytes_per_cycle=3.2),
    Machine(blocks=3, spad_bytes=SPAD, threads=2, pipelines=2, dma_depth=2, queue_entries=2, dma_window=4),
    Machine(
        blocks=1, spad_bytes=SPAD, threads=8, pipeline_depth=1, fp_latency=20, mul_latency=7, dma_start=1, dma_beat=1, spad_latency=1,
        queue_latency=600, barrier_latency=700,
    ),
    # More than 64 columns in the scheduler's wheel; then a pipeline whose mask of threads fills a word.
    Machine(
        blocks=16, spad_bytes=SPAD, threads=1, pipelines=3, single_pipelines=1, l1_bytes=512, socket_latency=800,
        posted_window=0,
    ),
    Machine(blocks=1, spad_bytes=SPAD, threads=64, pipelines=1),
)  # fmt: skip
SUITE = 14


def _launches(seeds: range, machine: Machine) -> list[Launch]:
    counts = [None, 1, 2, min(5, machine.block_threads)]
    singles = [0, 1, machine.single_pipelines]
    return [
        Launch(f"p{i}", min(counts[i % 4] or machine.block_threads, machine.block_threads), singles[i % 3])
        for i in seeds
    ]


@pytest.mark.parametrize("first", range(0, SUITE * len(MACHINES), SUITE))
def test_random_programs(first: int) -> None:
    machine = MACHINES[first // SUITE % len(MACHINES)]
    _check(range(first, first + SUITE), machine, level=0)


def test_random_programs_optimised() -> None:
    _check(range(1000, 1004), MACHINES[1], level=THOROUGH)


@pytest.mark.parametrize("rare", [1 << 40, 8])
def test_a_long_run_goes_on_in_better_code(monkeypatch: pytest.MonkeyPatch, rare: int) -> None:
    """All of it better, or only what is called often."""
    monkeypatch.setattr("runtime.compiled.LONG_RUN", 1)
    monkeypatch.setattr("runtime.compiled.RARE", rare)
    kept: list[Sequence[str]] = []

    def keep(made_from: Sequence[str], make: Callable[[], bytes]) -> bytes:
        kept.append(made_from)
        return make()

    program, how = assemble(random_suite(range(1000, 1001))), Launch("p1000")
    compiled = Compiled(program, MACHINES[1], how, keep=keep)
    assert disagreements(*both(program, compiled, how, stops=(50, 300))) == []
    assert kept
    assert disagreements(*both(program, compiled, how, stops=(50, 300))) == []


def test_what_is_called_often() -> None:
    often = Often(3)
    often_called = np.array([LONG_RUN, LONG_RUN // 600, 0], np.int64)
    assert not often.changes(often_called // 2)
    assert often.changes(often_called)
    assert often.pieces == {0}
    assert not often.changes(9 * often_called), "they are known"
    assert often.changes(9 * often_called + np.array([0, 0, 9 * LONG_RUN]))
    assert often.pieces == {0, 2}


def _check(seeds: range, machine: Machine, level: int) -> None:
    program = assemble(random_suite(seeds))
    launches = _launches(seeds, machine)
    compiled = Compiled(program, machine, *launches, level=level)
    for how in launches:
        assert disagreements(*both(program, compiled, how)) == [], how


def test_the_comparison_sees_a_wrong_instruction(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(lower.LOWERINGS, "add", lower.LOWERINGS["sub"])
    program = assemble("main: li a0, 1\nadd a1, a0, a0\npiuma.halt")
    how = Launch(threads=1)
    assert disagreements(*both(program, Compiled(program, MACHINES[0], how, level=0), how)) == ["regs"]


def test_the_comparison_sees_a_wrong_cycle() -> None:
    program = assemble("main: li a0, 1\nmul a1, a0, a0\npiuma.halt")
    how = Launch(threads=1)
    slow = replace(MACHINES[0], mul_latency=5)
    oracle, _ = both(program, Compiled(program, MACHINES[0], how, level=0), how)
    _, fast = both(program, Compiled(program, slow, how, level=0), how)
    assert "ended" in disagreements(oracle, fast)


INTEGERS = (0, 1, -1, 2, 63, 64, 1 << 31, -(1 << 31), (1 << 32) + 5, (1 << 63) - 1, -(1 << 63), -7)
DOUBLES = (0.0, -0.0, 1.0, -1.5, 0.1, 3e9, -3e9, 1e19, 1e300, 1e-310, float("inf"), -float("inf"), float("nan"))
SINGLES = (*DOUBLES[:6], -3e9, 3e38, 1e-44, *DOUBLES[-3:])
_BOXED = np.array(SINGLES, np.float32).view(np.uint32).astype(np.uint64) | np.uint64(0xFFFFFFFF00000000)
OPERANDS = {
    "integer": list(INTEGERS),
    "double": np.array(DOUBLES).view(np.int64).tolist(),
    "single": [*_BOXED.view(np.int64).tolist(), 5],
}


def _operand_kind(spec: Spec) -> str:
    if spec.mnemonic.endswith((".s", ".s.d")) or "fcvt.s" in spec.mnemonic or ".x.w" in spec.mnemonic:
        return "single"
    return "double" if "f1" in spec.fields else "integer"


@pytest.mark.parametrize("kind", OPERANDS)
def test_every_register_operation_on_awkward_operands(kind: str) -> None:
    """Each operation on every pair of a set of values; a third operand rotates through them."""
    program = assemble(_sweep(OPERANDS[kind], kind))
    how = Launch(threads=1)
    compiled = Compiled(program, MACHINES[0], how, level=0)
    assert disagreements(*both(program, compiled, how)) == []


def _sweep(values: list[int], kind: str) -> str:
    """Loops over all pairs and folds every result into a checksum that ends in memory."""
    operations: list[str] = []
    for spec in ISA.values():
        usable = spec.unit.is_local and spec.unit is not Unit.BRANCH and "sym" not in spec.fields
        if usable and (
            _operand_kind(spec) == kind or (kind != "integer" and "x1" in spec.fields and "fd" in spec.fields)
        ):
            operations += _operation(spec.mnemonic, spec.syntax, spec.fields)
    n = len(values)
    return f"""
    main:   la s0, values
            la s1, sums
            li s2, 0
    outer:  li s3, 0
    inner:  sh3add t0, s2, s0
            ld a1, 0(t0)
            sh3add t1, s3, s0
            ld a2, 0(t1)
            fld fa1, 0(t0)
            fld fa2, 0(t1)
            add t2, s2, s3
            li t3, {n}
            remu t2, t2, t3
            sh3add t2, t2, s0
            fld fa3, 0(t2)
            mv s4, s1
            {chr(10).join(operations)}
            addi s3, s3, 1
            blt s3, t3, inner
            addi s2, s2, 1
            blt s2, t3, outer
            piuma.halt
    .data
    values: .dword {", ".join(map(str, values))}
    sums:   .zero 4096
    """


def _operation(mnemonic: str, syntax: str, fields: tuple[str, ...]) -> list[str]:
    names = {"xd": "a0", "fd": "fa0", "x1": "a1", "x2": "a2", "f1": "fa1", "f2": "fa2", "f3": "fa3"}
    names |= {"i12": "-1234", "u5": "13", "u6": "45", "u20": "0xfedcb", "i64": "-77"}
    text = syntax
    for name in fields:
        text = text.replace(name, names[name], 1)
    keep = ["fmv.x.d a0, fa0"] if "fd" in fields else []
    fold = ["ld t4, 0(s4)", "rol t4, t4, s3", "xor t4, t4, a0", "addi t4, t4, 3", "sd t4, 0(s4)", "addi s4, s4, 8"]
    return [f"{mnemonic} {text}", *keep, *fold]
