"""Blocks taken from lowered kernels: what stands inside the innermost loop of a loop nest, unrolled, with its iterators as arguments.

The nests and their schedules are those of `compiler/tuning/loops/`; only what is straight is taken.
"""

from random import Random

from compiler.tuning.loops.families import FORMS
from compiler.tuning.loops.kernels import Kernel, draw_kernels
from compiler.tuning.loops.schedules import Schedule, draw_variants
from compiler.tuning.loops.text import body_text


def draw_lowered_block(random: Random) -> str:
    """The text of one nest's body under a drawn schedule, its function named `block`; calls of libm are no straight-line code."""
    form = random.choice([form for form in FORMS if not any("exp(" in nest for nest in form.nests)])
    kernel = draw_kernels((form,), 1, random.randrange(1 << 30))[0]
    unrolled = [
        each for each in draw_variants(kernel, 40, random.randrange(1 << 30)) if _copies(each.schedules[-1]) > 1
    ]
    schedule = random.choice(unrolled).schedules[-1] if unrolled else Schedule(kernel.nests[-1].iterators)
    return body_text(_last_nest(kernel), schedule, "block")


def _copies(schedule: Schedule) -> int:
    return len(schedule.unroll)


def _last_nest(kernel: Kernel) -> Kernel:
    return Kernel(kernel.family, kernel.form, kernel.element, kernel.nests[-1:], kernel.extents)
