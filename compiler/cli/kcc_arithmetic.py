"""`kcc` on an arithmetic kernel: the same options, with arrays for matrices.

    kcc gemv.mlir --run x.npy w.npy --verify            in the order of the operands
    kcc gemv.mlir --run operands.npz -o y.npy           by their names
    kcc lorenz.mlir --target cpu --generate random:1 0 100

An operand of type index is given as a number. `--generate random:SEED` fills the tensors: integers of the whole range, floats of a normal
distribution, rounded to what the type holds.
"""

from __future__ import annotations

import json
import os
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import IndexType, ModuleOp
from xdsl.ir import SSAValue

from compiler.arithmetic_kernels import ArithmeticProgram, Run, target_of, verify
from compiler.cli.files import FileTexts, replace_file, write_output
from compiler.cli.kcc_cost import arithmetic_cost_named
from compiler.cli.kcc_report import tuning_table
from compiler.cli.kcc_tune import append_arithmetic_runs, check_data_set
from compiler.cli.progress import Progress
from compiler.codes import Code
from compiler.diagnostics import CompileError, Span, refusal
from compiler.dialects.qarith_ops import text
from compiler.dialects.schedules.arithmetic import set_schedule
from compiler.dialects.schedules.mechanism import value_text
from compiler.frontends.kernel.arithmetic import ArithmeticKernel, arithmetic_in
from compiler.ir_text import to_text
from compiler.source_text import reason
from compiler.targets import memory
from compiler.targets.arithmetic.arrays import random_tensor
from compiler.targets.names import Emits
from compiler.tuning.schedules import PLACE, parse_over, short_name
from runtime.machine import Machine

Array = NDArray[Any]


def command(
    arguments: Namespace, module: ModuleOp, file: str, machine: Machine, sources: FileTexts, progress: Progress
) -> None:
    """All of the command but reading the text."""
    if arguments.trace or arguments.plot:
        raise refusal(Code.KERNEL_FORM, None, "--trace and --plot show runs of sparse kernels, this one is of tensors")
    program = _program(arguments, arithmetic_in(module, file), machine, sources)
    runs = bool(arguments.run or arguments.generate) and not arguments.emit
    if arguments.tune_data:
        check_data_set(Path(arguments.tune_data))
    if runs and arguments.output:
        _check_output(arguments.output, program.kernel)
    shown = _run(arguments, program, progress) if runs else _shown(arguments, program)
    write_output(None if runs else arguments.output, shown)


def _program(arguments: Namespace, kernel: ArithmeticKernel, machine: Machine, sources: FileTexts) -> ArithmeticProgram:
    target = target_of(arguments.target, machine)
    schedule = place = None
    if arguments.schedule is not None:
        place = Span(PLACE, 1, 1, len(arguments.schedule))
        sources.hold(PLACE, arguments.schedule)
        schedule = parse_over(arguments.schedule, target.name, target.default(), target.named())
    program = ArithmeticProgram(kernel, target, schedule, schedule_place=place)
    program.print_after, program.show = arguments.print_after, _show
    program.cost = arithmetic_cost_named(arguments.cost_model, target.name)
    return program


def _show(shown: str) -> None:
    import sys

    sys.stderr.write(shown)


def _shown(arguments: Namespace, program: ArithmeticProgram) -> str:
    """The kernel with its schedule, or the target's text, or why that schedule."""
    target = program.target
    emits = arguments.emit or target.emits
    if emits not in ("mlir", target.emits):
        message = f"{target.name} gives {target.emits}, not {Emits(emits)}"
        raise refusal(Code.KERNEL_FORM, None, message, help="another --target gives that")
    schedule, choice = program.decide()
    if arguments.explain:
        return _explanation(program, choice)
    if emits == "mlir":
        module = program.kernel.module.clone()
        set_schedule(arithmetic_in(module, "").function, schedule)
        return to_text(module)
    return program.compiled(schedule).text


# --- running -------------------------------------------------------------------------------------------------------------------


def _run(arguments: Namespace, program: ArithmeticProgram, progress: Progress) -> str:
    if arguments.compare:
        return _compared(arguments, program, progress)
    tried = _tuned(arguments, program, progress) if arguments.tune else []
    run = (
        min(tried, key=lambda each: each.result.cost)
        if tried
        else _once(arguments, program, progress, arguments.verify)
    )
    if arguments.output:
        progress.stage("writing")
        _write(arguments.output, run.result.tensors)
    if arguments.json:
        return json.dumps(_as_json(run, program, arguments.verify)) + "\n"
    explained = _explanation(program, run.choice) if arguments.explain else ""
    lines = "".join(f"{name:10} {said}\n" for name, said in _summary(run, program, arguments.verify))
    return lines + explained + tuning_table(tried, program.target)


def _tuned(arguments: Namespace, program: ArithmeticProgram, progress: Progress) -> list[Run]:
    """Runs of the candidates that should be fastest; the fastest is verified, if that is asked for."""
    progress.stage("running")
    runs = program.tune(*_operands(arguments, program.kernel), most=arguments.tune, progress=progress)
    if arguments.tune_data:
        append_arithmetic_runs(Path(arguments.tune_data), runs, program)
    if arguments.verify:
        progress.stage("verifying")
        verify(min(runs, key=lambda each: each.result.cost))
    return runs


def _once(arguments: Namespace, program: ArithmeticProgram, progress: Progress, check: bool) -> Run:
    operands = _operands(arguments, program.kernel)
    progress.stage("running")
    run = program.run(*operands, progress=progress)
    if check:
        progress.stage("verifying")
        verify(run)
    return run


def _compared(arguments: Namespace, program: ArithmeticProgram, progress: Progress) -> str:
    """Every named schedule that is legal, then the one that is chosen; each verified."""
    kernel, target = program.kernel, program.target
    lines: list[tuple[str, str, float]] = []
    for name, schedule in [*target.named().items(), ("ours", None)]:
        if schedule is not None and (objection := target.legal(schedule, kernel)) is not None:
            lines.append((name, f"the schedule {objection.reason}", 0))
            continue
        run = _once(arguments, ArithmeticProgram(kernel, target, schedule, program.cost), progress, check=True)
        shown = name if schedule is not None else f"ours ({short_name(run.schedule, target)})"
        lines.append((shown, _time(run), run.result.cost))
    base = next((cost for _, _, cost in lines if cost), 0.0)
    width = max(len(name) for name, _, _ in lines)
    return "".join(f"{name:{width}}  {said}{f'  {base / cost:.2f}x' if cost else ''}\n" for name, said, cost in lines)


def _summary(run: Run, program: ArithmeticProgram, verified: bool) -> Iterator[tuple[str, str]]:
    kernel, target = program.kernel, program.target
    yield "kernel", kernel.name
    given = zip(kernel.operand_names(), run.operands, strict=True)
    yield "operands", "; ".join(f"{name} {each if isinstance(each, int) else text(each.shape)}" for name, each in given)
    yield "result", "; ".join(text(each.shape) for each in run.result.tensors)
    chosen = "" if run.choice is None else f" (chosen of {run.choice.candidates}; --explain says why)"
    yield "schedule", f"{short_name(run.schedule, target)} on {target.name}{chosen}"
    yield "time", _time(run)
    counters = run.result.counters
    if "instructions" in counters:
        yield "issue", f"{counters['instructions']:,.0f} instructions, ipc {counters['ipc']:.2f}"
        yield "traffic", f"{counters['dram_bytes']:,.0f} bytes"
    yield "verified", "equal to the interpreter, bit for bit" if verified else "no (--verify runs the interpreter)"


def _time(run: Run) -> str:
    if run.result.cycles is not None:
        return f"{run.result.cycles:,} cycles"
    assert run.result.seconds is not None
    return f"{run.result.seconds * 1e3:,.3f} ms"


def _explanation(program: ArithmeticProgram, choice: Any) -> str:
    schedule, _ = program.decide()
    name = short_name(schedule, program.target)
    lines = [f"schedule   {name}, as asked for"]
    if choice is not None:
        second = choice.runner_up
        lines = [
            f"chosen     {name}, of {choice.candidates} schedules, by {choice.judge}",
            *(f"remark     {each}" for each in choice.remarks),
            f"cost       {choice.chosen.cost:,.4g}",
            *(f"bound      {each}" for each in choice.bounds),
            *([f"runner-up  {short_name(second.schedule, program.target)}, cost {second.cost:,.4g}"] if second else []),
            f"why        {choice.why}",
        ]
    lines += [f"           {each.name} = {value_text(getattr(schedule, each.name))}" for each in fields(schedule)]
    return "".join(f"{line}\n" for line in lines)


def _as_json(run: Run, program: ArithmeticProgram, verified: bool) -> dict[str, Any]:
    return {
        "kernel": program.kernel.name,
        "target": program.target.name,
        "schedule": {each.name: getattr(run.schedule, each.name) for each in fields(run.schedule)},
        "name": short_name(run.schedule, program.target),
        "result": [list(each.shape) for each in run.result.tensors],
        "cycles": run.result.cycles,
        "seconds": run.result.seconds,
        "counters": dict(run.result.counters),
        "verified": True if verified else None,
    }


# --- operands and results --------------------------------------------------------------------------------------------------------


def _operands(arguments: Namespace, kernel: ArithmeticKernel) -> list[Array | int]:
    """One operand for each parameter; what does not fit them is refused when it runs."""
    parameters, names = kernel.function.body.block.args, kernel.operand_names()
    if arguments.generate:
        head, *numbers = arguments.generate
        return _generated(kernel, _seed(head), numbers)
    given = list(arguments.run)
    if len(given) == 1 and given[0].endswith(".npz"):
        held = _loaded_archive(given[0], names)
        return [
            _scalar(held[name]) if _is_index(each) else held[name] for name, each in zip(names, parameters, strict=True)
        ]
    if len(given) != len(names):
        message = f"the kernel takes {len(names)} operands ({', '.join(names)}), but {len(given)} are given"
        raise refusal(Code.OPERAND_COUNT, None, message)
    return [
        _number(word, name) if _is_index(each) else _loaded(word)
        for word, name, each in zip(given, names, parameters, strict=True)
    ]


def _is_index(parameter: SSAValue) -> bool:
    return isinstance(parameter.type, IndexType)


def _seed(word: str) -> int:
    name, _, seed = word.partition(":")
    if name != "random" or not seed.isdecimal():
        message = f"`{word}`: the operands of an arithmetic kernel are generated by `random:SEED`"
        raise refusal(Code.GENERATOR, None, message)
    return int(seed)


def _generated(kernel: ArithmeticKernel, seed: int, numbers: Sequence[str]) -> list[Array | int]:
    rng, words = np.random.default_rng(seed), list(numbers)
    parameters, names = kernel.function.body.block.args, kernel.operand_names()
    indices = [name for name, each in zip(names, parameters, strict=True) if _is_index(each)]
    if len(words) != len(indices):
        message = f"the kernel takes {len(indices)} numbers ({', '.join(indices)}), but {len(words)} are given"
        raise refusal(Code.OPERAND_COUNT, None, message, help="they follow `random:SEED`")
    return [
        _number(words.pop(0), name) if _is_index(each) else random_tensor(each, rng)
        for name, each in zip(names, parameters, strict=True)
    ]


def _number(word: str, name: str) -> int:
    if not word.isdecimal() or int(word) >= 1 << 62:
        raise refusal(Code.OPERAND_VALUE, None, f"{name} is an index, a number from 0 on, not `{word}`")
    return int(word)


def _scalar(given: Array) -> int:
    if given.size != 1 or given.dtype.kind not in "iu" or int(given.reshape(-1)[0]) < 0:
        raise refusal(Code.OPERAND_VALUE, None, "an index is one number from 0 on")
    return int(given.reshape(-1)[0])


def _loaded(file: str) -> Array:
    try:
        array: Array = np.load(file, allow_pickle=False, mmap_mode="r")
        memory.require(array.nbytes, f"`{file}`")
        return np.array(array)
    except (OSError, ValueError, EOFError) as error:
        raise _unreadable(file, error) from None


def _loaded_archive(file: str, names: Sequence[str]) -> Mapping[str, Array]:
    try:
        with np.load(file, allow_pickle=False) as archive:
            found = {name: np.asarray(archive[name]) for name in archive.files}
    except (OSError, ValueError, EOFError) as error:
        raise _unreadable(file, error) from None
    missing, unknown = set(names) - set(found), set(found) - set(names)
    if missing or unknown:
        message = (
            f"{file}: the kernel takes {', '.join(names)}, but the file holds {', '.join(sorted(found)) or 'nothing'}"
        )
        raise refusal(Code.OPERAND_COUNT, None, message)
    return found


def _unreadable(file: str, error: Exception) -> CompileError:
    if isinstance(error, OSError) and error.errno is not None:
        return refusal(Code.INPUT_UNREADABLE, None, f"cannot read `{file}`: {reason(error)}")
    return refusal(Code.MATRIX, None, f"{file}: not an array in .npy format, or arrays in .npz")


def _check_output(name: str, kernel: ArithmeticKernel) -> None:
    """Refuse now what could not be written later."""
    count = len(list(kernel.function.function_type.outputs))
    suffix = ".npy" if count == 1 else ".npz"
    if not name.endswith(suffix):
        said = "one result goes to .npy" if count == 1 else f"{count} results go to .npz, as r0, r1, …"
        raise refusal(Code.OUTPUT_UNWRITABLE, None, f"cannot write `{name}`: {said}")
    folder = Path(os.path.realpath(name)).parent
    if not folder.is_dir() or not os.access(folder, os.W_OK) or Path(name).is_dir():
        raise refusal(Code.OUTPUT_UNWRITABLE, None, f"cannot write `{name}`: no such folder, or no permission")


def _write(name: str, results: Sequence[Array]) -> None:
    buffer = BytesIO()
    if name.endswith(".npy"):
        np.save(buffer, results[0])
    else:
        arrays: dict[str, Any] = {f"r{at}": each for at, each in enumerate(results)}
        np.savez(buffer, **arrays)
    try:
        replace_file(Path(os.path.realpath(name)), buffer.getvalue())
    except OSError as error:
        raise refusal(Code.OUTPUT_UNWRITABLE, None, f"cannot write `{name}`: {reason(error)}") from None
