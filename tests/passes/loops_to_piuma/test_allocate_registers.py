"""Loops that carry more than registers hold: what fits is computed, what does not ends in a diagnostic."""

from __future__ import annotations

import numpy as np
import pytest
from machine_code import execute, fresh, lowered
from xdsl.dialects.builtin import ModuleOp, f64

from compiler.codes import Code
from compiler.diagnostics import CompileError
from compiler.passes.loops.build import array
from compiler.passes.loops.values import INDEX


def sums(count: int) -> ModuleOp:
    """`out[s] = x[s] + (0 + s) + (1 + s) + …`, all sums in one loop."""
    module, b = fresh()
    with b.function("main", {"x": array(f64), "out": array(f64), "n": INDEX}) as (x, out, n):
        with b.range(0, n, carry=[b.load(x, s) for s in range(count)]) as loop:
            loop.next(*(total + b.load(x, loop.index + s) for s, total in enumerate(loop.state)))
        for s, total in enumerate(loop.results):
            b.store(total, out, s)
    return module


def test_many_sums_are_spilled() -> None:
    x = np.arange(40.0)
    found = execute(lowered(sums(29)), [x, np.zeros(29), 5])[1][1]
    assert found.tolist() == [x[s] + sum(x[i + s] for i in range(5)) for s in range(29)]


@pytest.mark.parametrize("count", [32, 40])
def test_more_than_registers_pass_at_once(count: int) -> None:
    with pytest.raises(CompileError) as caught:
        lowered(sums(count))
    (found,) = caught.value.diagnostics
    assert found.code is Code.REGISTERS
    assert "a loop of @main carries" in found.message and found.help
