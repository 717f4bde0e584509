"""The model that ships for the simulated machine: it is what kcc chooses by, and it knows where it is not at home."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from compiler.kernels import load
from compiler.targets.measure import measure
from compiler.targets.operands import Operands
from compiler.targets.piuma import Piuma
from compiler.tuning.describe import canonical_text
from compiler.tuning.learned import ANALYTICAL, default_cost
from costmodel import artifact
from costmodel.dataset import read
from costmodel.shipping import SHIPPED, shipped_model
from runtime.machine import Machine
from runtime.sparse.named import generate

KERNEL = load(Path(__file__).parents[2] / "examples" / "kernels" / "spgemm.mlir")


def texts(matrix: str, machine: Machine) -> Sequence[str]:
    a = generate(matrix)
    target, data = Piuma(machine), measure(Operands.of(KERNEL.form, [a, a]))
    return [canonical_text(KERNEL, each, data, target.describe()) for each in target.schedules(KERNEL.form, data)]


def test_model_and_data_are_small_and_whole() -> None:
    path = shipped_model("piuma")
    assert path is not None
    assert path.stat().st_size < artifact.LARGEST / 2
    data = SHIPPED / "piuma.jsonl.gz"
    assert data.stat().st_size < 1_000_000
    samples = read([data]).samples
    assert {sample.source for sample in samples} == {"piuma"}
    (expert,) = artifact.load(path).experts
    assert expert.samples == len(samples)
    assert set(expert.families) == {sample.family for sample in samples}


@pytest.mark.parametrize("matrix", ["rmat:9,3000", "uniform:1024,1024,4", "banded:512,4"])
def test_it_judges_products_like_those_it_learned_from(matrix: str) -> None:
    candidates = texts(matrix, Machine(blocks=1))
    found = default_cost("piuma").judge(candidates)
    assert found.judge == "the learned model"
    assert all(cost > 0 for cost in found.costs)
    assert found == default_cost("piuma").judge(candidates)


def test_bounds_judge_on_a_machine_unlike_any() -> None:
    machine = Machine(
        blocks=1, pipelines=16, dram_bytes_per_cycle=2000.0, dram_latency=5000, spad_banks=512, dma_beat=60
    )
    found = default_cost("piuma").judge(texts("rmat:9,3000", machine))
    assert found.judge == ANALYTICAL
    assert "knows no" in found.remarks[0]


def test_bounds_judge_beyond_twice_the_range_and_the_field_is_named() -> None:
    found = default_cost("piuma").judge(texts("rmat:9,3000", Machine(blocks=1, dram_latency=500)))
    assert found.judge == ANALYTICAL
    assert "dram_latency" in found.remarks[0]
