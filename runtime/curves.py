"""The machine's characteristic curves, measured on the simulator: latency tolerance, threads, blocks.

    python -m runtime.curves OUT_DIRECTORY

writes one drawing per curve and `curves.jsonl` with every point.  Each curve runs a small program that
isolates one property; the tests hold the same programs to closed forms.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

from runtime.assembly import assemble
from runtime.compiled import Compiled
from runtime.faults import ConfigurationError, RuntimeRefusal
from runtime.launch import Launch
from runtime.machine import Machine
from runtime.memory import Memory
from runtime.plots import draw_curve
from runtime.simulate import Outcome, simulate

Points = list[tuple[float, float]]
Curves = dict[str, Points]

_ONE_BLOCK = Machine(blocks=1)
_WORK = {
    "register work": "add a0, a0, a1\n" * 8,
    "a load per 9 instructions": "add a0, a0, a1\n" * 8 + "piuma.ld a2, 0(s0)\n",
    "loads only": "piuma.ld a2, 0(s0)\n",
}


def _text(body: str, times: int) -> str:
    return f"""
    main:  piuma.tid t0
           slli t0, t0, 6
           la s0, data
           add s0, s0, t0
           li s1, {times}
    again: {body}
           addi s1, s1, -1
           bnez s1, again
           piuma.halt
    .data
    .balign 64
    data:  .zero 65536
    """


_SCATTERED = """
    main: la s0, data
          piuma.tid s1
          piuma.ntid s2
          li s3, 16384
    next: bge s1, s3, done
          slli t0, s1, 6
          add t0, t0, s0
          ld a0, 0(t0)
          add s1, s1, s2
          j next
    done: piuma.halt
    .data
    .balign 64
    data: .zero 1048576
"""


@cache
def _compiled(text: str, machine: Machine) -> Compiled:
    return Compiled(assemble(text), machine, Launch(), level=0)


def _run(text: str, machine: Machine, threads: int | None = None) -> Outcome:
    compiled = _compiled(text, machine)
    memory = Memory(machine, 1 << 21)
    memory.load(compiled.program)
    return simulate(compiled.program, memory, Launch(threads=threads), compiled=compiled)


@cache
def latency_tolerance() -> Curves:
    """Instructions per cycle of a block against the latency of its memory."""
    text = _text(_WORK["a load per 9 instructions"], 100)
    curves: Curves = {}
    for threads in (4, 16, 32, 64):
        runs = [(x, replace(_ONE_BLOCK, dram_latency=x)) for x in (25, 50, 100, 200, 400, 800)]
        curves[f"{threads} threads"] = [(x, _run(text, m, threads).counters.ipc) for x, m in runs]
    return curves


@cache
def thread_scaling() -> Curves:
    """Instructions per cycle of a block against its threads."""
    counts = (1, 2, 4, 8, 16, 32, 64)
    texts = {name: _text(body, 100) for name, body in _WORK.items()}
    return {n: [(t, _run(p, _ONE_BLOCK, t).counters.ipc) for t in counts] for n, p in texts.items()}


@cache
def block_scaling() -> Curves:
    """Speed-up of a fixed number of scattered reads against the blocks that share it."""
    cycles = {b: _run(_SCATTERED, Machine(blocks=b)).counters.cycles for b in (1, 2, 4, 8)}
    return {"scattered lines": [(b, cycles[1] / c) for b, c in cycles.items()], "ideal": [(b, b) for b in cycles]}


CURVES: dict[str, tuple[Callable[[], Curves], str, str]] = {
    "latency-tolerance": (latency_tolerance, "DRAM latency, cycles", "instructions per cycle"),
    "thread-scaling": (thread_scaling, "threads", "instructions per cycle"),
    "block-scaling": (block_scaling, "blocks", "speed-up"),
}
"""Every curve: how to measure it, and its axes."""


def main(arguments: list[str] | None = None) -> int:
    """Measure and draw all."""
    parser = argparse.ArgumentParser(prog="python -m runtime.curves", description="Draw the machine's curves.")
    parser.add_argument("out", type=Path, help="directory for the drawings and curves.jsonl")
    options = parser.parse_args(arguments)
    try:
        _draw(options.out)
    except RuntimeRefusal as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    return 0


def _draw(out: Path) -> None:
    lines: list[str] = []
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, (measure, x_label, y_label) in CURVES.items():
            curves = measure()
            draw_curve(out / f"{name}.png", name.replace("-", " "), x_label, y_label, curves)
            lines += [json.dumps({"curve": name, "line": n, "x": x, "y": y}) for n, p in curves.items() for x, y in p]
        (out / "curves.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{out}: error: {error}") from None


if __name__ == "__main__":
    sys.exit(main())
