"""Schedules by tokens: what is refused with which reason, and that the candidates are legal, distinct and wide."""

from __future__ import annotations

from dataclasses import replace

import pytest

from compiler.dialects.schedules.piuma import Accumulator, Hash, PiumaSchedule, Resident
from compiler.dialects.spgemm_data import DataDescriptor
from compiler.dialects.spgemm_kernel import KernelForm
from compiler.dialects.spgemm_types import Element, Semiring
from compiler.targets.piuma import Piuma
from compiler.targets.piuma_tokens import token_schedules, tokens_objection
from runtime.machine import Machine

BLOCK = Machine(blocks=1)
FORM = KernelForm()
WINDOW = PiumaSchedule(accumulator=Accumulator.WINDOW, window_columns=1024)
TABLE = PiumaSchedule(accumulator=Accumulator.PRIVATE_HASH, hash_products=32)
SMALL = DataDescriptor(rows=1000, inner=1000, columns=1000, nnz_b=5000, fmas=25_000, max_row_fmas=30)
WIDE = DataDescriptor(rows=16_384, inner=16_384, columns=16_384, nnz_b=252_000, fmas=6_000_000, max_row_fmas=9000)


@pytest.mark.parametrize(
    ("schedule", "form", "data", "part"),
    [
        (WINDOW, replace(FORM, element=Element.F32), SMALL, "rows of f64"),
        (WINDOW, replace(FORM, semiring=Semiring.PLUS_PAIR), SMALL, "not plus_pair"),
        (TABLE, replace(FORM, semiring=Semiring.OR_AND), SMALL, "truth values"),
        (replace(WINDOW, window_columns=1000), FORM, SMALL, "no multiple of 256"),
        (replace(WINDOW, blocks=8), FORM, SMALL, "no order among blocks"),
        (replace(TABLE, hash_products=0), FORM, SMALL, "hash_products is 0"),
        (WINDOW, FORM, WIDE, "C has 16384"),
        (replace(WINDOW, window_columns=16_384), FORM, WIDE, "bytes of scratchpad"),
        (TABLE, FORM, WIDE, "a row has 9000"),
        (WINDOW, FORM, replace(SMALL, rows=1 << 23), "numbers fewer"),
    ],
)
def test_what_is_refused(schedule: PiumaSchedule, form: KernelForm, data: DataDescriptor, part: str) -> None:
    objection = tokens_objection(schedule, form, data, BLOCK)
    assert objection is not None and part in objection.reason


def test_a_machine_with_few_queues() -> None:
    objection = tokens_objection(WINDOW, FORM, SMALL, Machine(blocks=1, queues=8))
    assert objection is not None and "16 queues" in objection.reason


def test_what_is_legal() -> None:
    assert tokens_objection(WINDOW, FORM, SMALL, BLOCK) is None
    assert tokens_objection(TABLE, FORM, SMALL, BLOCK) is None
    assert tokens_objection(WINDOW, FORM, None, BLOCK) is None


def test_candidates_are_legal_and_distinct() -> None:
    for data in (SMALL, WIDE):
        found = list(token_schedules(FORM, data, BLOCK))
        assert len(found) == len(set(found))
        assert all(tokens_objection(each, FORM, data, BLOCK) is None for each in found)


def test_small_operands_get_a_whole_window_and_all_of_b() -> None:
    first = next(token_schedules(FORM, SMALL, BLOCK))
    assert (first.window_columns, first.panels, first.resident) == (1024, False, Resident.ALL)


def test_wide_results_get_panels_and_no_table() -> None:
    found = list(token_schedules(FORM, WIDE, BLOCK))
    assert found and all(each.accumulator is Accumulator.WINDOW for each in found)
    assert found[0].panels
    assert all(each.panels or each.threads < BLOCK.block_threads for each in found), (
        "a whole window is for fewer threads"
    )


def test_every_kernel_has_a_table_in_which_neighbours_do_not_cluster() -> None:
    for form in (FORM, replace(FORM, element=Element.F32), replace(FORM, semiring=Semiring.OR_AND)):
        found = [each for each in Piuma().schedules(form, SMALL) if isinstance(each, PiumaSchedule)]
        assert any(each.accumulator is Accumulator.HASH and each.hash is Hash.MULTIPLICATIVE for each in found)
        assert len(found) == len(set(found))


def test_no_candidate_for_what_no_lowering_computes() -> None:
    assert not list(token_schedules(replace(FORM, element=Element.I64), SMALL, BLOCK))


def test_the_same_rows_otherwise() -> None:
    found = list(token_schedules(FORM, SMALL, BLOCK))
    windows = [each for each in found if each.accumulator is Accumulator.WINDOW]
    assert {each.resident for each in windows} == set(Resident)
    assert {each.threads for each in windows} == {64, 48}
    assert len({each.cached for each in windows}) == 2
    assert {each.window_columns for each in windows} == {1024}


def test_one_thread_has_nothing_to_leave_out() -> None:
    found = list(token_schedules(FORM, SMALL, Machine(blocks=1, pipelines=1, threads=1)))
    assert {each.threads for each in found} == {1}
