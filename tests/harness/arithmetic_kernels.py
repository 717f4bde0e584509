"""Arithmetic kernels on every target, held against the reference interpreter bit for bit."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from compiler.dialects.schedules.arithmetic import ArithmeticSchedule
from compiler.frontends.kernel.arithmetic import ArithmeticKernel, arithmetic_in
from compiler.interpreter.evaluate import checked_operands, evaluate
from compiler.ir_text import from_text
from compiler.pipelines import new_context
from compiler.targets.arithmetic.native import ArithmeticCpu, ArithmeticRust
from compiler.targets.arithmetic.piuma import ArithmeticPiuma
from compiler.targets.arithmetic.target import ArithmeticTarget, Compiled, Result, compiled_for

Array = NDArray[Any]
TARGETS: dict[str, ArithmeticTarget] = {
    "cpu": ArithmeticCpu(2),
    "rust": ArithmeticRust(),
    "piuma": ArithmeticPiuma(),
}
NEEDS = {"cpu": "cc", "rust": "rustc"}
EACH = [
    pytest.param(name, marks=pytest.mark.skipif(name in NEEDS and not shutil.which(NEEDS[name]), reason="no compiler"))
    for name in TARGETS
]
"""Targets by name, for `parametrize`; those whose compiler is missing are skipped, visibly."""


@cache
def kernel(text: str) -> ArithmeticKernel:
    return arithmetic_in(from_text(text, "k.mlir", new_context()), "k.mlir")


@cache
def compiled(text: str, target: str, schedule: ArithmeticSchedule | None = None) -> Compiled:
    machine = TARGETS[target]
    return compiled_for(machine, kernel(text), schedule or machine.default())


def run(text: str, target: str, *operands: Array | int, schedule: ArithmeticSchedule | None = None) -> Result:
    """The kernel's results on a target."""
    held = checked_operands(kernel(text).function, operands)
    return TARGETS[target].run(compiled(text, target, schedule), held, lambda _: None)


def agrees(text: str, target: str, *operands: Array | int, schedule: ArithmeticSchedule | None = None) -> Result:
    """Run, and hold every result against the interpreter's, bit for bit."""
    found = run(text, target, *operands, schedule=schedule)
    expected = evaluate(kernel(text).module, kernel(text).name, *operands)
    for at, (one, other) in enumerate(zip(found.tensors, expected, strict=True)):
        assert one.shape == other.shape, f"result {at}"
        wrong = np.flatnonzero(bits(one) != bits(other))
        assert not wrong.size, f"result {at}, element {wrong[0]}: {one.flat[wrong[0]]!r}, not {other.flat[wrong[0]]!r}"
    return found


def bits(x: Array) -> NDArray[np.int64]:
    """The bits of a tensor's elements; all NaNs are one."""
    if x.dtype != np.float64:
        return x.reshape(-1).astype(np.int64)
    return np.where(np.isnan(x), np.nan, x).reshape(-1).view(np.int64)


def one_op(op: str, kinds: Sequence[str]) -> str:
    """A kernel of one op, whose operands are %0, %1, …; the last type is the result's."""
    return several([(op, kinds)])


def several(ops: Sequence[tuple[str, Sequence[str]]]) -> str:
    """A kernel of ops that do not know each other; in the text of each, its operands are %0, %1, …"""
    parameters: list[str] = []
    lines: list[str] = []
    for at, (op, kinds) in enumerate(ops):
        first = len(parameters)
        for number in reversed(range(len(kinds) - 1)):
            op = op.replace(f"%{number}", f"%p{first + number}")
        parameters += [f"%p{first + number}: {kind}" for number, kind in enumerate(kinds[:-1])]
        lines.append(f"  %v{at} = {op} : {', '.join(kinds[:-1])} -> {kinds[-1]}")
    results = [kinds[-1] for _, kinds in ops]
    names = ", ".join(f"%v{at}" for at in range(len(ops)))
    head = f"func.func @kernel({', '.join(parameters)}) -> ({', '.join(results)}) {{"
    return "\n".join([head, *lines, f"  func.return {names} : {', '.join(results)}", "}", ""])
