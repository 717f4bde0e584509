"""What `kcc` does once its command line is understood: a kernel is read, its text shown, or it is run, tuned, compared.

    command(arguments, FileTexts())

Raises `CompileError` for whatever is refused; kernels of tensors are left to `kcc_arithmetic`.
"""

import json
import sys
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path
from typing import Any

from xdsl.dialects.builtin import ModuleOp

from compiler.cli.exits import warn
from compiler.cli.files import FileTexts, write_output
from compiler.cli.kcc_cost import cost_named
from compiler.cli.kcc_operands import read_operands
from compiler.cli.kcc_output import check_output, write_result
from compiler.cli.kcc_report import Row, as_json, explanation, summary, table, tuning_table
from compiler.cli.progress import Progress
from compiler.codes import Code
from compiler.diagnostics import CompileError, Diagnostic, Severity, Span, refusal
from compiler.dialects.schedules.attribute import ScheduleAttr
from compiler.frontends.kernel.arithmetic import is_arithmetic
from compiler.frontends.kernel.read import Kernel, kernel_in, kernel_of
from compiler.ir_text import from_text, to_text
from compiler.kernels import Program, Run, verify
from compiler.pipelines import new_context
from compiler.source_text import STDIN, STDIN_NAME, read_source
from compiler.targets.measure import measure
from compiler.targets.names import Emits
from compiler.targets.registry import ONE_BLOCK, target_of
from compiler.targets.target import Target
from compiler.tuning.schedules import PLACE, parse_schedule, short_name
from runtime.faults import ConfigurationError, UnreadableError
from runtime.machine import Machine

TYPICAL = "rmat:10,8192"
"""What a schedule is chosen for when nothing is said about the operands."""


def passes(target: str) -> list[str]:
    """Of kernels of both kinds."""
    from compiler import arithmetic_kernels  # only asked for by `--print-after`

    both = (*target_of(target).passes(), *arithmetic_kernels.target_of(target).passes())
    return list(dict.fromkeys(each.name for each in both))


def command(arguments: Namespace, sources: FileTexts) -> None:
    machine = _machine(arguments)
    with Progress("kcc") as progress:
        progress.stage("reading")
        module, file = _read(arguments, sources)
        if is_arithmetic(module):
            from compiler.cli import kcc_arithmetic  # kernels of tensors: nothing of it is needed for matrices

            kcc_arithmetic.command(arguments, module, file, machine, sources, progress)
            return
        if arguments.output and _is_run(arguments):
            check_output(arguments.output)
        if arguments.tune_data:
            from compiler.cli.kcc_tune import check_data_set  # few commands add to a data set

            check_data_set(Path(arguments.tune_data))
        program = _program(arguments, _target(arguments, machine), kernel_in(module, file), sources)
        text = _run(arguments, program, progress) if _is_run(arguments) else _shown(arguments, program, sources)
    write_output(None if _is_run(arguments) else arguments.output, text)


def _is_run(arguments: Namespace) -> bool:
    return bool(arguments.run or arguments.generate) and not arguments.emit


def _read(arguments: Namespace, sources: FileTexts) -> tuple[ModuleOp, str]:
    """The module, and the name that messages have for its file."""
    text = read_source(arguments.kernel)
    file = STDIN_NAME if arguments.kernel == STDIN else arguments.kernel
    sources.hold(file, text)
    return from_text(text, file, new_context()), file


def _program(arguments: Namespace, target: Target, kernel: Kernel, sources: FileTexts) -> Program:
    schedule = place = None
    if arguments.schedule is not None:
        place = Span(PLACE, 1, 1, len(arguments.schedule))
        sources.hold(PLACE, arguments.schedule)
        schedule = parse_schedule(arguments.schedule, target)
    return Program(
        kernel, target, schedule, cost_named(arguments.cost_model, target), arguments.print_after, _show, place
    )


def _target(arguments: Namespace, machine: Machine) -> Target:
    target = target_of(arguments.target, machine)
    if arguments.trace or arguments.plot:
        from compiler.cli.kcc_watch import watched  # what runs leave behind is seldom asked for

        return watched(target, arguments.trace, arguments.plot)
    return target


def _show(text: str) -> None:
    sys.stderr.write(text)


# --- showing -------------------------------------------------------------------------------------------------------------------


def _shown(arguments: Namespace, program: Program, sources: FileTexts) -> str:
    """The text that is asked for, of the kernel with the schedule that is asked for or chosen."""
    emits = Emits(arguments.emit) if arguments.emit and arguments.emit != "mlir" else program.target.emits
    if emits is not program.target.emits:
        message = f"{program.target.name} gives {program.target.emits}, not {emits}"
        raise refusal(Code.KERNEL_FORM, None, message, help="another --target gives that")
    if program.schedule is None and not arguments.run and not arguments.generate:
        if arguments.emit == "mlir":
            return to_text(program.kernel.module)
        warn([_typical()], sources)
    schedule, choice = program.schedule, None
    if schedule is None:
        schedule, choice = program.decide(measure(program.operands(_operands(arguments, program))))
    if arguments.explain:
        return explanation(choice, schedule, program.target)
    if arguments.emit == "mlir":
        module = program.kernel.module.clone()
        kernel_of(module).op.schedule = ScheduleAttr(schedule)
        return to_text(module)
    return program.compiled(schedule).text


def _typical() -> Diagnostic:
    message = f"no operands: the schedule is chosen for `{TYPICAL}`"
    help = "`--run`, `--generate` or `--schedule` decide it"
    return Diagnostic(Code.NO_OPERANDS, message, None, help=help, severity=Severity.WARNING)


def _operands(arguments: Namespace, program: Program) -> list[Any]:
    generated = not arguments.run
    files = arguments.run or arguments.generate or [TYPICAL]
    return read_operands(program.kernel, files, generated=generated, allow_nan=arguments.allow_nan)


# --- running -------------------------------------------------------------------------------------------------------------------


def _run(arguments: Namespace, program: Program, progress: Progress) -> str:
    given = _operands(arguments, program)
    if arguments.compare:
        return table(_compared(program, given, progress))
    progress.stage("running")
    tried = program.tune(*given, most=arguments.tune, progress=progress) if arguments.tune else []
    run = (
        min(tried, key=lambda each: each.result.cost)
        if tried
        else program.again(program.run(*given, progress=progress), progress)
    )
    if arguments.tune_data:
        from compiler.cli.kcc_tune import append_runs

        append_runs(Path(arguments.tune_data), tried, program, arguments.run or arguments.generate)
    verified = _verified(arguments, run, progress)
    if arguments.output:
        progress.stage("writing")
        write_result(arguments.output, run.result.matrix)
    if arguments.json:
        return json.dumps(as_json(run, program.target, verified)) + "\n"
    reasons = explanation(run.choice, run.schedule, program.target) if arguments.explain else ""
    return summary(run, program.target, verified, reasons) + tuning_table(tried, program.target)


def _verified(arguments: Namespace, run: Run, progress: Progress) -> bool | None:
    if not arguments.verify:
        return None
    progress.stage("verifying")
    verify(run, progress)
    return True


def _compared(program: Program, given: list[Any], progress: Progress) -> list[Row]:
    """Every named schedule that applies to the kernel, then the one that is chosen; each verified."""
    kernel, target = program.kernel, program.target
    named = {name: each for name, each in target.named().items() if target.legal(each, kernel.form, None) is None}
    rows = [_row(name, Program(kernel, target, each, program.cost), given, progress) for name, each in named.items()]
    chosen = _row("ours", Program(kernel, target, None, program.cost), given, progress)
    name = short_name(chosen.run.schedule, target) if chosen.run is not None else ""
    return [*rows, Row(f"ours ({name})" if name in named else "ours", chosen.run, chosen.reason)]


def _row(name: str, program: Program, given: list[Any], progress: Progress) -> Row:
    progress.stage(f"running {name}")
    try:
        run = program.run(*given, progress=progress)
    except CompileError as error:
        if error.diagnostics[0].code not in (Code.SCHEDULE_ILLEGAL, Code.SCHEDULE_SPACE):
            raise
        return Row(name, None, error.diagnostics[0].message)
    progress.stage(f"verifying {name}")
    verify(run, progress)
    return Row(name, run)


def _machine(arguments: Namespace) -> Machine:
    try:
        machine = Machine.load(Path(arguments.machine)) if arguments.machine else ONE_BLOCK
        changes = dict(_setting(item) for item in arguments.set)
        return Machine.of({**asdict(machine), **changes}, "--set") if changes else machine
    except UnreadableError as error:
        raise refusal(Code.INPUT_UNREADABLE, None, str(error).replace(": error: ", ": ", 1)) from None
    except ConfigurationError as error:
        raise refusal(Code.MACHINE, None, str(error).replace(": error: ", ": ", 1)) from None


def _setting(item: str) -> tuple[str, Any]:
    name, _, value = item.partition("=")
    try:
        return name.strip(), json.loads(value)
    except json.JSONDecodeError:
        raise refusal(Code.MACHINE, None, f"--set {item}: expected FIELD=NUMBER") from None
