"""What `--tune` measured, added to a data set: the file is rewritten whole or not at all.

    append_runs(Path("runs.jsonl.gz"), runs, program, ["A.mtx"])

Samples are those of the collectors (`costmodel/sample.py`): text with what analysis says, labels, the machine; `costmodel fit` takes the
file beside others. A sample that the file has already, of the same kernel, schedule and machine, is replaced.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from compiler.arithmetic_kernels import ArithmeticProgram
from compiler.arithmetic_kernels import Run as ArithmeticRun
from compiler.codes import Code
from compiler.diagnostics import CompileError, refusal
from compiler.dialects.machine_spec import numbers_of
from compiler.ir_text import to_text
from compiler.kernels import Program, Run
from compiler.pipelines import new_context
from compiler.targets.arithmetic.target import ArithmeticTarget
from compiler.targets.target import Target
from compiler.tuning.annotate import annotated_candidate
from compiler.tuning.arithmetic import annotated, model_target
from compiler.tuning.arithmetic import canonical_text as canonical_arithmetic_text
from compiler.tuning.describe import canonical_text
from compiler.tuning.schedules import differences
from costmodel import CostModelRefusal
from costmodel.dataset import read_file, write
from costmodel.sample import Sample

FAMILY = "tuned"
COUNTED = ("instructions", "dram_bytes")
"""Labels besides time, where the target counts them."""


def check_data_set(path: Path) -> None:
    """Refuse now what could not be added to later."""
    folder = Path(os.path.realpath(path)).parent
    if path.is_dir() or not os.access(folder, os.W_OK):
        raise _unwritable(path, "it is a folder" if path.is_dir() else "there is no folder that can be written")
    _known(path)


def append_runs(path: Path, runs: Sequence[Run], program: Program, names: Sequence[str]) -> None:
    """The file with the runs; `names` are the operands'."""
    matrix = "+".join(Path(each).name for each in names)
    _append(path, [_sample(run, program, matrix) for run in runs])


def append_arithmetic_runs(path: Path, runs: Sequence[ArithmeticRun], program: ArithmeticProgram) -> None:
    """The file with the runs of an arithmetic kernel, whose sizes are its own."""
    _append(path, [_arithmetic_sample(run, program) for run in runs])


def _append(path: Path, new: Sequence[Sample]) -> None:
    samples = {_key(each): each for each in (*_known(path), *new)}
    try:
        write(Path(os.path.realpath(path)), samples.values())
    except OSError as error:
        raise _unwritable(path, error.strerror or str(error)) from None


def _known(path: Path) -> list[Sample]:
    try:
        return list(read_file(path)) if path.exists() else []
    except CostModelRefusal as error:
        raise refusal(Code.TUNE_DATA, None, str(error).replace(": error: ", ": ", 1).removeprefix("error: ")) from None


def _key(sample: Sample) -> tuple[str, str, str, str]:
    return sample.target, sample.kernel, sample.variant, repr(sorted(sample.config.items()))


def _sample(run: Run, program: Program, matrix: str) -> Sample:
    target = program.target
    read = annotated_candidate(canonical_text(program.kernel, run.schedule, run.data, target.describe()))
    return _measured(run, target, target.name, f"{run.compiled.form.kind}@{matrix}", read)


def _arithmetic_sample(run: ArithmeticRun, program: ArithmeticProgram) -> Sample:
    target, kernel = program.target, program.kernel
    name = f"{kernel.name}@{sha256(to_text(kernel.module).encode()).hexdigest()[:12]}"
    read = annotated(canonical_arithmetic_text(kernel, run.schedule, target.describe()), new_context())
    return _measured(run, target, model_target(target.name), name, read)


def _measured(
    run: Run | ArithmeticRun, on: Target | ArithmeticTarget, expert: str, kernel: str, read: tuple[str, float]
) -> Sample:
    """A run as a line of a data set; `read`: the text with what analysis says of it, and the cost that it says."""
    text, analytical = read
    result, counters = run.result, run.result.counters
    label = "cycles" if result.cycles is not None else "seconds"
    return Sample(
        source=on.name,
        target=expert,
        family=FAMILY,
        kernel=kernel,
        variant=", ".join(differences(run.schedule, type(run.schedule)())) or "default",
        text=text,
        labels={label: result.cost, **{name: counters[name] for name in COUNTED if name in counters}},
        config=dict(numbers_of(on.describe())),
        analytical={label: analytical},
    )


def _unwritable(path: Path, why: str) -> CompileError:
    return refusal(Code.OUTPUT_UNWRITABLE, None, f"cannot write `{path}`: {why}")
