"""Networks as named arrays, and their forward passes, written once for NumPy arrays and PyTorch tensors alike.

| kind | reads the words by |
|---|---|
| fc | all of them side by side, two hidden layers |
| lstm | one after another, the last state |
| conv1d | windows of five, three times, halving in between; mean and maximum of what is left |
| transformer | two layers of attention; the mean |

The first three are the paper's (arXiv 2302.11405, section 4). A row is `LENGTH` words, as many numbers beside them, and as many running
products (`costmodel/features/sequence.py`); the products are only learned from. `predict` needs no PyTorch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from costmodel.features.sequence import LENGTH
from costmodel.features.streams import Floats

WIDTH, HIDDEN, CHANNELS, HEADS, LAYERS = 24, 48, 32, 2, 2
_WINDOW = 5
_ROWS = 256


class NetworkKind(Enum):
    """Which network."""

    FC = "fc"
    LSTM = "lstm"
    CONV1D = "conv1d"
    TRANSFORMER = "transformer"


Arrays = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Library:
    """What is called on NumPy or on PyTorch by name: two functions, the maximum along an axis, and arrays joined along one."""

    exp: Callable[[Any], Any]
    tanh: Callable[[Any], Any]
    peak: Callable[[Any, int], Any]
    join: Callable[[list[Any], int], Any]


@dataclass(frozen=True)
class Network:
    """A fitted network; `squash` where it says how probable something is."""

    kind: NetworkKind
    arrays: Arrays
    squash: bool = False

    def predict(self, matrix: Floats) -> Floats:
        """One number a row."""
        parts = [self._some(matrix[at : at + _ROWS]) for at in range(0, len(matrix), _ROWS)]
        return np.concatenate(parts) if parts else np.zeros(0)

    def _some(self, rows: Floats) -> Floats:
        words, numbers = rows[:, :LENGTH].astype(np.int64), rows[:, LENGTH : 2 * LENGTH].astype(np.float32)
        said, _ = forward(self.kind, self.arrays, words, numbers, NUMPY)
        said = said.astype(np.float64) * float(self.arrays["spread"][0]) + float(self.arrays["centre"][0])
        return 1 / (1 + np.exp(-said)) if self.squash else said


NUMPY = Library(np.exp, np.tanh, lambda x, axis: x.max(axis=axis), lambda parts, axis: np.concatenate(parts, axis=axis))


def shapes(kind: NetworkKind, vocabulary: int) -> dict[str, tuple[int, ...]]:
    """The arrays of a network for so many words; vectors whose name ends in `+` start from 0, those in `*` from 1."""
    found: dict[str, tuple[int, ...]] = {"word": (vocabulary, WIDTH), "number": (1, WIDTH)}
    match kind:
        case NetworkKind.FC:
            found |= {"first": (LENGTH * WIDTH, HIDDEN), "first+": (HIDDEN,)}
            last = HIDDEN
        case NetworkKind.LSTM:
            found |= {"in": (WIDTH, 4 * CHANNELS), "state": (CHANNELS, 4 * CHANNELS), "gates+": (4 * CHANNELS,)}
            last = CHANNELS
        case NetworkKind.CONV1D:
            for at in range(3):
                width = WIDTH if at == 0 else CHANNELS
                found |= {f"window {at}": (_WINDOW * width, CHANNELS), f"window {at}+": (CHANNELS,)}
            last = 2 * CHANNELS
        case NetworkKind.TRANSFORMER:
            found["place"] = (LENGTH, WIDTH)
            for at in range(LAYERS):
                found |= {f"{each} {at}": (WIDTH, WIDTH) for each in ("query", "key", "value", "mix")}
                found |= {f"up {at}": (WIDTH, 2 * WIDTH), f"up {at}+": (2 * WIDTH,), f"down {at}": (2 * WIDTH, WIDTH)}
                found |= {f"norm {at}*": (WIDTH,), f"norm up {at}*": (WIDTH,)}
            last = WIDTH
    return found | {"hidden": (last, HIDDEN), "hidden+": (HIDDEN,), "out": (HIDDEN, 1), "out+": (1,)}


def forward(
    kind: NetworkKind, arrays: Mapping[str, Any], words: Any, numbers: Any, library: Library
) -> tuple[Any, Any]:
    """One number a row, and what a transformer makes of every word (None for the others)."""
    x = arrays["word"][words] + numbers[:, :, None] * arrays["number"]
    states = None
    match kind:
        case NetworkKind.FC:
            x = _relu(x.reshape(len(x), -1) @ arrays["first"] + arrays["first+"])
        case NetworkKind.LSTM:
            x = _lstm(arrays, x, library)
        case NetworkKind.CONV1D:
            x = _windows(arrays, x, library)
        case NetworkKind.TRANSFORMER:
            states = _attention(arrays, x + arrays["place"], words, library)
            some = (words != 0)[:, :, None] * (states[:, :, :1] * 0 + 1)
            x = (states * some).sum(axis=1) / (some.sum(axis=1) + 1e-6)
    x = _relu(x @ arrays["hidden"] + arrays["hidden+"])
    return (x @ arrays["out"] + arrays["out+"])[:, 0], states


def _relu(x: Any) -> Any:
    return x * (x > 0)


def _lstm(arrays: Mapping[str, Any], x: Any, library: Library) -> Any:
    """The state after the last word (Hochreiter and Schmidhuber 1997, with a forget gate)."""

    def sigmoid(x: Any) -> Any:
        return 0.5 * library.tanh(0.5 * x) + 0.5

    moved = x @ arrays["in"] + arrays["gates+"]
    state = kept = moved[:, 0, :CHANNELS] * 0
    for at in range(x.shape[1]):
        gates = moved[:, at] + state @ arrays["state"]
        enter, forget, leave = (sigmoid(gates[:, n * CHANNELS : (n + 1) * CHANNELS]) for n in range(3))
        new = library.tanh(gates[:, 3 * CHANNELS :])
        kept = forget * kept + enter * new
        state = leave * library.tanh(kept)
    return state


def _windows(arrays: Mapping[str, Any], x: Any, library: Library) -> Any:
    for at in range(3):
        edge = x[:, : _WINDOW // 2] * 0
        padded = library.join([edge, x, edge], 1)
        many = x.shape[1]
        beside = library.join([padded[:, shift : shift + many] for shift in range(_WINDOW)], 2)
        x = _relu(beside @ arrays[f"window {at}"] + arrays[f"window {at}+"])
        x = library.peak(x.reshape(len(x), many // 2, 2, CHANNELS), 2)
    return library.join([x.mean(axis=1), library.peak(x, 1)], 1)


def _attention(arrays: Mapping[str, Any], x: Any, words: Any, library: Library) -> Any:
    rows, many, width = x.shape
    blind = (words == 0)[:, None, None, :] * 1e4
    for at in range(LAYERS):
        normal = _normal(x, arrays[f"norm {at}*"])
        query, key, value = (
            (normal @ arrays[f"{each} {at}"]).reshape(rows, many, HEADS, width // HEADS).swapaxes(1, 2)
            for each in ("query", "key", "value")
        )
        scores = query @ key.swapaxes(2, 3) * (width // HEADS) ** -0.5 - blind
        weights = library.exp(scores - library.peak(scores, 3)[:, :, :, None])
        mixed = (weights / weights.sum(axis=3)[:, :, :, None]) @ value
        x = x + mixed.swapaxes(1, 2).reshape(rows, many, width) @ arrays[f"mix {at}"]
        up = _relu(_normal(x, arrays[f"norm up {at}*"]) @ arrays[f"up {at}"] + arrays[f"up {at}+"])
        x = x + up @ arrays[f"down {at}"]
    return x


def _normal(x: Any, scale: Any) -> Any:
    """Root mean square normalisation."""
    return x * ((x * x).mean(axis=2)[:, :, None] + 1e-6) ** -0.5 * scale
