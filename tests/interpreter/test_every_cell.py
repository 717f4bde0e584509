"""Every op x every format: the interpreter against exact rational numbers, over all bit patterns of formats up to 16 bits.

The table follows the dialect: an op without a row fails here; formats, modes, methods, orders are those that there are
(`exact_cells.py`). `python tests/realworld/every_pattern.py` goes through what takes minutes: every mode of every pair of formats.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import get_args

import numpy as np
import pytest
from arithmetic_kernels import bits
from exact_cells import FORMATS, HELD_ELSEWHERE, PATTERNED, Batch, holds
from exact_floats import accepted, elements, held
from exact_formats import patterns
from exact_rows import ROWS, computed
from xdsl.ir import Operation

from compiler.arithmetic.formats import NAMED, Flavour, Format
from compiler.dialects.qarith import Qarith
from compiler.dialects.qarith_types import Element, Integer, Quantised


def test_every_op_has_a_row() -> None:
    assert set(ROWS) == set(Qarith.operations)


def test_every_format_is_gone_through() -> None:
    assert set(get_args(Element)) == {Format, Integer, Quantised}
    assert {it.flavour for it in PATTERNED} == set(Flavour)
    assert set(NAMED.values()) <= set(FORMATS)
    assert {it.dtype.name for it in HELD_ELSEWHERE.values() if it.dtype is not None} == set(HELD_ELSEWHERE)


@pytest.mark.parametrize("it", PATTERNED, ids=str)
def test_every_pattern_is_read_and_written(it: Format) -> None:
    exact, codes = patterns(it), it.codes()
    assert np.array_equal(bits(it.decode(codes)), bits(exact))
    assert np.array_equal(bits(it.decode_by_rule(codes)), bits(exact))
    number = ~np.isnan(exact)
    assert np.array_equal(it.encode(exact)[number], codes[number])
    assert np.isnan(it.decode(it.encode(exact[~number]))).all()


def test_a_cast_is_taken_where_every_value_is_held() -> None:
    each = elements(whole=False)
    wrong = [(one, other) for one in each for other in each if accepted(one, other) != held(one, other)]
    assert not wrong


@pytest.mark.parametrize("op", ROWS, ids=lambda op: op.name)
def test_every_pattern(op: type[Operation]) -> None:
    row: Callable[[bool], Iterator[Batch]] = ROWS[op]
    cells = 0
    for batch in row(False):
        holds(batch, computed(batch))
        cells += len(batch.cells)
    assert cells
