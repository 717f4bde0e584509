"""Token streams as rows of numbers, for models that read in order: `LENGTH` words, the numbers beside them, and running products.

A NUM is no word of its own here: its number stands beside the word before it. What is longer is cut at the end (unrolled bodies repeat
themselves there); what is shorter begins with PAD, so that the last word always stands last. The running product at a word is the binary
logarithm of how often the loops around it go round (0 in the paper's schemes, whose words do not say).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from costmodel.features.streams import Floats
from costmodel.tokens.stream import BUFFERS, RUNNING_VOCABULARY, Scheme, Tokens, channels

LENGTH = 128
_MOST_WORDS = 400
_UNREAD = frozenset(BUFFERS)
"""Words that would push others out of a row."""
_UNKNOWN = 1
"""The number of a word that is not in the vocabulary; 0 is PAD."""


def words_of(streams: Sequence[Tokens], scheme: Scheme) -> tuple[str, ...]:
    """The vocabulary: closed where the scheme's is, else the words that most texts have."""
    if scheme is Scheme.RUNNING:
        return RUNNING_VOCABULARY[1:]
    seen = Counter(word for each in streams for word in set(each.words))
    return tuple(sorted(sorted(seen, key=lambda word: (-seen[word], word))[:_MOST_WORDS]))


def sequence_names() -> list[str]:
    """The columns, in order."""
    return [f"{what} {at}" for what in ("word", "number", "running product") for at in range(LENGTH)]


def sequence_matrix(streams: Sequence[Tokens], words: Sequence[str]) -> Floats:
    """One row a text."""
    place = {word: at for at, word in enumerate(words, _UNKNOWN + 1)}
    matrix = np.zeros((len(streams), 3, LENGTH))
    for row, stream in enumerate(streams):
        found = _merged(stream, place)
        if found:
            matrix[row, :, LENGTH - len(found) :] = np.array(found).T
    return matrix.reshape(len(streams), 3 * LENGTH)


def _merged(stream: Tokens, place: dict[str, int]) -> list[tuple[float, float, float]]:
    """Words by number, numbers beside the word before them, running products."""
    found: list[tuple[float, float, float]] = []
    products = [0.0]
    for at, word in enumerate(stream.words):
        if word in _UNREAD:
            continue
        if word == "NUM" and found:
            said = channels(stream.numbers[at])[0]
            if found[-1][1] == 0.0:
                found[-1] = (found[-1][0], said, found[-1][2])
            if stream.words[at - 1] == "TRIP":
                del products[stream.depths[at] + 1 :]
                products.append(products[-1] + float(np.log2(max(stream.numbers[at], 1.0))))
        elif len(found) == LENGTH:
            break
        else:
            found.append((place.get(word, _UNKNOWN), 0.0, products[min(stream.depths[at], len(products) - 1)]))
    return found
