"""Programs that print what C defines: interpreted as minic and compiled by cc, the output is the same, and it is what is written down.

The cases are in `semantics/`; `chosen.txt` holds what C leaves open and the front end decides (see its README): there cc is not asked.
"""

from dataclasses import dataclass
from pathlib import Path

import pytest
from c_programs import compiled, interpreted

PRELUDE = """
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdint.h>
#include <stdbool.h>
#include <stddef.h>
static void show(long long x) { printf("%lld ", x); }
"""


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    program: str
    prints: str


def cases(file: str) -> list[Case]:
    """The cases of a file: `=== name`, the program, `prints output`."""
    text = Path(__file__).with_name("semantics").joinpath(file).read_text()
    found: list[Case] = []
    for part in text.split("\n=== ")[1:]:
        name, _, rest = part.partition("\n")
        code, _, prints = rest.rpartition("\nprints ")
        before, _, body = code.rpartition("main:\n")
        program = f"{PRELUDE}{before}\nint main(void) {{\n{body}\n}}\n"
        found.append(Case(name, program, prints.strip()))
    return found


@pytest.mark.parametrize("case", cases("defined.txt"), ids=lambda case: case.name)
def test_defined(case: Case) -> None:
    ran = interpreted(case.program)
    assert ran.output.decode().strip() == case.prints
    assert ran == compiled(case.program)


@pytest.mark.parametrize("case", cases("chosen.txt"), ids=lambda case: case.name)
def test_chosen(case: Case) -> None:
    assert interpreted(case.program).output.decode().strip() == case.prints


def test_end_of_main_returns_zero() -> None:
    assert interpreted("int main(void) { int x = 3; }").status == 0


def test_a_failed_assertion_aborts() -> None:
    text = "#include <assert.h>\nint main(void) {{ int n = 2; assert(n == 2 && n); assert(n > {}); }}"
    assert interpreted(text.format(2)).status == 134
    assert interpreted(text.format(1)).status == 0
