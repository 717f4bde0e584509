"""A program with the executions of every instruction beside it."""

from __future__ import annotations

from collections.abc import Sequence

from runtime.program import Program


def annotate(program: Program, profile: Sequence[int]) -> str:
    """One line per instruction: executions, share of all, label, text."""
    total = max(sum(profile), 1)
    lines: list[str] = []
    for index, (ins, times) in enumerate(zip(program.instructions, profile, strict=True)):
        if index in program.label_of:
            lines.append(f"{'':22}{program.label_of[index]}:")
        lines.append(f"{times:>12,} {times / total:>6.1%}     {ins.render()}")
    return "\n".join(lines)
