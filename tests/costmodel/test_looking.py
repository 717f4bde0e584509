"""A second look: what LLVM is given is what mlir-opt would give it, and what is counted is what callgrind counted."""

from __future__ import annotations

import json
import re
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import costmodel
from compiler.tuning.llvm_tools import missing_tools
from compiler.tuning.loops.build import COUNTABLE, TOOLS, llvm_ir
from costmodel import artifact, cli
from costmodel.dataset import Dataset, read
from costmodel.evaluate import OURS, Request, evaluate
from costmodel.looking.cores import core_of
from costmodel.looking.counted import entries
from costmodel.looking.counts import count, counts
from costmodel.looking.lowered import lowered
from costmodel.model import CostModel
from costmodel.models.boosting import Shape
from costmodel.models.table import Options
from costmodel.native import Core, assembly, optimized
from costmodel.refusals import ArtifactError
from costmodel.sample import Sample
from costmodel.shipping import SHIPPED
from costmodel.splits import Split
from costmodel.training import fit
from costmodel.transfer import transfer

CORE = Core("x86_64-unknown-linux-gnu", "znver4", "-avx512f")
_SMALL = Shape(trees=30)
FEW = Options(nests=_SMALL, side=_SMALL, nest_ranker=_SMALL, calibrate=False)


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    return list(read([SHIPPED / "loops.jsonl.gz"]).samples)


@pytest.fixture(scope="module")
def few(samples: list[Sample]) -> list[Sample]:
    """The schedules of twenty-four kernels."""
    kernels = sorted({sample.kernel for sample in samples})[::60]
    return [sample for sample in samples if sample.kernel in kernels]


@pytest.fixture(scope="module")
def model(few: list[Sample]) -> CostModel:
    return fit(Dataset(tuple(few)), FEW)


def test_counts_are_callgrinds(samples: list[Sample]) -> None:
    some = samples[:: len(samples) // 40]
    found = counts([sample.text for sample in some], CORE)
    assert None not in found
    errors = np.abs(np.log(np.array(found, dtype=np.float64) / [sample.labels["instructions"] for sample in some]))
    assert np.median(errors) < 0.01
    assert np.quantile(errors, 0.9) < 0.04


@pytest.mark.skipif(bool(missing_tools(TOOLS)), reason="needs LLVM's tools (Debian packages mlir-22-tools and llvm-22)")
def test_machine_code_is_that_of_mlir_opts_lowering(samples: list[Sample]) -> None:
    for sample in samples[:: len(samples) // 12]:
        ours = lowered(sample.text)
        assert ours is not None
        theirs = re.sub(r"^(define [^{]*)\{", r"\1#0 {", llvm_ir(sample.text), flags=re.MULTILINE)
        theirs = re.sub(r"#0$", "#9", theirs, flags=re.MULTILINE).replace("attributes #0", "attributes #9")
        assert _code(ours) == _code(theirs), (sample.kernel, sample.variant)


def _code(module: str) -> str:
    return assembly(optimized(module, CORE), CORE).partition("\n")[2]  # the first line names the file


def test_labels_and_looks_are_compiled_alike(samples: list[Sample]) -> None:
    core = core_of(samples)
    assert core == CORE
    assert (f"-mattr={CORE.features}",) == COUNTABLE["x86_64"]
    assert core_of([replace(samples[0], target="cpu-z80")]) is None
    assert core_of([replace(samples[0], config={})]) is None
    assert core_of([replace(samples[0], config={"core": "my-laptop"})]) is None, "LLVM would end the process"


def nest(bounds: list[tuple[int, int, int]], tile: int) -> str:
    """A nest of loops between bounds by steps, and of a tile of the innermost."""
    lines = [f"affine.for %i{at} = {low} to {high} step {step} {{" for at, (low, high, step) in enumerate(bounds)]
    inner, last = f"%i{len(bounds) - 1}", bounds[-1][1]
    lines.append(
        f"affine.for %j = affine_map<(d0) -> (d0)>({inner}) to min affine_map<(d0) -> (d0 + {tile}, {last})>({inner}) {{"
    )
    body = "%0 = affine.load %A[%j + 64] : memref<128xf32>\naffine.store %0, %B[%j + 64] : memref<128xf32>"
    head = "func.func @kernel(%A: memref<128xf32>, %B: memref<128xf32>) {"
    return "\n".join([head, *lines, body, *("}" for _ in lines), "return", "}", ""])


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-3, 4), st.integers(-3, 20), st.integers(1, 5)), min_size=1, max_size=3),
    st.integers(1, 6),
)
def test_rounds_are_those_of_the_loops(bounds: list[tuple[int, int, int]], tile: int) -> None:
    module = lowered(nest(bounds, tile))
    assert module is not None
    found = entries(module.replace(" #0 {", " {"))
    assert found is not None
    rounds = 1
    for low, high, step in bounds[:-1]:
        rounds *= len(range(low, high, step))
    low, high, step = bounds[-1]
    stores = rounds * sum(len(range(at, min(at + tile, high))) for at in range(low, high, step))
    assert found[_block_of("store", module)] == stores


def _block_of(operation: str, module: str) -> str:
    label = ""
    for line in module.splitlines():
        label = line[:-1] if line.endswith(":") else label
        if line.startswith(f"  {operation}"):
            return label
    raise AssertionError(operation)


def test_a_nest_of_many_rounds_takes_no_longer_than_one_of_few() -> None:
    loops = [f"affine.for %{name} = 0 to 4096 {{" for name in "ikj"]
    body = """%0 = affine.load %C[%i, %j] : memref<4096x4096xf32>
        %1 = affine.load %A[%i, %k] : memref<4096x4096xf32>
        %2 = affine.load %B[%k, %j] : memref<4096x4096xf32>
        %3 = arith.mulf %1, %2 : f32
        %4 = arith.addf %0, %3 : f32
        affine.store %4, %C[%i, %j] : memref<4096x4096xf32>"""
    names = ", ".join(f"%{name}: memref<4096x4096xf32> {{llvm.noalias}}" for name in "CAB")
    text = "\n".join([f"func.func @kernel({names}) {{", *loops, body, "}", "}", "}", "return", "}"])
    found = count(text, CORE)
    assert found is not None
    assert 4096**3 / 8 * 3 < found < 4096**3 / 8 * 8


@pytest.mark.parametrize(
    "line",
    [
        "%0 = affine.load %A[%i floordiv 2] : memref<8xf32>",
        "%0 = affine.load %A[%i] : memref<9xf32>",
        "%0 = affine.load %A[%i, %i] : memref<8xf32>",
        "%0 = memref.load %A[%i] : memref<8xf32>",
        "%0 = arith.constant dense<1.0> : vector<4xf32>",
        "%0 = arith.addf %A, %nobody : f32",
        "affine.for %j = 0 to 8 step 0 {\n}",
        f"affine.for %j = 0 to {10**20} {{\n}}",
        f"affine.for %j = 0 to 8 step {10**20} {{\n}}",
        f"%0 = affine.load %A[%i * {10**20}] : memref<8xf32>",
        "%0 = arith.constant 300 : i8",
        "%0 = arith.constant 1e60 : f32",
        "affine.for %j = 0 to 8 iter_args(%s = %i) -> (index) {\n}",
        "func.call @g() : () -> ()",
        "affine.for %j = 0 to 8 {\n%0 = affine.load %A[%j] : memref<8xf32>\n}\naffine.store %0, %A[%i] : memref<8xf32>",
        "%0 = affine.load %A[%i] : memref<8xf32>\n%1 = arith.addf %0, %0 : f64",
        "affine.store %A, %A[%i] : memref<8xf32>",
        "%0 = affine.load %A[%i] : memref<8xf32>\n%1 = arith.maximumf %0 : f32",
        "%0 = affine.load %A[%i] : memref<8xf32>\n%1 = arith.cmpf slt, %0, %0 : f32",
        "%0 = affine.load %A[%i] : memref<8xf32>\n%1 = arith.addf %0, %0 fastmath<slow> : f32",
        "}\n}\nfunc.func @g(%Z: memref<8xf32>) {\naffine.for %j = 0 to 8 {",
    ],
)
def test_what_is_not_read_is_not_looked_at(line: str) -> None:
    around = "func.func @kernel(%A: memref<8xf32>) {{\naffine.for %i = 0 to 8 {{\n{}\n}}\nreturn\n}}\n"
    assert lowered(around.format("")) is not None
    assert lowered(around.format(line)) is None


def test_a_branch_on_what_is_loaded_is_not_counted() -> None:
    module = """define void @kernel(ptr %a) {
b:
  %x = load i64, ptr %a
  %t = icmp eq i64 %x, 0
  br i1 %t, label %c, label %d
c:
  br label %d
d:
  ret void
}
"""
    assert entries(module) is None


def test_the_best_few_are_ordered_by_what_was_counted(model: CostModel, few: list[Sample]) -> None:
    some = [sample for sample in few if sample.kernel == few[0].kernel]
    texts = [sample.text for sample in some]
    before, looked = costmodel.rank(model, texts), model.look(texts, 5)
    assert sorted(looked.order) == sorted(before)
    assert sorted(looked.order[:5]) == sorted(before[:5]) == sorted(looked.found)
    assert looked.order[5:] == before[5:]
    for at, (value, instructions) in looked.found.items():
        assert instructions == pytest.approx(some[at].labels["instructions"], rel=0.05)
        assert 0.1 < value / some[at].labels["seconds"] < 10
    assert costmodel.rank(model, texts, looks=5) == looked.order
    assert (
        model.look(texts, 0).found
        == model.look(texts, 1).found
        == model.look(texts, -3).found
        == model.look([], 5).found
        == {}
    )
    other = texts[0].replace("affine.load", "memref.load")
    none = model.look([other, *texts], 37)
    assert (none.found, none.uncounted) == ({}, [0]), "one that cannot be counted: no look is better than half a look"


def test_a_model_keeps_its_second_look(model: CostModel, few: list[Sample], tmp_path: Path) -> None:
    artifact.save(tmp_path / "a.costmodel", model)
    again = artifact.load(tmp_path / "a.costmodel")
    texts = [sample.text for sample in few[:12]]
    assert again.look(texts, 4) == model.look(texts, 4)
    assert artifact.to_bytes(again) == artifact.to_bytes(model)


def test_a_moved_expert_takes_no_second_look_for_the_old_core(model: CostModel, few: list[Sample]) -> None:
    slower = [replace(s, target="other", labels={k: 2 * v for k, v in s.labels.items()}) for s in few[::20]]
    moved = transfer(model, "loops/cpu-x86", slower)
    assert moved.look([sample.text for sample in few[:12]], 4, "other").found == {}


@pytest.mark.parametrize(
    "wrong", [{"core": "my-laptop"}, {"label": "instructions"}, {"base": "analytical"}, {"core": ["x86-64"]}]
)
def test_a_second_look_that_is_none_is_damage(model: CostModel, wrong: dict[str, object]) -> None:
    with pytest.raises(ArtifactError, match="is damaged"):
        artifact.from_bytes(_changed(artifact.to_bytes(model), wrong), "m")


def _changed(data: bytes, second: dict[str, object]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "manifest.json":
                manifest = json.loads(content)
                manifest["experts"][0]["second"] |= second
                content = json.dumps(manifest).encode()
            new.writestr(name, content)
    return out.getvalue()


def test_what_would_take_long_is_not_looked_at() -> None:
    around = "func.func @kernel(%A: memref<8xf32>) {{\n{}\n}}\nreturn\n}}\n"
    access = "%{0} = affine.load %A[0] : memref<8xf32>\naffine.store %{0}, %A[1] : memref<8xf32>"
    outer = "affine.for %i = 0 to 1000000 {\naffine.for %j = 0 to 1000000 {\n"
    inner = "affine.for %k = affine_map<(d0) -> (d0)>(%j) to min affine_map<(d0) -> (d0, 3)>(%j) {\n"
    assert count(around.format(outer + inner + access.format(0) + "\n}\n}"), CORE) is None
    assert count(around.format("affine.for %i = 0 to 8 {\n" + "\n".join(map(access.format, range(900)))), CORE) is None
    assert count(around.format("affine.for %i = 0 to 8 {\n" + access.format(0)), CORE) is not None


def test_evaluate_says_what_looks_are_worth(few: list[Sample]) -> None:
    request = Request(splits=(Split.KERNEL,), folds=2, looks=8, options=FEW)
    found = evaluate(Dataset(tuple(few)), request)
    regrets = {row.model: row.figures["regret"] for row in found.rows if "regret" in row.figures}
    assert regrets[f"{OURS}, 8 looks"] < regrets[OURS]


def test_rank_says_what_it_counted(
    model: CostModel, few: list[Sample], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    artifact.save(tmp_path / "a.costmodel", model)
    for at, sample in enumerate(few[:4]):
        (tmp_path / f"{at}.mlir").write_text(sample.text)
    command = ["rank", *(str(tmp_path / f"{at}.mlir") for at in range(4)), "--model", str(tmp_path / "a.costmodel")]
    assert cli.main([*command, "--looks", "2"]) == 0
    assert [line.count(" instructions)") for line in capsys.readouterr().out.splitlines()[:4]] == [1, 1, 0, 0]
    assert cli.main([*command, "--looks", "0"]) == 0
    assert "instructions" not in capsys.readouterr().out
    (tmp_path / "0.mlir").write_text(few[0].text.replace("affine.load", "memref.load"))
    assert cli.main(command) == 0
    assert f"(no second look: instructions of {tmp_path / '0.mlir'} cannot be counted)" in capsys.readouterr().out
