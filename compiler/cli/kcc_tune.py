"""What `--tune` measured, added to a data set: the file is rewritten whole or not at all.

    append_runs(Path("runs.jsonl.gz"), runs, program, ["A.mtx"])

Samples are those of the collectors (`costmodel/sample.py`): text with what analysis says, labels, the machine; `costmodel fit` takes the
file beside others. A sample that the file has already, of the same kernel, schedule and machine, is replaced.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from compiler.codes import Code
from compiler.diagnostics import CompileError, refusal
from compiler.dialects.machine_spec import numbers_of
from compiler.kernels import Program, Run
from compiler.tuning.annotate import annotated_candidate
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
    samples = {_key(each): each for each in (*_known(path), *(_sample(run, program, matrix) for run in runs))}
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


def _unwritable(path: Path, why: str) -> CompileError:
    return refusal(Code.OUTPUT_UNWRITABLE, None, f"cannot write `{path}`: {why}")
