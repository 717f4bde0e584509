"""Steady-state cycles and utilisation of blocks, from llvm-mca: a hundred blocks a run, a region each.

llvm-mca repeats the block's instructions and simulates the core's queues and units, memory always a hit in the first cache, branches
never taken. Cycles are those of one iteration of many; utilisation is the share of them in which the busiest unit works.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, cast

from compiler.tuning.blocks.cores import Core
from compiler.tuning.llvm_tools import run_tool

LONG = 40
"""Instructions from which on a block settles in fewer iterations."""


def analyze(bodies: Mapping[str, Sequence[str]], core: Core) -> dict[str, tuple[float, float]]:
    """Name to cycles and utilisation; an empty block is left out."""
    short = {name: body for name, body in bodies.items() if 0 < len(body) < LONG}
    long = {name: body for name, body in bodies.items() if len(body) >= LONG}
    return _analyze(short, core, 100) | _analyze(long, core, 20)


def _analyze(bodies: Mapping[str, Sequence[str]], core: Core, iterations: int) -> dict[str, tuple[float, float]]:
    if not bodies:
        return {}
    text = "\n".join(
        f"{core.comment} LLVM-MCA-BEGIN {name}\n" + "\n".join(body) + f"\n{core.comment} LLVM-MCA-END"
        for name, body in bodies.items()
    )
    report = run_tool("llvm-mca", *core.llc_options, f"-iterations={iterations}", "-json", stdin=text + "\n")
    regions = cast(list[dict[str, Any]], json.loads(report)["CodeRegions"])
    return {str(region["Name"]): _numbers(region) for region in regions}


def _numbers(region: Mapping[str, Any]) -> tuple[float, float]:
    summary = region["SummaryView"]
    cycles = summary["TotalCycles"] / summary["Iterations"]
    pressures = region["ResourcePressureView"]["ResourcePressureInfo"]
    total = max(each["InstructionIndex"] for each in pressures)
    busy: Counter[int] = Counter()
    for each in pressures:
        if each["InstructionIndex"] == total:
            busy[each["ResourceIndex"]] += each["ResourceUsage"]
    return cycles, min(1.0, max(busy.values()) / cycles)
