"""Where a thread's registers stand in the state: those of inner loops side by side, so that they fill few cache lines.

    place = places_of(program)          # place[r] in 0..63, a permutation

A line holds eight registers and a block has dozens of threads: what inner loops use decides whether all of it stays
in the processor's first cache. Where the model writes registers by number (launch, engines) they stay in their places.
"""

from __future__ import annotations

from runtime.isa import Unit
from runtime.model.state import REGISTER_COUNT
from runtime.program import Program

ARGUMENT = 10
NEST = 8
"""How much more often an instruction is thought to run for each loop around it."""


def places_of(program: Program) -> list[int]:
    """The place of each register."""
    fixed = {0, ARGUMENT}
    fixed |= {each.destination for each in program.instructions if each.spec.unit is Unit.ENGINE}
    weights = _weights(program)
    first = ARGUMENT & ~7
    slots = [slot for slot in (*range(first, REGISTER_COUNT), *range(first)) if slot not in fixed]
    movable = [r for r in range(REGISTER_COUNT) if r not in fixed]
    movable.sort(key=lambda r: -weights[r])
    places = list(range(REGISTER_COUNT))
    for r, slot in zip(movable, slots, strict=True):
        places[r] = slot
    return places


def _weights(program: Program) -> list[int]:
    """How often each register is used, as far as loops tell."""
    depth = _depths(program)
    weights = [0] * REGISTER_COUNT
    for pc, each in enumerate(program.instructions):
        for r in (*each.sources, each.destination):
            weights[r] += NEST ** min(depth[pc], 6)
    return weights


def _depths(program: Program) -> list[int]:
    """Backward branches around each instruction."""
    changes = [0] * (len(program.instructions) + 1)
    for pc, each in enumerate(program.instructions):
        if each.spec.unit is Unit.BRANCH and each.immediate <= pc:
            changes[each.immediate] += 1
            changes[pc + 1] -= 1
    depths: list[int] = []
    for change in changes[:-1]:
        depths.append((depths[-1] if depths else 0) + change)
    return depths
