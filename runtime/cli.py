"""`piuma-sim prog.s`: assemble, run, and say what happened.

Exit status: 0 the program ended, 1 the input was refused or the program is illegal, 2 usage, 70 an error of
the simulator itself, 130 interrupted.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

import numpy as np

from runtime import bounds, trace
from runtime.assembly import assemble
from runtime.faults import ConfigurationError, RuntimeRefusal, UnreadableError
from runtime.isa import render_isa
from runtime.launch import Launch
from runtime.machine import Machine
from runtime.memory import Memory
from runtime.profile import annotate
from runtime.program import Program
from runtime.races import RaceCheck
from runtime.simulate import Outcome, Recording, Tier, simulate

_TYPES = {"dword": "int64", "word": "int32", "half": "int16", "byte": "int8", "double": "float64", "float": "float32"}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="piuma-sim", description="Run an assembly program on the simulated machine, to the cycle."
    )
    parser.add_argument("program", nargs="?", type=Path, help="assembly file")
    parser.add_argument("--isa", action="store_true", help="print the instruction set and stop")
    machine = parser.add_argument_group("machine")
    machine.add_argument(
        "--machine", type=Path, metavar="TOML", help="machine description (fields not named keep their default)"
    )
    machine.add_argument(
        "--set", action="append", default=[], metavar="FIELD=VALUE", help="change one field of the machine"
    )
    machine.add_argument(
        "--describe", action="store_true", help="print every field of the machine with its source and stop"
    )
    machine.add_argument("--dram", type=int, default=1 << 26, metavar="BYTES", help="size of DRAM (default 64 MiB)")
    launch = parser.add_argument_group("launch")
    launch.add_argument("--entry", default="main", help="label where every thread starts (default main)")
    launch.add_argument("--threads", type=int, help="threads per block (default all)")
    launch.add_argument("--singles", type=int, default=0, help="single-threaded pipelines per block that start too")
    launch.add_argument("--blocks", type=int, help="blocks that start threads (default all)")
    launch.add_argument(
        "--arg", type=lambda v: int(v, 0), action="append", default=[], help="a0, a1, ... of every thread"
    )
    run = parser.add_argument_group("run")
    run.add_argument(
        "--tier", choices=[t.value for t in Tier], default=Tier.COMPILED.value, help="simulator (default compiled)"
    )
    run.add_argument("--max-cycles", type=int, default=1 << 40, help="give up after so many cycles")
    run.add_argument("--check-races", action="store_true", help="find data races and stale cached reads (oracle; slow)")
    out = parser.add_argument_group("output")
    out.add_argument("--json", action="store_true", help="all counters as JSON on standard output")
    out.add_argument(
        "--trace", type=Path, metavar="JSON", help="write a trace for Perfetto (with the oracle: every instruction)"
    )
    out.add_argument(
        "--interval", type=int, default=10_000, metavar="CYCLES", help="of the trace's counters (default 10000)"
    )
    out.add_argument("--per", metavar="LABEL", help="also report per execution of the instruction at LABEL")
    out.add_argument("--profile", action="store_true", help="the program with the executions of every instruction")
    out.add_argument(
        "--dump", action="append", default=[], metavar="SYMBOL:TYPE:COUNT", help="print data after the run"
    )
    out.add_argument(
        "--plot", type=Path, metavar="FILE", help="draw roofline and thread utilisation (needs matplotlib)"
    )
    out.add_argument("--traceback", action="store_true", help="show where an internal error happened")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Entry point of the console script."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.isa:
        _say(render_isa())
        return 0
    if options.program is None and not options.describe:
        parser.error("an assembly file is needed")
    try:
        return _run(options)
    except RuntimeRefusal as refusal:
        _complain(str(refusal))
        return 2 if isinstance(refusal, UnreadableError) else 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader went away: nothing to flush
        return 0
    except KeyboardInterrupt:
        _complain("piuma-sim: interrupted")
        return 130
    except Exception as error:
        if options.traceback:
            traceback.print_exc()
        _complain(f"piuma-sim: internal error: {type(error).__name__}: {error}")
        return 70


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def _complain(text: str) -> None:
    sys.stderr.write(text + "\n")


def _machine(options: argparse.Namespace) -> Machine:
    machine = Machine.load(options.machine) if options.machine else Machine()
    changes: dict[str, Any] = {}
    for item in options.set:
        name, _, value = item.partition("=")
        try:
            changes[name] = json.loads(value)
        except json.JSONDecodeError:
            raise ConfigurationError(f"--set {item}: error: expected FIELD=NUMBER") from None
    return Machine.of({**dataclasses.asdict(machine), **changes}, "--set") if changes else machine


def _run(options: argparse.Namespace) -> int:
    machine = _machine(options)
    if options.describe:
        _say(machine.describe())
        return 0
    program = _read(options.program)
    if options.per is not None and options.per not in program.labels:
        raise ConfigurationError(f"--per {options.per}: error: {options.program} has no such label")
    memory = Memory(machine, options.dram)
    memory.load(program)
    dumps = [_dump_request(program, text) for text in options.dump]
    recording = Recording(options.interval) if options.trace else None
    outcome = _simulate(options, program, memory, recording)
    _report(options, program, outcome)
    for name, address, dtype, count in dumps:
        _say(f"{name}: {' '.join(str(v) for v in memory.array(address, dtype, count).tolist())}")
    if options.plot:
        _plot(options.plot, machine, outcome)
    return 0


def _simulate(options: argparse.Namespace, program: Program, memory: Memory, recording: Recording | None) -> Outcome:
    how = Launch(options.entry, options.threads, options.singles, blocks=options.blocks, arguments=tuple(options.arg))
    tier = Tier.ORACLE if options.check_races else Tier(options.tier)
    observer = _observer(options, program, memory, tier)
    outcome = simulate(
        program,
        memory,
        how,
        tier=tier,
        max_cycles=options.max_cycles,
        observer=observer,
        recording=recording,
        progress=_progress if sys.stderr.isatty() else None,
    )
    if recording and options.trace:
        instructions = observer.events if isinstance(observer, trace.InstructionTrace) else None
        trace.write(options.trace, trace.chrome_trace(memory.machine, recording, instructions))
    return outcome


def _observer(
    options: argparse.Namespace, program: Program, memory: Memory, tier: Tier
) -> RaceCheck | trace.InstructionTrace | None:
    if options.check_races:
        return RaceCheck(program, memory)
    wanted = options.trace and tier is Tier.ORACLE
    return trace.InstructionTrace(memory.machine, program) if wanted else None


def _progress(cycle: int, instructions: int) -> None:
    sys.stderr.write(f"\r{cycle:>15,} cycles {instructions:>15,} instructions\r")
    sys.stderr.flush()


def _read(path: Path) -> Program:
    try:
        return assemble(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        raise UnreadableError(path, error) from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path}: error: not an assembly file: it is not UTF-8 text") from None


def _dump_request(program: Program, text: str) -> tuple[str, int, np.dtype[Any], int]:
    name, _, rest = text.partition(":")
    kind, _, count = rest.partition(":")
    if name not in program.symbols or kind not in _TYPES or not (count or "1").isdigit():
        raise ConfigurationError(f"--dump {text}: error: expected SYMBOL:TYPE:COUNT with a type of {', '.join(_TYPES)}")
    return name, program.symbols[name], np.dtype(_TYPES[kind]), int(count or 1)


def _report(options: argparse.Namespace, program: Program, outcome: Outcome) -> None:
    counters, machine = outcome.counters, outcome.memory.machine
    found = bounds.bounds(machine, bounds.Work.of(counters, machine))
    if options.json:
        limits = {b.resource: b.cycles for b in found}
        _say(json.dumps({"machine": dataclasses.asdict(machine), "counters": counters.as_dict(), "bounds": limits}))
        return
    _say(counters.report(outcome.executions(options.per) if options.per else 0))
    _say("lower bounds from these counts, and their share of the run:")
    _say("  " + bounds.render(found, counters.cycles).replace("\n", "\n  "))
    if options.profile:
        _say(annotate(program, outcome.profile))


def _plot(path: Path, machine: Machine, outcome: Outcome) -> None:
    from runtime import plots  # matplotlib is an extra

    plots.draw_run(path, machine, outcome)
