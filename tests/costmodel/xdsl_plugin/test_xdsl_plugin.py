"""The cost model inside xDSL: `cost-annotate` through xdsl-opt's own registry, and block throughput."""

from pathlib import Path

import loop_texts
import pytest
from xdsl.context import Context
from xdsl.dialects import get_all_dialects
from xdsl.dialects.builtin import DictionaryAttr, FloatAttr, ModuleOp
from xdsl.dialects.func import FuncOp
from xdsl.parser import Parser
from xdsl.universe import Universe
from xdsl.utils.exceptions import PassFailedException

import costmodel
from costmodel import artifact
from costmodel.dataset import Dataset
from costmodel.model import CostModel
from costmodel.models.boosting import Shape
from costmodel.models.table import Options
from costmodel.sample import Sample
from costmodel.training import fit
from costmodel.xdsl_plugin.cost_annotate import ESTIMATE, CostAnnotate
from costmodel.xdsl_plugin.throughput import LearnedBlockThroughputCostModel, block_text

QUICK = Options(shape=Shape(trees=40), side=Shape(trees=10), ranker=Shape(trees=10), nest_ranker=Shape(trees=10))


def chain(length: int) -> str:
    """A block of dependent additions."""
    lines = [f"  %v{at + 1} = arith.addf %v{at}, %x : f32" for at in range(length)]
    return "\n".join(["func.func @block(%x: f32, %v0: f32) {", *lines, "  return", "}"])


def blocks() -> list[Sample]:
    """Chains of 4 to 63 additions at 4 cycles each."""
    return [
        Sample("blocks", "skylake", "chain", f"chain/{n}", "as-written", chain(n), {"cycles": 4.0 * n})
        for n in range(4, 64)
    ]


@pytest.fixture(scope="module")
def model() -> CostModel:
    return fit(Dataset((*loop_texts.samples(4), *blocks())), QUICK)


@pytest.fixture(scope="module")
def model_file(model: CostModel, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("model") / "m.costmodel"
    artifact.save(path, model)
    return str(path)


def parsed(text: str) -> ModuleOp:
    context = Context()
    for name, dialect in get_all_dialects().items():
        context.register_dialect(name, dialect)
    return Parser(context, text).parse_module()


def function(module: ModuleOp) -> FuncOp:
    return next(op for op in module.walk() if isinstance(op, FuncOp))


def test_xdsl_finds_the_pass() -> None:
    assert Universe.get_multiverse().all_passes["cost-annotate"]() is CostAnnotate


def test_a_function_gets_its_estimate(model: CostModel, model_file: str) -> None:
    module = parsed(chain(30))
    text = str(function(module))
    CostAnnotate(model=model_file, target="skylake").apply(Context(), module)
    estimate = function(module).attributes[ESTIMATE]
    assert isinstance(estimate, DictionaryAttr)
    cycles = estimate.data["cycles"]
    assert isinstance(cycles, DictionaryAttr)
    value = cycles.data["value"]
    assert isinstance(value, FloatAttr)
    expected = costmodel.predict(model, [text], "cycles", "skylake")[0].value
    assert value.value.data == pytest.approx(expected)
    assert set(estimate.data) >= {"cycles", "foreign"}


def test_annotating_twice_changes_nothing(model_file: str) -> None:
    module = parsed(chain(12))
    CostAnnotate(model=model_file).apply(Context(), module)
    once = str(module)
    CostAnnotate(model=model_file).apply(Context(), module)
    assert str(module) == once


def test_declarations_stay_as_they_are(model_file: str) -> None:
    module = parsed("func.func private @f(f32)")
    CostAnnotate(model=model_file).apply(Context(), module)
    assert ESTIMATE not in str(module)


@pytest.mark.parametrize(("target", "file"), [("z80", None), (None, "none.costmodel")])
def test_what_cannot_be_served_fails_the_pass(
    model_file: str, target: str | None, file: str | None, tmp_path: Path
) -> None:
    with pytest.raises(PassFailedException, match="error"):
        CostAnnotate(model=str(tmp_path / file) if file else model_file, target=target).apply(
            Context(), parsed(chain(3))
        )


def test_throughput_of_a_block(model: CostModel) -> None:
    throughput = LearnedBlockThroughputCostModel("skylake", model)
    short, long = (throughput.estimate_throughput(function(parsed(chain(n))).body.block) for n in (8, 50))
    assert short is not None
    assert long is not None
    assert short == pytest.approx(32, rel=0.3)
    assert long == pytest.approx(200, rel=0.3)


def test_a_block_unlike_all_others_has_no_estimate(model: CostModel) -> None:
    lines = "\n".join(f"%c{n} = arith.constant {n} : i64\n%s{n} = math.ctpop %c{n} : i64" for n in range(400))
    block = function(parsed(f"func.func @f() {{\n{lines}\nreturn\n}}")).body.block
    assert LearnedBlockThroughputCostModel("skylake", model).estimate_throughput(block) is None


def test_values_from_outside_become_arguments() -> None:
    text = """
    func.func @f(%a: f32, %m: memref<8xf32>) {
      affine.for %i = 0 to 8 {
        %0 = affine.load %m[%i] : memref<8xf32>
        %1 = arith.addf %0, %a : f32
        affine.store %1, %m[%i] : memref<8xf32>
      }
      return
    }"""
    module = parsed(text)
    loop = next(op for op in module.walk() if op.name == "affine.for")
    before = str(module)
    inner = parsed(block_text(loop.regions[0].block))
    arguments = [str(each.type) for each in function(inner).args]
    assert arguments == ["index", "memref<8xf32>", "f32"]
    assert str(module) == before
