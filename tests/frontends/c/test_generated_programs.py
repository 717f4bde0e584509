"""Random programs full of side effects: run as minic and compiled by cc, they print the same."""

from random import Random

import pytest
from c_programs import assert_agrees
from random_c import random_program


@pytest.mark.parametrize("seed", range(12))
def test_generated_program(seed: int) -> None:
    assert_agrees(random_program(Random(seed)))
