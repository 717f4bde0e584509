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
from compiler.tuning.annotate import annotated_candidate
from compiler.tuning.arithmetic import annotated, model_target
from compiler.tuning.arithmetic import canonical_text as canonical_arithmetic_text
from compiler.tuning.describe import canonical_text
from compiler.tuning.schedules import differences
from costmodel import CostModelRefusal
from costmodel.dataset import read_file, write
from costmodel.sample import Sample

FAMILY = "tuned"


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
    target, result = program.target, run.result
    machine = target.describe()
    text, analytical = annotated_candidate(canonical_text(program.kernel, run.schedule, run.data, machine))
    label = "cycles" if result.cycles is not None else "seconds"
    counted = {name: result.counters[name] for name in ("instructions", "dram_bytes") if name in result.counters}
    return Sample(
        source=target.name,
        target=target.name,
        family=FAMILY,
        kernel=f"{run.compiled.form.kind}@{matrix}",
        variant=", ".join(differences(run.schedule, type(run.schedule)())) or "default",
        text=text,
        labels={label: result.cost, **counted},
        config=dict(numbers_of(machine)),
        analytical={label: analytical},
    )


def _arithmetic_sample(run: ArithmeticRun, program: ArithmeticProgram) -> Sample:
    target, result = program.target, run.result
    machine = target.describe()
    text, analytical = annotated(canonical_arithmetic_text(program.kernel, run.schedule, machine), new_context())
    label, cost = ("cycles", result.cycles) if result.cycles is not None else ("seconds", result.seconds)
    counted = {name: result.counters[name] for name in ("instructions", "dram_bytes") if name in result.counters}
    return Sample(
        source=target.name,
        target=model_target(target.name),
        family=FAMILY,
        kernel=f"{program.kernel.name}@{sha256(to_text(program.kernel.module).encode()).hexdigest()[:12]}",
        variant=", ".join(differences(run.schedule, type(run.schedule)())) or "default",
        text=text,
        labels={label: float(cost or 0), **counted},
        config=dict(numbers_of(machine)),
        analytical={label: analytical},
    )


def _unwritable(path: Path, why: str) -> CompileError:
    return refusal(Code.OUTPUT_UNWRITABLE, None, f"cannot write `{path}`: {why}")
