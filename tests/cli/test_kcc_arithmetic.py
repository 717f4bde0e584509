"""`kcc` on arithmetic kernels: operands from files, by name, generated; results; what is refused."""

# ruff: noqa: E501 - kernels as text, whose lines are as long as their types

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import run_command

from compiler.cli import kcc
from costmodel.dataset import read

ROOT = Path(__file__).parents[2]
GEMV = str(ROOT / "examples/arithmetic/gemv.mlir")
LORENZ = str(ROOT / "examples/arithmetic/lorenz.mlir")
KERNEL = """
func.func @scale(%x: tensor<2x3xsi8>, %t: index) -> tensor<2x3xf64> {
  %y = qarith.cast %x : tensor<2x3xsi8> -> tensor<2x3xf64>
  %r = qarith.round %y step %t {rounding = #qarith.rounding<sr, stream 0 of 1>} : tensor<2x3xf64> -> tensor<2x3x!qarith.fp<e2m1>>
  %z = qarith.cast %r : tensor<2x3x!qarith.fp<e2m1>> -> tensor<2x3xf64>
  func.return %z : tensor<2x3xf64>
}
"""


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "k.mlir").write_text(KERNEL)
    np.save(tmp_path / "x.npy", np.array([[1, -2, 3], [5, 127, -128]]))
    return "k.mlir"


def kcc_(*words: str, status: int = 0) -> tuple[str, str]:
    done = run_command(kcc.main, words, Path.cwd())
    assert done.status == status, done.err
    return done.out, done.err


def test_operands_in_order_and_by_name_give_the_same(kernel: str) -> None:
    said, _ = kcc_(kernel, "--run", "x.npy", "3", "--verify", "-o", "y.npy")
    assert "bit for bit" in said and "cycles" in said
    np.savez("all.npz", x=np.load("x.npy"), t=np.array(3))
    kcc_(kernel, "--run", "all.npz", "-o", "z.npy")
    assert np.array_equal(np.load("y.npy"), np.load("z.npy"))
    assert set(np.load("y.npy").ravel().tolist()) <= {0, 1, -2, 3, 4, 6, -6}


def test_json(kernel: str) -> None:
    found: dict[str, Any] = json.loads(kcc_(kernel, "--generate", "random:1", "0", "--verify", "--json")[0])
    assert found["verified"] is True and found["cycles"] > 0 and found["result"] == [[2, 3]]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["--run", "x.npy"], "C0703", "takes 2 operands (x, t), but 1"),
        (["--run", "x.npy", "-3"], "C0705", "from 0 on"),
        (["--run", "k.mlir", "3"], "C0701", "not an array"),
        (["--generate", "rmat:3,4", "0"], "C0709", "random:SEED"),
        (["--generate", "random:1"], "C0703", "takes 1 numbers (t)"),
        (["--schedule", "threads=65"], "C0611", "a block has 64"),
        (["--schedule", "nothing"], "C0610", "default, multiply"),
        (["--emit", "c"], "C0602", "piuma gives asm"),
    ],
)
def test_what_is_refused(kernel: str, words: list[str], code: str, says: str) -> None:
    _, error = kcc_(kernel, *words, status=1)
    assert code in error and says in error


def test_files_that_are_missing_and_results_that_have_no_place(kernel: str) -> None:
    assert "C0101" in kcc_(kernel, "--run", "none.npy", "3", status=2)[1]
    assert "C0102" in kcc_(kernel, "--run", "x.npy", "3", "-o", "y.mtx", status=2)[1]


def test_operands_that_do_not_fit(kernel: str) -> None:
    np.save("wide.npy", np.array([[1, -2, 3], [5, 128, -128]]))
    np.save("long.npy", np.zeros((3, 3)))
    assert "C0705" in kcc_(kernel, "--run", "wide.npy", "3", status=1)[1]
    assert "C0704" in kcc_(kernel, "--run", "long.npy", "3", status=1)[1]


def test_candidates_are_tried_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    asked = ["--generate", "random:1", "--cost-model", "analytical", "--tune", "2", "--tune-data", str(path)]
    said, _ = kcc_(GEMV, *asked)
    assert sum(line.startswith("tried ") for line in said.splitlines()) == 2
    samples = read([path]).samples
    assert [sample.target for sample in samples] == ["piuma-arithmetic"] * 2
    assert f"{min(sample.labels['cycles'] for sample in samples):,.0f} cycles" in said
    assert "C0631" in kcc_(GEMV, "--cost-model", GEMV, status=1)[1]
    chosen = tmp_path / "chosen.mlir"
    text, _ = kcc_(GEMV, "--schedule", "tile = 4", "--emit=mlir")
    chosen.write_text(text)
    assert "nothing to try" in kcc_(str(chosen), *asked, status=1)[1]


def test_schedules_of_look_ups() -> None:
    said, _ = kcc_(GEMV, "--explain")
    assert said.startswith("chosen     ") and " schedules, by " in said
    assert "product = multiply" in kcc_(GEMV, "--schedule", "multiply,tile=4", "--emit", "mlir")[0]
    _, error = kcc_(GEMV, "--schedule", "group=7", status=1)
    assert "C0611" in error and "do not divide 256 inputs" in error
    _, error = kcc_(GEMV, "--set", "spad_bytes=131072", "--schedule", "group=8", status=1)
    assert "C0612" in error and "for tables" in error


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("func.func @a(%x: tensor<2xsi8>) -> tensor<2xsi9> {\n%y = qarith.cast %x : tensor<2xsi8> -> tensor<2xsi9>\nfunc.return %y : tensor<2xsi9>\n}\nfunc.func @b() {\nfunc.return\n}", "C0601"),
        ("func.func @a(%x: tensor<2xsi8>, %i: i32) -> tensor<2xsi9> {\n%j = arith.addi %i, %i : i32\n%y = qarith.cast %x : tensor<2xsi8> -> tensor<2xsi9>\nfunc.return %y : tensor<2xsi9>\n}", "C0603"),
        ("func.func @a(%x: tensor<0xsi8>) -> tensor<0xsi9> {\n%y = qarith.cast %x : tensor<0xsi8> -> tensor<0xsi9>\nfunc.return %y : tensor<0xsi9>\n}", "C0604"),
        ("func.func @a(%x: tensor<2xsi8>) -> tensor<2xsi8> {\n%y = func.call @a(%x) : (tensor<2xsi8>) -> tensor<2xsi8>\n%z = qarith.cast %y : tensor<2xsi8> -> tensor<2xsi8>\nfunc.return %z : tensor<2xsi8>\n}", "C0603"),
        ("func.func @a(%x: tensor<2xsi8>) -> tensor<2xsi8> {\n%y = func.call @b(%x) : (tensor<2xsi8>) -> tensor<2xsi8>\n%z = qarith.cast %y : tensor<2xsi8> -> tensor<2xsi8>\nfunc.return %z : tensor<2xsi8>\n}", "C0141"),
        ("func.func @a(%x: tensor<2xsi8>) -> index {\n%z = qarith.cast %x : tensor<2xsi8> -> tensor<2xsi8>\n%i = arith.constant 1 : index\nfunc.return %i : index\n}", "C0604"),
        ("func.func @a(%x: tensor<2x!qarith.quant<si8, [0, 4]>>) -> tensor<2xsi8> {\n%z = qarith.cast %x : tensor<2x!qarith.quant<si8, [0, 4]>> -> tensor<2xsi8>\nfunc.return %z : tensor<2xsi8>\n}", "C0140"),
    ],
    ids=["two kernels", "other ops", "empty", "recursion", "undeclared", "no tensor", "a scale of zero"],
)  # fmt: skip
def test_kernels_that_are_refused(tmp_path: Path, text: str, code: str) -> None:
    (tmp_path / "k.mlir").write_text(text)
    assert code in kcc_(str(tmp_path / "k.mlir"), status=1)[1]
