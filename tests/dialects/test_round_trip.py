"""IR text of both dialects says the module, with its locations: what is parsed back is equal."""

from pathlib import Path

import pytest
from random_rust import random_module
from xdsl.dialects.builtin import ModuleOp

from compiler.emit.rust import emit
from compiler.frontends.c.lower import lower
from compiler.frontends.c.parse import parse
from compiler.frontends.c.preprocess import preprocess
from compiler.ir_text import from_text, to_text
from compiler.passes.c_to_rust.annotate_types import AnnotateTypes
from compiler.pipelines import new_context

EXAMPLES = sorted((Path(__file__).parents[2] / "examples" / "c").glob("*.c"))


def comes_back(module: ModuleOp) -> ModuleOp:
    """The module parsed from its own text."""
    text = to_text(module, locations=True)
    again = from_text(text, "module.mlir", new_context())
    assert again.is_structurally_equivalent(module)
    assert to_text(again, locations=True) == text
    assert [op.location for op in again.walk()][1:] == [op.location for op in module.walk()][1:]
    return again


@pytest.mark.parametrize("seed", range(25))
def test_rust(seed: int) -> None:
    module = random_module(seed)
    AnnotateTypes().apply(new_context(), module)
    assert emit(comes_back(module)) == emit(module)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_minic(example: Path) -> None:
    comes_back(lower(parse(preprocess(str(example)))))
