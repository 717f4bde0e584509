"""What targets share beside operands: objections and results."""

import pytest

from compiler.codes import Code
from compiler.targets.target import Objection, Result
from runtime.sparse import generators


@pytest.mark.parametrize(("does_not_fit", "code"), [(False, Code.SCHEDULE_ILLEGAL), (True, Code.SCHEDULE_SPACE)])
def test_space_has_a_code_of_its_own(does_not_fit: bool, code: Code) -> None:
    assert Objection("needs more", does_not_fit).code is code


def test_schedules_are_compared_by_what_their_target_counts() -> None:
    matrix = generators.empty(1, 1)
    assert Result(matrix, cycles=7).cost == 7.0
    assert Result(matrix, seconds=0.5).cost == 0.5
