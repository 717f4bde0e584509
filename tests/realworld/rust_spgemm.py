"""A * A on one thread: safe Rust against C, by the same schedule, in interleaved rounds.

    python tests/realworld/rust_spgemm.py [--rounds 15] [--only rmat15,…]

The schedule is the one that the analytical model chooses for Rust and the matrix. A round calls each once; shown are the least
processor times and the median of the rounds' ratios.
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
from collections.abc import Callable
from typing import Any

import cpu_spgemm

import compiler.kernels as kernels
from compiler.targets import cpu, rust
from compiler.targets.cpu_product import compressed
from compiler.targets.measure import measure


def products(a: Any) -> tuple[str, list[Callable[[], Any]]]:
    """The schedule, and the calls of C and of Rust."""
    program = kernels.compile(cpu_spgemm.KERNEL, rust.Rust())
    schedule: Any
    schedule, _ = program.decide(measure(program.operands([a])))
    in_c = cpu.prepared(kernels.lower(program.kernel, cpu.Cpu(threads=1), schedule.as_cpu))
    in_rust = rust.prepared(program.compiled(schedule))
    given = compressed(program.operands([a]).a)
    return str(schedule), [lambda: in_c(given, given), lambda: in_rust(given, given)]


def timed(call: Callable[[], Any]) -> float:
    started = time.process_time()
    call()
    return time.process_time() - started


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    wanted = arguments.only.split(",") if arguments.only else list(cpu_spgemm.generated())
    ratios: list[float] = []
    for name, make in cpu_spgemm.generated().items():
        if name not in wanted:
            continue
        schedule, calls = products(cpu_spgemm.as_scipy(make()))
        rounds = [[timed(call) for call in calls] for _ in range(arguments.rounds)][1:]
        c, ours = (min(each) * 1e3 for each in zip(*rounds, strict=True))
        ratios.append(statistics.median(each[1] / each[0] for each in rounds))
        print(f"{name:16} C {c:9.2f} ms   Rust {ours:9.2f} ms   {ratios[-1]:.2f}x   {schedule}", flush=True)
    print(f"geometric mean {math.exp(statistics.fmean(map(math.log, ratios))):.2f}x, most {max(ratios):.2f}x")


if __name__ == "__main__":
    main()
