"""Generated matrices by name."""

import pytest

from runtime.faults import MatrixError
from runtime.sparse import generators
from runtime.sparse.named import GENERATORS, generate, usage

CALLS = {
    "rmat": "rmat:5,60",
    "poisson2d": "poisson2d:5",
    "poisson3d": "poisson3d:3",
    "banded": "banded:9,2",
    "smallworld": "smallworld:30,2,0.5",
    "uniform": "uniform:5,6,1.5",
    "blocks": "blocks:3,2",
    "powerlaw": "powerlaw:20,40",
    "denserow": "denserow:7",
    "densecolumn": "densecolumn:7",
    "empty": "empty:2,3",
}


def test_every_generator_has_a_name() -> None:
    assert set(CALLS) == set(GENERATORS) - {"smash16k"}


@pytest.mark.parametrize("call", CALLS.values())
def test_the_call_works(call: str) -> None:
    assert generate(call).shape[0] > 0


def test_arguments_may_be_named() -> None:
    found, wanted = generate("rmat:5,60,seed=7,permute=true"), generators.rmat(5, 60, seed=7, permute=True)
    assert (found.indices == wanted.indices).all()
    assert generate("poisson3d-16").shape == (4096, 4096)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nope:3", "no such generator"),
        ("rmat:5", "expected rmat:SCALE,EDGES"),
        ("rmat:5,6,7", "expected rmat:SCALE,EDGES"),
        ("rmat:5,6,colour=7", "expected rmat:SCALE,EDGES"),
        ("rmat:five,6", "`five` is no number"),
        ("poisson2d:-3", "-3 is outside"),
        ("poisson2d:1e30", "1e30 is outside"),
        ("rmat:5,60,a=0.9,b=0.5", "do not sum"),
        ("uniform:3,0,2", ""),
    ],
)
def test_what_is_no_matrix(text: str, said: str) -> None:
    with pytest.raises(MatrixError) as caught:
        generate(text)
    assert said in str(caught.value)


def test_usage_names_all() -> None:
    assert "rmat:SCALE,EDGES" in usage()
    assert "smash16k" in usage()
