"""StableHLO as JAX prints it: every line is read, every word is known."""

from __future__ import annotations

from collections import Counter
from importlib.util import find_spec

import jax_functions
import pytest

from costmodel.features.reading import Reading
from costmodel.tokens.stream import VOCABULARY
from costmodel.tokens.vocabulary import OpClass, classify

pytestmark = pytest.mark.skipif(find_spec("jax") is None, reason="needs JAX (pip install jax)")


def test_functions_of_jax_are_tokenised_and_known() -> None:
    texts = [jax_functions.text(function, arguments) for _, _, function, arguments in jax_functions.functions()]
    assert len(texts) >= 300
    names = Counter[str]()
    for text in texts:
        reading = Reading(text)
        names.update(line.name for line in reading.lines if line.name)
        assert set(reading.tokens().words) <= set(VOCABULARY)
    assert "?" not in names
    unknown = {name: count for name, count in names.items() if classify(name) is OpClass.OTHER}
    assert sum(unknown.values()) <= 0.005 * names.total(), unknown
