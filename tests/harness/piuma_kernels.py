"""Sparse kernels compiled for the machine by a schedule, run on its simulator, and compared with the plain reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from compiler.dialects.schedules.attribute import ScheduleAttr
from compiler.dialects.schedules.piuma import PiumaSchedule
from compiler.dialects.spgemm import kernels_of
from compiler.dialects.spgemm_kernel import KernelForm
from compiler.ir_text import from_text
from compiler.pipelines import new_context, run
from compiler.targets.operands import Operands
from compiler.targets.piuma import Piuma
from compiler.targets.target import Compiled, Result
from runtime import reference
from runtime.machine import Machine
from runtime.sparse.containers import Csr

SMALL = Piuma(Machine(blocks=1, pipelines=2, threads=4))
"""Eight threads."""


def product_text(element: str = "f64", index: str = "i32", semiring: str = "") -> str:
    """A module with one product."""
    kind = f"!spgemm.matrix<csr, ?x?x{element}, {index}>"
    clause = f" semiring({semiring})" if semiring else ""
    return f"""
func.func @product(%a: {kind}, %b: {kind}) -> {kind} {{
  %c = spgemm.spgemm %a, %b{clause} : {kind}, {kind} -> {kind}
  func.return %c : {kind}
}}
"""


def compiled(text: str, schedule: PiumaSchedule, target: Piuma = SMALL) -> Compiled:
    """Lower a kernel by a schedule; the IR is verified after every pass."""
    module = from_text(text, "kernel.mlir", new_context())
    (kernel,) = kernels_of(module)
    form = KernelForm.of(kernel)
    fitted = replace(
        schedule, threads=min(schedule.threads, target.machine.block_threads), blocks=target.machine.blocks
    )
    objection = target.legal(fitted, form, None)
    assert objection is None, objection
    kernel.properties["schedule"] = ScheduleAttr(fitted)
    run(target.passes(), new_context(), module, verify=True)
    return Compiled(form, fitted, module, target.emit(module))


def computed(kernel: Compiled, operands: Sequence[Any], target: Piuma = SMALL) -> Result:
    """Run a compiled kernel."""
    return target.run(kernel, Operands.of(kernel.form, operands), lambda _: None)


def assert_equal(found: Csr | Any, expected: Csr, tolerance: float = 1e-12) -> None:
    """The same pattern exactly, values to a relative tolerance."""
    assert np.array_equal(found.row_pointers, expected.row_pointers)
    assert np.array_equal(found.indices, expected.indices)
    assert np.allclose(found.values, expected.values, rtol=tolerance, atol=0)


def check(kernel: Compiled, a: Csr, b: Csr, target: Piuma = SMALL) -> Result:
    """Run a product and compare."""
    result = computed(kernel, [a, b], target)
    assert_equal(result.matrix, reference.spgemm(a, b))
    return result
