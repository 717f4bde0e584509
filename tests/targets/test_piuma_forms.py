"""The table of which schedules of the machine compute which kernels, and why not, is what the target says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from compiler.dialects.schedules.piuma import NAMED, Accumulator, PiumaSchedule
from compiler.dialects.spgemm_kernel import KernelForm, Mask
from compiler.dialects.spgemm_types import Element, Semiring
from compiler.targets.piuma import Piuma

README = Path(__file__).parents[2] / "compiler" / "passes" / "kernel_to_piuma" / "README.md"
PLAIN = KernelForm()
FORMS = {
    "plain, f64": PLAIN,
    "min_plus": replace(PLAIN, semiring=Semiring.MIN_PLUS),
    "plus_pair": replace(PLAIN, semiring=Semiring.PLUS_PAIR),
    "or_and, i1": replace(PLAIN, semiring=Semiring.OR_AND, element=Element.I1),
    "i64": replace(PLAIN, element=Element.I64),
    "f32 and narrow integers": replace(PLAIN, element=Element.F32),
    "64-bit indices": replace(PLAIN, index_width=64),
    "A or B transposed": replace(PLAIN, transpose_a=True, transpose_b=True),
    "masked": replace(PLAIN, mask=Mask.STRUCTURAL),
    "mask complemented": replace(PLAIN, mask=Mask.COMPLEMENT),
    "added to a matrix": replace(PLAIN, accumulate=True),
}
SCHEDULES = {
    **{name: each for name, each in NAMED.items() if name != "rows"},
    "window": PiumaSchedule(accumulator=Accumulator.WINDOW, window_columns=1024),
    "table": PiumaSchedule(accumulator=Accumulator.PRIVATE_HASH, hash_products=32),
}
"""`rows` is for products with dense matrices."""


def reasons() -> dict[tuple[str, str], str | None]:
    target = Piuma()
    return {
        (kernel, schedule): (objection.reason if (objection := target.legal(each, form, None)) else None)
        for kernel, form in FORMS.items()
        for schedule, each in SCHEDULES.items()
    }


def table() -> str:
    """As the README has it: numbers name reasons."""
    found = reasons()
    numbers: dict[str, int] = {}
    lines = [f"| | {' | '.join(SCHEDULES)} |", f"|---|{'---|' * len(SCHEDULES)}"]
    for kernel in FORMS:
        cells = [found[kernel, schedule] for schedule in SCHEDULES]
        marks = ["yes" if each is None else f"no ({numbers.setdefault(each, len(numbers) + 1)})" for each in cells]
        lines.append(f"| {kernel} | {' | '.join(marks)} |")
    return "\n".join([*lines, "", *(f"{number}. {reason}" for reason, number in numbers.items())])


def test_the_readme_has_the_table() -> None:
    assert table() in README.read_text()


def test_narrow_elements_are_refused_alike() -> None:
    for element in (Element.I32, Element.I16, Element.I8):
        form = replace(PLAIN, element=element)
        for name, schedule in SCHEDULES.items():
            same = Piuma().legal(schedule, FORMS["f32 and narrow integers"], None) is None
            assert (Piuma().legal(schedule, form, None) is None) == same, (name, element)
