"""The refused constructs, as a whole: there are many, they tell each other apart, and each says what to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

REFUSED = sorted((Path(__file__).parent / "refusals").glob("*.c"))


def test_there_are_sixty_and_they_are_told_apart() -> None:
    codes = {code for path in REFUSED for code in re.findall(r"error\[(C\d+)\]", path.read_text())}
    assert len(REFUSED) >= 60
    assert len(codes) >= 60


@pytest.mark.parametrize("path", REFUSED, ids=lambda path: path.stem)
def test_every_refusal_shows_the_place_and_gives_advice(path: Path) -> None:
    said = path.with_suffix(".err").read_text()
    assert re.search(rf"^{path.name}:\d+:\d+: error\[C\d+\]: .", said)
    assert re.search(r"^ +\d+ \| .", said, re.MULTILINE)
    assert re.search(r"^help: .", said, re.MULTILINE)
