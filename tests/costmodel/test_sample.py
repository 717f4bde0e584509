"""A sample survives its line of a data set, and a bad line says which field is bad."""

import json
from math import nan

import pytest

from costmodel.sample import Json, Sample

SAMPLE = Sample(
    source="loops",
    target="cpu-x86",
    family="matmul",
    kernel="matmul/plain-f32-8x8x8",
    variant="order=ijk",
    text="func.func @f() { return }",
    labels={"seconds": 2.5e-6, "instructions": 4000},
    config={"blocks": 2},
    repeats={"seconds": [2.5e-6, 2.6e-6]},
    tools={"mlir-opt": "22.1"},
    flags=("collapsed",),
    seed=7,
)


def test_a_sample_survives_its_line() -> None:
    assert Sample.from_json(json.loads(json.dumps(SAMPLE.as_json()))) == SAMPLE


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("format", 2, "`format` is 2"),
        ("kernel", "", "`kernel` must be"),
        ("text", 3, "`text` must be"),
        ("labels", {"seconds": nan}, "`labels.seconds` is nan"),
        ("labels", {"seconds": True}, "`labels.seconds` is True"),
        ("labels", {"joules": 1.0}, "`labels.joules` is none of"),
        ("labels", [1.0], "`labels` must be an object"),
        ("repeats", {"seconds": "fast"}, "`repeats.seconds` must be a list"),
        ("flags", "collapsed", "`flags` must be a list"),
        ("seed", 0.5, "`seed` must be a whole number"),
    ],
)
def test_a_bad_field_is_named(field: str, value: Json, message: str) -> None:
    with pytest.raises(ValueError) as refused:
        Sample.from_json({**SAMPLE.as_json(), field: value})
    assert message in str(refused.value)


def test_what_is_no_object_is_no_sample() -> None:
    with pytest.raises(ValueError, match="an object"):
        Sample.from_json([1, 2])
