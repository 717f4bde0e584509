"""The instruction set is complete: every row has a meaning in both tiers."""

from __future__ import annotations

import pytest

from runtime.isa import ALIASES, ISA, Unit, access_of
from runtime.jit.lower import LOWERINGS, PREDICATES
from runtime.oracle import HANDLERS
from runtime.semantics import EVALUATE, TAKEN

IDENTITY = {"piuma.tid", "piuma.ntid", "piuma.btid", "piuma.nbtid", "piuma.block", "piuma.nblocks"}


def test_every_local_instruction_has_both_definitions() -> None:
    local = {m for m, s in ISA.items() if s.unit.is_local and s.unit is not Unit.BRANCH} - IDENTITY
    assert local == set(EVALUATE) == set(LOWERINGS)


def test_every_conditional_branch_has_both_definitions() -> None:
    branches = {m for m, s in ISA.items() if s.unit is Unit.BRANCH} - {"jal"}
    assert branches == set(TAKEN) == set(PREDICATES)


def test_every_engine_instruction_has_a_handler() -> None:
    assert {s.handler for s in ISA.values() if s.unit is Unit.ENGINE} == set(HANDLERS)


def test_aliases_name_real_instructions_with_the_right_operands() -> None:
    for alias in ALIASES.values():
        assert len(alias.operands) == len(ISA[alias.target].fields), alias


@pytest.mark.parametrize(
    ("mnemonic", "size", "signed", "floating", "cached"),
    [
        ("ld", 8, True, False, True),
        ("lwu", 4, False, False, True),
        ("piuma.lb", 1, True, False, False),
        ("fsw", 4, True, True, True),
        ("piuma.fld", 8, True, True, False),
        ("piuma.amoadd.w", 4, True, False, False),
        ("piuma.cas.d", 8, True, False, False),
    ],
)
def test_access(mnemonic: str, size: int, signed: bool, floating: bool, cached: bool) -> None:
    access = access_of(mnemonic)
    assert (access.size, access.signed, access.floating, access.cached) == (size, signed, floating, cached)
