"""Who chooses in kcc, and what --tune measures, prints and keeps. Computed by a target made for tests."""

import json
import re
from pathlib import Path

import pytest
from plain_target import PlainTarget

from compiler.cli import kcc
from compiler.codes import Code
from compiler.targets import registry
from costmodel.dataset import read_file
from runtime.machine import Machine

SPGEMM = str(Path(__file__).parents[2] / "examples" / "kernels" / "spgemm.mlir")
SMALL = ["--generate", "rmat:6,200"]


@pytest.fixture(autouse=True)
def target(monkeypatch: pytest.MonkeyPatch) -> None:
    def plain(_machine: Machine) -> PlainTarget:
        return PlainTarget()

    monkeypatch.setitem(registry.TARGETS, "piuma", plain)


def said(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> tuple[str, str]:
    assert kcc.main([SPGEMM, *SMALL, *arguments]) == status
    return capsys.readouterr()


def refused(capsys: pytest.CaptureFixture[str], code: Code, *arguments: str, status: int = 1) -> str:
    out, err = said(capsys, *arguments, status=status)
    assert out == ""
    assert re.findall(r"error\[(C\d+)\]", err) == [code.number]
    return err


# --- who chooses -----------------------------------------------------------------------------------------------------------------


def test_the_first_schedule_where_nobody_judges(capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = said(capsys, "--cost-model", "none", "--json")
    found = json.loads(out)
    assert (found["schedule"]["hash"], found["schedule"]["work"]) == ("high_bits", "static")
    assert found["choice"]["judge"] == "their order alone"


def test_the_analytical_model_where_it_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = said(capsys, "--cost-model", "analytical", "--explain")
    assert "by the analytical model" in out
    assert out.count("then       ") == 4


def test_a_file_that_is_no_model_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.costmodel"
    refused(capsys, Code.INPUT_UNREADABLE, "--cost-model", str(path), status=2)
    path.write_bytes(b"no model")
    assert "is not a cost model" in refused(capsys, Code.COST_MODEL, "--cost-model", str(path))


# --- measuring -------------------------------------------------------------------------------------------------------------------


def test_the_fastest_of_the_best_few_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = said(capsys, "--cost-model", "none", "--tune", "4", "--verify")
    tried = [float(each.replace(",", "")) for each in re.findall(r"^tried +([\d.,e+]+), expected", out, re.MULTILINE)]
    assert len(tried) == 4
    (cycles,) = re.findall(r"^time +([\d,]+) cycles", out, re.MULTILINE)
    assert int(cycles.replace(",", "")) == min(tried)
    assert "equal to SciPy" in out


def test_what_was_measured_is_added_to_a_data_set(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "runs.jsonl.gz"
    said(capsys, "--cost-model", "none", "--tune", "2", "--tune-data", str(path))
    first = list(read_file(path))
    said(capsys, "--cost-model", "none", "--tune", "3", "--tune-data", str(path))
    again = list(read_file(path))
    assert [len(first), len(again)] == [2, 3]
    assert again[:2] == first
    assert {each.kernel for each in again} == {"spgemm@rmat:6,200"}
    assert all(each.labels["cycles"] > 0 and each.analytical["cycles"] > 0 for each in again)
    assert [each.name for each in tmp_path.iterdir()] == ["runs.jsonl.gz"]


def test_a_kernel_that_names_its_schedule_leaves_nothing_to_try(capsys: pytest.CaptureFixture[str]) -> None:
    scheduled = SPGEMM.replace("spgemm.mlir", "spgemm_smash_v3.mlir")
    assert kcc.main([scheduled, *SMALL, "--tune", "2"]) == 1
    out, err = capsys.readouterr()
    assert out == "" and "spgemm_smash_v3.mlir:6" in err and "nothing to try" in err


def test_a_data_set_that_is_none_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "runs.jsonl"
    path.write_text("{}\n")
    assert "runs.jsonl:1" in refused(capsys, Code.TUNE_DATA, "--tune", "2", "--tune-data", str(path))
    assert path.read_text() == "{}\n"
    refused(capsys, Code.OUTPUT_UNWRITABLE, "--tune", "2", "--tune-data", str(tmp_path), status=2)
    refused(capsys, Code.OUTPUT_UNWRITABLE, "--tune", "2", "--tune-data", str(tmp_path / "no" / "x"), status=2)
