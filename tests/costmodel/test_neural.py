"""Networks that read token streams: fitted by PyTorch (skipped where it is missing), asked by NumPy."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import loop_texts
import numpy as np
import pytest

from costmodel import artifact
from costmodel.cli import main
from costmodel.dataset import Dataset, write
from costmodel.evaluate import Request, evaluate
from costmodel.explain import explain
from costmodel.features.reading import Reading
from costmodel.features.sequence import LENGTH, sequence_matrix, words_of
from costmodel.models.boosting import Shape
from costmodel.models.neural.learning import Course
from costmodel.models.neural.network import NUMPY, NetworkKind, forward, shapes
from costmodel.models.table import Options
from costmodel.refusals import ArtifactError, RequestError
from costmodel.splits import Split
from costmodel.tokens.stream import Scheme
from costmodel.training import fit

QUICK = Options(shape=Shape(trees=20), nests=Shape(trees=20), ranker=Shape(trees=20), nest_ranker=Shape(trees=20))
SAMPLES = tuple(replace(each, labels={"seconds": each.labels["seconds"]}) for each in loop_texts.samples(2))
DATA = Dataset(SAMPLES)
TEXTS = [sample.text for sample in SAMPLES[:12]]


def options(kind: NetworkKind, epochs: int = 1) -> Options:
    return Options(network=kind, course=Course(epochs=epochs), calibrate=False)


def test_a_row_holds_words_numbers_and_running_products() -> None:
    nest = loop_texts.nest("ijk", {"i": 8, "j": 16, "k": 4}, loop_texts.KERNELS["product"])
    stream = Reading(nest).tokens(Scheme.RUNNING)
    words = words_of([stream], Scheme.RUNNING)
    row = sequence_matrix([stream], words).reshape(3, LENGTH)
    assert words[int(row[0, -1]) - 2] == "END" and row[0, 0] == 0
    trips = [row[1, at] for at in range(LENGTH) if row[0, at] and words[int(row[0, at]) - 2] == "TRIP"]
    assert trips == pytest.approx(np.log2([9, 17, 5]))
    loads = [row[2, at] for at in range(LENGTH) if row[0, at] and words[int(row[0, at]) - 2] == "LOAD"]
    assert loads and set(loads) == {np.log2(8 * 16 * 4)}


def test_words_that_no_text_had_are_unknown() -> None:
    stream = Reading(TEXTS[0]).tokens(Scheme.OPERATIONS)
    assert set(sequence_matrix([stream], ())[0, :LENGTH]) == {0.0, 1.0}


@pytest.mark.parametrize("kind", NetworkKind)
def test_what_is_padding_does_not_change_a_transformer_and_shapes_fit(kind: NetworkKind) -> None:
    random = np.random.default_rng(1)
    arrays = {name: random.standard_normal(shape).astype(np.float32) for name, shape in shapes(kind, 9).items()}
    words, numbers = np.zeros((2, LENGTH), dtype=np.int64), np.zeros((2, LENGTH), dtype=np.float32)
    words[:, -5:] = [3, 1, 4, 1, 5]
    said, states = forward(kind, arrays, words, numbers, NUMPY)
    assert said.shape == (2,) and said[0] == said[1]
    if states is not None:
        assert kind is NetworkKind.TRANSFORMER
        arrays["word"][0] += 1  # PAD's own vector
        assert forward(kind, arrays, words, numbers, NUMPY)[0] == pytest.approx(said)


@pytest.mark.parametrize("kind", NetworkKind)
def test_equal_data_gives_equal_bytes_and_a_file_predicts_without_torch(
    kind: NetworkKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch")
    model = fit(DATA, options(kind))
    data = artifact.to_bytes(model)
    assert artifact.to_bytes(fit(DATA, options(kind))) == data and len(data) < artifact.LARGEST
    monkeypatch.setitem(sys.modules, "torch", None)
    assert artifact.from_bytes(data, "m").cost(TEXTS) == model.cost(TEXTS)


def test_a_network_learns() -> None:
    pytest.importorskip("torch")
    costs = np.array(fit(DATA, options(NetworkKind.CONV1D, 40)).cost([sample.text for sample in SAMPLES]))
    truth = np.log([sample.labels["seconds"] for sample in SAMPLES])
    assert np.abs(costs - truth).mean() < 0.5 * np.abs(truth - truth.mean()).mean()


def test_networks_are_evaluated_beside_the_others() -> None:
    pytest.importorskip("torch")
    request = Request((Split.KERNEL,), schemes=(Scheme.OPERATIONS,), networks=(NetworkKind.FC,), folds=2)
    plain = replace(QUICK, course=Course(epochs=1), calibrate=False)
    found = evaluate(DATA, replace(request, options=plain))
    assert {"fc: operations", "tokens: operations", "hand"} <= {row.model for row in found.rows}


def test_a_damaged_network_is_refused() -> None:
    pytest.importorskip("torch")
    model = fit(DATA, options(NetworkKind.CONV1D))
    head = model.experts[0].heads[0]
    network = head.boosters[0]
    assert not hasattr(network, "text")
    fewer = replace(network, arrays={name: each[:1] for name, each in getattr(network, "arrays").items()})  # noqa: B009
    broken = replace(model, experts=(replace(model.experts[0], heads=(replace(head, boosters=(fewer,)),)),))
    with pytest.raises(ArtifactError, match="a network of other arrays"):
        artifact.from_bytes(artifact.to_bytes(broken), "m")
    with pytest.raises(RequestError, match=r"is a network \(conv1d\): only trees say"):
        explain(model, TEXTS[:1])


@pytest.mark.parametrize("command", ["fit", "evaluate"])
def test_without_torch_the_extra_is_named(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    write(tmp_path / "d.jsonl.gz", SAMPLES)
    assert main([command, str(tmp_path / "d.jsonl.gz"), "--model", "conv1d"]) == 1
    assert "pip install 'splitwood[neural]'" in capsys.readouterr().err
