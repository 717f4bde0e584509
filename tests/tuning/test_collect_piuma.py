"""Products as a source of labels: drawn the same way each time, labelled by the simulator, described by text alone."""

from random import Random

import pytest

import compiler.tuning.collect_piuma as collect_piuma
from compiler import kernels
from compiler.pipelines import new_context
from compiler.targets.piuma import Piuma
from compiler.tuning.analytical import estimate, total
from compiler.tuning.collect_piuma import COLLECTOR, KERNELS, OUTSIDE
from compiler.tuning.describe import described
from compiler.tuning.products.machines import VARIED, Range, draw_machine
from compiler.tuning.products.matrices import FAMILIES, draw_matrix
from costmodel.collector import Options, Task
from costmodel.features.reading import Reading
from costmodel.sample import Sample
from runtime.machine import Machine
from runtime.sparse.named import generate

TASK = Task(
    "1/inside/0", {"kernel": "product", "machine": {}, "families": ["banded"], "matrices": 2, "size": 256, "seed": 1}
)


def test_tasks_are_the_same_each_time_and_fewer_when_asked() -> None:
    tasks = COLLECTOR.tasks(Options())
    assert tasks == COLLECTOR.tasks(Options())
    assert len({task.key for task in tasks}) == len(tasks)
    assert COLLECTOR.tasks(Options(limit=3)) == tasks[:3]
    assert {str(task.spec["kernel"]) for task in tasks} == set(KERNELS)
    assert all(task.spec["families"] == ["rmat"] for task in COLLECTOR.tasks(Options(families=("rmat",))))
    assert COLLECTOR.tasks(Options(targets=("cpu",))) == []
    assert not {task.key for task in tasks} & {task.key for task in OUTSIDE.tasks(Options())}


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("size", [256, 3072])
def test_a_family_draws_matrices_of_the_size(family: str, size: int) -> None:
    random = Random(f"{family}/{size}")
    for _ in range(4):
        matrix = generate(draw_matrix(family, size, random))
        assert size / 3 < matrix.shape[1] <= 1.5 * size
        assert matrix.nnz > 0


@pytest.mark.parametrize("where", Range)
def test_machines_are_machines(where: Range) -> None:
    for seed in range(50):
        changed = draw_machine(Random(seed), where)
        Machine.of({"blocks": 1, **changed})
        beyond = [name for name, value in changed.items() if value in VARIED[name].outside]
        assert bool(beyond) == (where is Range.OUTSIDE)
        assert bool(changed) == (where is not Range.DEFAULT)


def test_samples_say_what_the_machine_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collect_piuma, "LONGEST", 0)  # what is not near the best is left out
    samples = COLLECTOR.run(TASK)
    assert samples == COLLECTOR.run(TASK)
    assert len({(sample.kernel, sample.variant) for sample in samples}) == len(samples) > 1
    context, target = new_context(), Piuma(Machine(blocks=1))
    name = samples[-1].kernel.partition("@")[2]
    for sample in samples:
        assert Sample.from_json(sample.as_json()) == sample
        candidate = described(sample.text, context)
        assert sample.analytical["cycles"] == total(estimate(candidate))
        assert Reading(sample.text).described[0]["analytical"] == pytest.approx(sample.analytical["cycles"], rel=1e-6)
        assert 0 < sample.labels["utilisation"] <= 1
    last = described(samples[-1].text, context).schedule
    run = kernels.compile(KERNELS["product"], target, last).run(generate(name), generate(name))
    assert run.result.cycles == samples[-1].labels["cycles"]
