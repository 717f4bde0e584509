"""The equivalence harness on a translation by hand: silent on the right one, and loud on every wrong one.

A harness that cannot fail proves nothing; so each mistake below is seeded into the Rust, and must be found in the function that has it.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from equivalence.harness import CHECKED_RUST, Effort, build_rust, compare, generate, judge, prepare_c
from equivalence.plan import FunctionPlan, plan
from equivalence.stream import Failure
from rust import require

from compiler.report import FieldReport, FunctionReport, ParameterReport, Report, StructReport, Verdict
from compiler.translation import Translation

BY_HAND = Path(__file__).parent / "by_hand"
SOURCE, RUST = BY_HAND / "ledger.c", (BY_HAND / "ledger.rs").read_text()
EFFORT = Effort(judged=300, tries=3000)

FUNCTIONS = {
    "rotl": ("u32", [("x", "uint32_t", "u32"), ("n", "unsigned int", "u32")]),
    "mix": ("u32", [("p", "const uint8_t *", "&[u8]"), ("n", "size_t", "usize"), ("seed", "uint32_t", "u32")]),
    "scale": ("()", [("v", "int16_t *", "&mut [i16]"), ("n", "size_t", "usize"), ("by", "int16_t", "i16")]),
    "add": ("bool", [("l", "struct ledger *", "&mut ledger"), ("e", "struct entry", "entry")]),
    "total": ("i64", [("l", "const struct ledger *", "&ledger")]),
    "largest": ("entry", [("l", "const struct ledger *", "&ledger")]),
    "pad": (
        "()",
        [("block", "uint8_t *", "&mut [u8; 16]"), ("from", "const uint8_t *", "&[u8]"), ("n", "size_t", "usize")],
    ),
    "words": ("i32", [("s", "const char *", "&[u8]")]),
    "mean": ("f64", [("m", "double (*)[3]", "&[[f64; 3]]"), ("rows", "int", "i32")]),
    "lowest": ("u32", [("x", "uint64_t", "u64")]),
    "optional": ("u32", [("p", "const uint32_t *", "Option<&u32>")]),
}

STRUCTS = {
    "entry": {"id": "u16", "amount": "i32", "tag": "[u8; 4]"},
    "ledger": {"entries": "[entry; 8]", "count": "u32", "rate": "f64"},
}


def report() -> Report:
    functions = [_function(name, result, taken) for name, (result, taken) in FUNCTIONS.items()]
    return Report(functions, [_struct(name, fields) for name, fields in STRUCTS.items()])


def _struct(name: str, fields: dict[str, str]) -> StructReport:
    return StructReport(
        name, name, f"struct {name}", tuple(FieldReport(each, each, "", kind) for each, kind in fields.items())
    )


def _function(name: str, result: str, taken: list[tuple[str, str, str]]) -> FunctionReport:
    parameters = tuple(ParameterReport(*each) for each in taken)
    return FunctionReport(name, name, "ledger.c", 1, name != "rotl", Verdict.EXACT, parameters, "", result)


@dataclass(frozen=True, slots=True)
class Mistake:
    function: str
    right: str
    wrong: str


MISTAKES = {
    "an operator": Mistake("mix", "seed ^ byte", "seed | byte"),
    "a shift turned around": Mistake("rotl", "x << n", "x >> n"),
    "a shift without sign": Mistake("scale", "(*x as i32 * by as i32 >> 17)", "((*x as i32 * by as i32) as u32 >> 17)"),
    "a statement dropped": Mistake("add", "    l.count += 1;\n", ""),
    "a condition dropped": Mistake("largest", "i < l.count && i < 8", "i < 8"),
    "a bound off by one": Mistake("total", "0..l.count", "1..l.count"),
    "a comparison": Mistake("add", "l.count >= 8", "l.count > 8"),
    "a constant": Mistake("pad", "fill(0x20)", "fill(0x00)"),
    "a length": Mistake("scale", "v[..n]", "v[..n & !1]"),
    "a needless read": Mistake("mix", "for &byte", "let _ = p[n];\n    for &byte"),
    "an overflow that C does not have": Mistake("mix", ".wrapping_mul(9)", " * 9"),
    "a default": Mistake("optional", "map_or(7", "map_or(0"),
    "a sign": Mistake("total", "amount as i64", "amount as u32 as i64"),
    "a process that goes on": Mistake("pad", "std::process::abort()", "return"),
    "an order of sums": Mistake("mean", "sum += m[i as usize][j]", "sum = m[i as usize][j]"),
}

ENDLESS = Mistake("lowest", "x >>= 1;", "n = 0;")


@dataclass(frozen=True, slots=True)
class Prepared:
    folder: Path
    plans: list[FunctionPlan]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """The C half, built and run once."""
    require("gcc", "rustc")
    folder = tmp_path_factory.mktemp("ledger")
    plans, left_out = plan(report(), RUST)
    assert not left_out
    prepare_c([SOURCE], plans, folder)
    generate(folder, EFFORT)
    return Prepared(folder, plans)


def test_a_right_translation_passes(tmp_path: Path) -> None:
    require("gcc", "rustc")
    outcome = compare([SOURCE], Translation(RUST, report()), tmp_path, EFFORT)
    assert not outcome.failures
    assert not outcome.left_out
    assert {name for name, tally in outcome.tallies.items() if tally.judged < 300} <= {"lowest"}
    assert outcome.tallies["mix"].undefined > 50  # lengths beyond the buffer are tried, and dropped
    assert outcome.tallies["lowest"].timeouts > 5  # zero loops forever


def rounds() -> list[list[str]]:
    """The mistakes, in as few groups as have one mistake per function: the Rust compiler's start-up is what costs."""
    groups: list[list[str]] = []
    for what, mistake in MISTAKES.items():
        free = (group for group in groups if mistake.function not in {MISTAKES[other].function for other in group})
        group = next(free, None)
        if group is None:
            groups.append([what])
        else:
            group.append(what)
    return groups


@pytest.mark.parametrize("seeded", rounds(), ids="; ".join)
def test_mistakes_are_found(seeded: list[str], prepared: Prepared, tmp_path: Path) -> None:
    failures = judge_with([MISTAKES[what] for what in seeded], prepared, tmp_path)
    missed = [what for what in seeded if MISTAKES[what].function not in {each.function for each in failures}]
    assert not missed


def test_a_loop_without_end_is_found(prepared: Prepared, tmp_path: Path) -> None:
    failures = judge_with([ENDLESS], prepared, tmp_path)
    assert [(each.function, each.kind) for each in failures] == [("lowest", "hangs")]


def test_an_end_that_c_does_not_have_is_found(prepared: Prepared, tmp_path: Path) -> None:
    head = "pub fn words(s: &[u8]) -> i32 {\n"
    for end in ("std::process::exit(0);", "std::process::abort();"):
        failures = judge_with([Mistake("words", head, f"{head}    {end}\n")], prepared, tmp_path)
        assert [(each.function, each.kind) for each in failures] == [("words", "ends the process")]


def judge_with(mistakes: list[Mistake], prepared: Prepared, folder: Path) -> tuple[Failure, ...]:
    rust = RUST
    for mistake in mistakes:
        assert RUST.count(mistake.right) == 1
        rust = rust.replace(mistake.right, mistake.wrong)
    for name in ("cases", "mask"):
        shutil.copy(prepared.folder / name, folder)
    plans = {"translation": prepared.plans}
    build_rust(Translation(rust, report()), plans, folder, CHECKED_RUST)
    return judge("translation", prepared.plans, folder)


def test_generation_is_repeatable(prepared: Prepared, tmp_path: Path) -> None:
    prepare_c([SOURCE], [each for each in prepared.plans if each.name != "lowest"], tmp_path)
    generate(tmp_path, EFFORT)
    first = (tmp_path / "cases").read_bytes()
    generate(tmp_path, EFFORT)
    assert (tmp_path / "cases").read_bytes() == first
