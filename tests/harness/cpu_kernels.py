"""Sparse kernels compiled for this computer by a schedule, run, and compared with the plain reference."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from compiler.dialects.schedules.attribute import ScheduleAttr
from compiler.dialects.schedules.schedule import Schedule
from compiler.dialects.spgemm import kernels_of
from compiler.dialects.spgemm_kernel import KernelForm
from compiler.ir_text import from_text
from compiler.pipelines import new_context, run
from compiler.targets.cpu import Cpu
from compiler.targets.operands import Operands
from compiler.targets.target import Compiled, Result, Target
from runtime.sparse.containers import Csr

needs_cc = pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")
HERE = Cpu(threads=2)


def compiled(text: str, schedule: Schedule, target: Target = HERE) -> Compiled:
    """Lower a kernel by a schedule; the IR is verified after every pass."""
    module = from_text(text, "kernel.mlir", new_context())
    (kernel,) = kernels_of(module)
    form = KernelForm.of(kernel)
    objection = target.legal(schedule, form, None)
    assert objection is None, objection
    kernel.properties["schedule"] = ScheduleAttr(schedule)
    run(target.passes(), new_context(), module, verify=True)
    return Compiled(form, schedule, module, target.emit(module))


def computed(kernel: Compiled, operands: Sequence[Any], target: Target = HERE) -> Result:
    """Run a compiled kernel twice, the second time in a workspace that has been used."""
    given = Operands.of(kernel.form, operands)
    target.run(kernel, given, lambda _: None)
    return target.run(kernel, given, lambda _: None)


def assert_equal(found: Csr | Any, expected: Csr, tolerance: float = 1e-12) -> None:
    """The same pattern exactly, values to a relative tolerance."""
    assert np.array_equal(found.row_pointers, expected.row_pointers)
    assert np.array_equal(found.indices, expected.indices)
    assert np.allclose(found.values, expected.values, rtol=tolerance, atol=0)
