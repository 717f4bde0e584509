"""What a correction for another core looks at: shares of work, cycles on imagined machines, and an expert moved by them."""

from __future__ import annotations

import json
import time
import zipfile
from io import BytesIO

import numpy as np
import pytest
from block_texts import block, text

from costmodel import artifact
from costmodel.dataset import Dataset
from costmodel.explain import explain
from costmodel.features.encoder import Group
from costmodel.features.imagined import MACHINES, cycles_on, longest_chain, tasks_of
from costmodel.features.reading import Reading
from costmodel.features.straight import largest_block
from costmodel.features.work import MACHINE_COLUMNS, work, work_names
from costmodel.model import CostModel
from costmodel.models.boosting import Shape
from costmodel.models.nearby import Nearby
from costmodel.models.table import Options
from costmodel.refusals import RequestError
from costmodel.sample import Sample
from costmodel.training import fit
from costmodel.transfer import few_shot, transfer

NAMES = list(work_names())


def columns(*lines: str) -> dict[str, float]:
    return dict(zip(NAMES, work([Reading(text(*lines)).lines])[0].tolist(), strict=True))


def chain(length: int, operation: str = "arith.addf") -> list[str]:
    sums = [f"  %s{at + 1} = {operation} %{f's{at}' if at else 'a'}, %a : f64" for at in range(length)]
    return [*sums, f"  memref.store %s{length}, %q[%c0] : memref<256xf64>"]


def abreast(count: int) -> list[str]:
    """Sums that wait for nothing."""
    return [
        line
        for at in range(count)
        for line in (
            f"  %s{at} = arith.addf %a, %a : f64",
            f"  memref.store %s{at}, %q[%c{at}] : memref<256xf64>",
        )
    ]


def cycles(machine: str, *lines: str) -> int:
    return cycles_on(MACHINES[machine], tasks_of(largest_block(Reading(text(*lines)).lines).nodes[32:-1]))


def test_shares_add_up_and_quotients_weigh_most() -> None:
    found = columns(*chain(3), *[line.replace("%s", "%t") for line in chain(1, "arith.divf")])
    shares = [found[name] for name in NAMES[:-MACHINE_COLUMNS]]
    assert sum(shares) == pytest.approx(1.0)
    assert found["share of div f64"] == max(shares) > 0.7
    assert found["share of add f64"] > 0
    assert found["share of store float"] > 0


def test_a_chain_waits_for_every_link_and_a_row_for_units() -> None:
    assert cycles("two in text order", *chain(8)) == 8 * 4 + 1
    assert cycles("two scheduled, half the latency", *chain(8)) == 8 * 2 + 1
    assert longest_chain(tasks_of(largest_block(Reading(text(*chain(8))).lines).nodes)) == 32
    assert cycles("one scheduled", *abreast(8)) == 16, "one operation a cycle"
    assert 8 + 4 <= cycles("two scheduled", *abreast(8)) <= 8 + 5, "one store a cycle, the first after a sum"
    assert cycles("two in text order", *abreast(8)) > 4 * cycles("two scheduled", *abreast(8)) // 2


def test_a_load_waits_for_a_store_to_its_array() -> None:
    stored = [*chain(1), "  %x = memref.load %q[%k] : memref<256xf64>", "  memref.store %x, %p[%c0] : memref<256xf64>"]
    other = [line.replace("load %q", "load %p") for line in stored]
    assert cycles("two scheduled", *stored) > cycles("two scheduled", *other)


def test_names_change_nothing_and_nothing_is_finite() -> None:
    renamed = [line.replace("%s", "%other") for line in chain(5)]
    assert columns(*renamed) == columns(*chain(5))
    rows = work([Reading(each).lines for each in (text(), "", "module {\n}\n")])
    assert np.isfinite(rows).all()


def test_two_thousand_operations_and_endless_vectors_take_no_time() -> None:
    wide = "  %w = arith.addf %v, %v : vector<1000000000xf64>"
    started = time.process_time()
    tasks = [
        tasks_of(largest_block(Reading(text(*lines)).lines).nodes) for lines in (chain(2000), [wide], abreast(30) * 60)
    ]
    assert all(cycles_on(machine, each) > 0 for machine in MACHINES.values() for each in tasks)
    assert time.process_time() - started < 5


def sample(number: int, core: str, division: float) -> Sample:
    """A core on which all operations but quotients take one cycle."""
    lines = block(number)
    taken = sum(division if "divf" in line else 1.0 for line in lines)
    return Sample("blocks", core, f"f{number % 3}", f"k{number}", "as-written", text(*lines), {"cycles": taken})


@pytest.fixture(scope="module")
def old() -> CostModel:
    quick = Options(
        (Group.STRAIGHT,), shape=Shape(trees=30), ranker=Shape(trees=2), nest_ranker=Shape(trees=2), calibrate=False
    )
    return fit(Dataset(tuple(sample(number, "slow", 20.0) for number in range(90))), quick)


def test_twenty_labels_say_what_a_division_takes(old: CostModel) -> None:
    """Of blocks that neither core was seen with; the same from a file, and finite and explained on any text."""
    wide = transfer(old, "blocks/slow", [sample(number, "fast", 4.0) for number in range(24)])
    again = artifact.from_bytes(artifact.to_bytes(wide), "m")
    assert Group.WORK in again.experts[1].encoder.groups
    assert isinstance(again.experts[1].primary.shift, Nearby)
    tested = [sample(number, "fast", 4.0) for number in range(200, 240)]
    truth = np.array([each.labels["cycles"] for each in tested])
    texts = [each.text for each in tested]
    moved = np.array([each.value for each in again.predict(texts, target="fast")])
    kept = np.array([each.value for each in old.predict(texts)])
    assert np.abs(moved / truth - 1).mean() < 0.5 * np.abs(kept / truth - 1).mean()
    odd = again.predict([text(), "%x = foo.bar %y : vector<9xf80>\n", text(*chain(300))], target="fast")
    assert all(np.isfinite([each.value, each.low, each.high]).all() for each in odd)
    assert len(explain(again, texts[:1], target="fast")[0].reasons) > 0
    assert artifact.to_bytes(transfer(old, "blocks/slow", [sample(n, "fast", 4.0) for n in range(24)])) == (
        artifact.to_bytes(wide)
    )


def test_what_was_moved_is_moved_anew(old: CostModel) -> None:
    """From the old trees, not from the first correction."""
    once = transfer(old, "blocks/slow", [sample(number, "fast", 4.0) for number in range(24)])
    labels = [sample(number, "third", 9.0) for number in range(24)]
    texts = [sample(number, "third", 9.0).text for number in range(300, 310)]
    direct = transfer(old, "blocks/slow", labels).predict(texts, target="third")
    twice = transfer(once, "blocks/fast", labels).predict(texts, target="third")
    assert [each.value for each in twice] == [each.value for each in direct]


def test_a_table_from_before_there_were_lines_means_the_same(old: CostModel) -> None:
    """A file of format 3 has no row of coefficients, which are then 0."""
    wide = transfer(old, "blocks/slow", [sample(number, "fast", 4.0) for number in range(24)])
    shift = wide.experts[1].primary.shift
    assert isinstance(shift, Nearby)
    before = BytesIO()
    with zipfile.ZipFile(BytesIO(artifact.to_bytes(wide))) as now, zipfile.ZipFile(before, "w") as then:
        for name in now.namelist():
            content = now.read(name)
            if name == "manifest.json":
                content = json.dumps({**json.loads(content), "format": 3}).encode()
            if name.endswith("cycles.nearby.npy"):
                kept = BytesIO()
                np.save(kept, np.delete(shift.table, 3, axis=0).astype(np.float32))
                content = kept.getvalue()
            then.writestr(name, content)
    read = artifact.from_bytes(before.getvalue(), "m").experts[1].primary.shift
    assert isinstance(read, Nearby)
    expected = shift.table.copy()
    expected[3] = 0.0
    assert np.array_equal(read.table, expected)


@pytest.mark.parametrize("share", [0.0, -0.1, 1.0, 5.0, float("nan")])
def test_a_share_lies_between_nothing_and_all(share: float, old: CostModel) -> None:
    samples = [sample(number, "fast", 4.0) for number in range(12)]
    with pytest.raises(RequestError, match="of the labels is none; it must lie between 0 and 1"):
        few_shot(old.experts[0], samples, share)
