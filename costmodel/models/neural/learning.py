"""Fitting networks by PyTorch (the `neural` extra): Adam on squared errors of standardised labels, or on logistic loss.

Equal samples and seed give equal arrays: parameters and batches are drawn by NumPy, nothing is dropped by chance, one thread computes.
A transformer also learns to name the logarithm of the running product at every word (`costmodel/features/sequence.py`), so that the
product of trips is at hand where a number is made ("Why Can't Transformers Learn Multiplication?", 2025: its auxiliary loss).
"""

from __future__ import annotations

import importlib
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from costmodel.features.sequence import LENGTH
from costmodel.features.streams import Floats
from costmodel.models.boosting import Objective, Shape
from costmodel.models.head import Learner
from costmodel.models.neural.network import WIDTH, Library, Network, NetworkKind, forward, shapes
from costmodel.refusals import RequestError

_AUXILIARY = 0.3
"""What the running products weigh beside the label."""
_OCTAVES = 8.0
"""What their logarithms are divided by."""
_STEEPEST = 1.0


@dataclass(frozen=True, slots=True)
class Course:
    """How long and how fast."""

    epochs: int = 12
    batch: int = 128
    rate: float = 3e-3


def torch_or_refusal() -> Any:
    """PyTorch, if it is there."""
    try:
        return importlib.import_module("torch")
    except ImportError:
        raise RequestError("networks are fitted by PyTorch: pip install 'splitwood[neural]'") from None


def learn(
    matrix: Floats,
    labels: Floats,
    kind: NetworkKind,
    vocabulary: int,
    course: Course,
    seed: int,
    weights: Floats | None = None,
    binary: bool = False,
) -> Network:
    """A network fitted to rows; `binary` where labels are 0 and 1."""
    torch = torch_or_refusal()
    centre, spread = (0.0, 1.0) if binary else (float(labels.mean()), float(labels.std()) or 1.0)
    random = np.random.default_rng(seed)
    arrays = _first(kind, vocabulary, random)
    parameters = {name: torch.tensor(array, requires_grad=True) for name, array in arrays.items()}
    rows = _Rows(
        torch.tensor(matrix[:, :LENGTH].astype(np.int64)),
        torch.tensor(matrix[:, LENGTH : 2 * LENGTH].astype(np.float32)),
        torch.tensor((matrix[:, 2 * LENGTH : 3 * LENGTH] / _OCTAVES).astype(np.float32)),
        torch.tensor(((labels - centre) / spread).astype(np.float32)),
        torch.tensor((np.ones(len(labels)) if weights is None else weights / weights.mean()).astype(np.float32)),
    )
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        _descend(torch, kind, parameters, rows, course, random, binary)
    finally:
        torch.set_num_threads(threads)
    kept = {name: parameters[name].detach().numpy() for name in shapes(kind, vocabulary)}
    kept |= {"centre": np.array([centre], dtype=np.float32), "spread": np.array([spread], dtype=np.float32)}
    return Network(kind, kept, binary)


def learner(kind: NetworkKind, vocabulary: int, course: Course) -> Learner:
    """What a head is fitted by; the shape of boosters says nothing to networks."""

    def by_network(
        matrix: Floats, labels: Floats, objective: Objective, _: Shape, seed: int, weights: Floats | None = None, /
    ) -> Network:
        return learn(matrix, labels, kind, vocabulary, course, seed, weights, objective is Objective.BINARY)

    return by_network


@dataclass(frozen=True, slots=True)
class _Rows:
    words: Any
    numbers: Any
    products: Any
    labels: Any
    weights: Any


def _first(kind: NetworkKind, vocabulary: int, random: np.random.Generator) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, shape in (shapes(kind, vocabulary) | {"product": (WIDTH, 1)}).items():
        if name[-1] in "+*":
            found[name] = np.full(shape, float(name[-1] == "*"), dtype=np.float32)
        else:
            size = 0.3 if name in ("word", "number", "place") else math.sqrt(1.5 / shape[0])
            found[name] = (size * random.standard_normal(shape)).astype(np.float32)
    return found


def _descend(
    torch: Any,
    kind: NetworkKind,
    parameters: dict[str, Any],
    rows: _Rows,
    course: Course,
    random: np.random.Generator,
    binary: bool,
) -> None:
    library = Library(torch.exp, torch.tanh, lambda x, axis: torch.amax(x, dim=axis), torch.cat)
    adam = torch.optim.Adam(parameters.values(), lr=course.rate)
    count = len(rows.labels)
    steps = course.epochs * math.ceil(count / course.batch)
    pace = torch.optim.lr_scheduler.OneCycleLR(adam, max_lr=course.rate, total_steps=max(steps, 2))
    for _ in range(course.epochs):
        order = torch.tensor(random.permutation(count))
        for start in range(0, count, course.batch):
            part = order[start : start + course.batch]
            adam.zero_grad()
            _loss(torch, kind, parameters, rows, part, library, binary).backward()
            torch.nn.utils.clip_grad_norm_(list(parameters.values()), _STEEPEST)
            adam.step()
            pace.step()


def _loss(
    torch: Any, kind: NetworkKind, parameters: dict[str, Any], rows: _Rows, part: Any, library: Library, binary: bool
) -> Any:
    words = rows.words[part]
    said, states = forward(kind, parameters, words, rows.numbers[part], library)
    if binary:
        each = torch.nn.functional.binary_cross_entropy_with_logits(said, rows.labels[part], reduction="none")
    else:
        each = (said - rows.labels[part]) ** 2
    loss = (each * rows.weights[part]).mean()
    if states is None:
        return loss
    missed = ((states @ parameters["product"])[:, :, 0] - rows.products[part]) ** 2 * (words != 0)
    return loss + _AUXILIARY * missed.sum() / (words != 0).sum()
