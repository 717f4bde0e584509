"""The command kcc: what it prints, what it refuses, what it leaves behind. Computed by a target made for tests."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.io
import scipy.sparse
from plain_target import PlainTarget

from compiler.cli import kcc
from compiler.codes import Code
from compiler.dialects.schedules.piuma import NAMED
from compiler.ir_text import from_text
from compiler.pipelines import new_context
from compiler.targets import memory, registry
from runtime.machine import Machine
from runtime.sparse import generators
from runtime.sparse.files import read_matrix, write_matrix

scipy_io: Any = scipy.io
sparse: Any = scipy.sparse
FOLDER = Path(__file__).parents[2] / "examples" / "kernels"
SPGEMM = str(FOLDER / "spgemm.mlir")
SMALL = ["--generate", "rmat:6,200"]
QUICKLY = ["--cost-model", "analytical"]
"""Without LightGBM, which may take longer to import than progress is silent."""


@pytest.fixture(autouse=True)
def target(monkeypatch: pytest.MonkeyPatch) -> None:
    def plain(_machine: Machine) -> PlainTarget:
        return PlainTarget()

    monkeypatch.setitem(registry.TARGETS, "piuma", plain)


@pytest.fixture
def matrix(tmp_path: Path) -> Path:
    path = tmp_path / "a.mtx"
    write_matrix(path, generators.rmat(6, 200))
    return path


def kept(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def said(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> tuple[str, str]:
    assert kcc.main(arguments) == status
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return out, err


def refused(capsys: pytest.CaptureFixture[str], code: Code, *arguments: str, status: int = 1) -> str:
    """One diagnostic, with that code, and nothing else."""
    out, err = said(capsys, *arguments, status=status)
    assert out == ""
    assert re.findall(r"error\[(C\d+)\]", err) == [code.number]
    return err


# --- what it prints --------------------------------------------------------------------------------------------------------------


def test_a_run_is_summed_up(capsys: pytest.CaptureFixture[str]) -> None:
    out, err = said(capsys, SPGEMM, *SMALL, "--verify", "--explain", *QUICKLY)
    assert err == ""
    assert "A 64 x 64, 161 entries; B the same" in out
    assert "equal to SciPy" in out
    assert "runner-up" in out
    assert "why " in out
    assert "estimate   issue slots" in out


def test_json_is_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = said(capsys, SPGEMM, *SMALL, "--json", "--verify")
    found = json.loads(out)
    assert found["verified"] is True
    assert found["cycles"] > 0
    assert found["choice"]["candidates"] == 6
    assert found["result"]["entries"] <= found["data"]["fmas"]


def test_a_table_compares_named_schedules_and_ours(capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = said(capsys, SPGEMM, *SMALL, "--compare")
    names = [line.split()[0] for line in out.splitlines()]
    assert names == ["schedule", *NAMED, "ours"]
    assert "1.00x" in out.splitlines()[1]


def test_text_of_the_kernel_and_of_the_target(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out, _ = said(capsys, SPGEMM, "--emit=mlir")
    assert "schedule" not in out
    from_text(out, "again.mlir", new_context())
    out, _ = said(capsys, SPGEMM, "--emit=mlir", "--schedule=smash-v3")
    assert "write_back = dma" in out
    from_text(out, "again.mlir", new_context())
    said(capsys, SPGEMM, "--schedule=smash-v3", "-o", str(tmp_path / "k.s"))
    assert (tmp_path / "k.s").read_text().startswith("# assembly of")
    out, err = said(capsys, SPGEMM)
    assert "hash = multiplicative" in out
    assert f"warning[{Code.NO_OPERANDS.number}]" in err
    assert "no operands" in err


def test_the_choice_without_a_run(capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = said(capsys, SPGEMM, *SMALL, "--emit=asm", "--explain")
    assert out.startswith("chosen ")
    out, _ = said(capsys, SPGEMM, "--schedule=smash-v2", "--explain")
    assert out.startswith("schedule   smash-v2, as asked for")


def test_the_kernel_may_come_on_standard_input(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with open(SPGEMM) as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        assert "spgemm.spgemm" in said(capsys, "-", "--emit=mlir")[0]


@pytest.mark.parametrize("suffix", [".mtx", ".mtx.gz", ".npz"])
def test_results_go_to_a_file(matrix: Path, suffix: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = matrix.with_name(f"c{suffix}")
    said(capsys, SPGEMM, "--run", str(matrix), "-o", str(out))
    a = read_matrix(matrix).to_scipy()
    assert abs(read_matrix(out).to_scipy() - a @ a).max() < 1e-12
    assert kept(matrix.parent) == sorted(["a.mtx", out.name])


def test_dense_operands_and_results(matrix: Path, capsys: pytest.CaptureFixture[str]) -> None:
    x = matrix.with_name("x.npy")
    np.save(x, np.arange(64.0))
    y = matrix.with_name("y.npy")
    said(capsys, str(FOLDER / "spmv.mlir"), "--run", str(matrix), str(x), "-o", str(y), "--verify")
    assert np.allclose(np.load(y), read_matrix(matrix).to_scipy() @ np.arange(64.0))


@pytest.mark.parametrize("name", [each.stem for each in FOLDER.glob("*.mlir") if each.stem != "spgemm_f32"])
def test_every_example_runs_as_its_readme_says(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = said(capsys, str(FOLDER / f"{name}.mlir"), "--generate", "rmat:8,1024", "--verify")
    assert "equal to SciPy" in out
    assert f"`{name}.mlir`" in (FOLDER / "README.md").read_text()


# --- what it refuses -------------------------------------------------------------------------------------------------------------

BANNER = "%%MatrixMarket matrix coordinate real general\n"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", Code.MATRIX),
        (b"\x7fELF\x02\x01\x01\0\0\0" * 20, Code.MATRIX),
        (BANNER.encode(), Code.MATRIX),
        (f"{BANNER}3 3 4\n1 1 1.0\n".encode(), Code.MATRIX),
        (f"{BANNER}3 3 1\n1 1\n".encode(), Code.MATRIX),
        (f"{BANNER}3 3 1\n1 x 1.0\n".encode(), Code.MATRIX),
        (f"{BANNER}3 3 1\n4 1 1.0\n".encode(), Code.MATRIX),
        (f"{BANNER}3 3 2\n1 1 1.0\n1 1 2.0\n".encode(), Code.MATRIX),
        (f"{BANNER}3 3 1\n1 1 nan\n".encode(), Code.NOT_FINITE),
        (f"{BANNER}3 3 1\n1 1 inf\n".encode(), Code.NOT_FINITE),
        (f"{BANNER}3 3 1\n1 1 1e999\n".encode(), Code.NOT_FINITE),
        (f"{BANNER}3 4 1\n1 1 1.0\n".encode(), Code.OPERAND_SHAPE),
        (f"{BANNER}3 3000000000 1\n1 1 1.0\n".encode(), Code.INDEX_OVERFLOW),
        (f"{BANNER}3 3 99999999999999\n1 1 1.0\n".encode(), Code.MEMORY),
        (f"{BANNER}99999999999999 3 1\n1 1 1.0\n".encode(), Code.MEMORY),
        (b"%%MatrixMarket matrix array real general\n2 2\n1\n2\n3\n4\n", Code.MATRIX),
        (b"%%MatrixMarket matrix coordinate complex general\n2 2 1\n1 1 1.0 2.0\n", Code.MATRIX),
    ],
)
def test_what_is_no_matrix(content: bytes, code: Code, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.mtx").write_bytes(content)
    err = refused(capsys, code, SPGEMM, "--run", str(tmp_path / "a.mtx"), "-o", str(tmp_path / "c.mtx"))
    assert "a.mtx" in err or code in (Code.OPERAND_SHAPE, Code.INDEX_OVERFLOW)
    assert kept(tmp_path) == ["a.mtx"]


def test_bytes_at_random_that_are_called_a_matrix(tmp_path: Path) -> None:
    file = tmp_path / "a.mtx"
    file.write_bytes(np.random.default_rng(1).bytes(3000))
    command = [sys.executable, "-m", "compiler.cli.kcc", SPGEMM, "--run", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert Code.MATRIX.number in done.stderr


def test_a_truncated_archive(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a.mtx.gz", "a.npz"):
        write_matrix(tmp_path / name, generators.rmat(6, 200))
        (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:-40])
        refused(capsys, Code.MATRIX, SPGEMM, "--run", str(tmp_path / name))
    for name, said in (("b.mtx.gz", "not a gzip file"), ("b.npz", "not a sparse matrix as `scipy.sparse.save_npz`")):
        (tmp_path / name).write_bytes(bytes(range(256)))
        assert said in refused(capsys, Code.MATRIX, SPGEMM, "--run", str(tmp_path / name))
    (tmp_path / "x.npy").write_bytes(b"\x93NUMPY\x01\x00")
    write_matrix(tmp_path / "a.mtx", generators.rmat(6, 200))
    refused(capsys, Code.MATRIX, str(FOLDER / "spmv.mlir"), "--run", str(tmp_path / "a.mtx"), str(tmp_path / "x.npy"))


def test_values_that_are_not_finite_are_taken_when_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.mtx").write_text(f"{BANNER}3 3 1\n1 1 nan\n")
    out, _ = said(capsys, SPGEMM, "--run", str(tmp_path / "a.mtx"), "--allow-nan", "--verify")
    assert "equal to SciPy" in out


def test_operands_that_do_not_fit(matrix: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_matrix(tmp_path / "b.mtx", generators.uniform(5, 5, 2))
    refused(capsys, Code.OPERAND_SHAPE, SPGEMM, "--run", str(matrix), str(tmp_path / "b.mtx"))
    refused(capsys, Code.OPERAND_COUNT, SPGEMM, "--run", str(matrix), str(matrix), str(matrix))
    integers = tmp_path / "k.mlir"
    integers.write_text(Path(SPGEMM).read_text().replace("f64", "i32"))
    refused(capsys, Code.OPERAND_VALUE, str(integers), "--run", str(matrix))
    (tmp_path / "big.mtx").write_text(f"{BANNER.replace('real', 'integer')}3 3 1\n1 1 65536\n")
    refused(capsys, Code.RESULT_OVERFLOW, str(integers), "--run", str(tmp_path / "big.mtx"))


def test_schedules_that_do_not_fit(capsys: pytest.CaptureFixture[str]) -> None:
    assert "--schedule:1:1" in refused(capsys, Code.SCHEDULE_SYNTAX, SPGEMM, "--schedule=fast")
    err = refused(capsys, Code.SCHEDULE_ILLEGAL, SPGEMM, "--schedule=threads=100", *SMALL)
    assert err.startswith("--schedule:1:1: error")
    assert "    1 | threads=100\n      | ^^^^^^^^^^^\n" in err
    refused(capsys, Code.SCHEDULE_SPACE, SPGEMM, "--schedule=window_log2=22", *SMALL)


def test_generated_matrices_that_are_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert "rmat:SCALE,EDGES" in refused(capsys, Code.GENERATOR, SPGEMM, "--generate", "rmat")


def test_machines_that_are_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "m.toml").write_text("blocks = 0\n")
    refused(capsys, Code.MACHINE, SPGEMM, "--machine", str(tmp_path / "m.toml"), *SMALL)
    refused(capsys, Code.INPUT_UNREADABLE, SPGEMM, "--machine", str(tmp_path / "n.toml"), *SMALL, status=2)
    refused(capsys, Code.MACHINE, SPGEMM, "--set", "blocks=many", *SMALL)
    refused(capsys, Code.MACHINE, SPGEMM, "--set", "speed=9", *SMALL)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", Code.INPUT_EMPTY),
        (b"\x7fELF\0\0", Code.INPUT_NOT_TEXT),
        (b"func.func @f(", Code.IR_SYNTAX),
        (b"module {}", Code.KERNEL_COUNT),
        (b'"', Code.IR_SYNTAX),
    ],
)
def test_what_is_no_kernel(content: bytes, code: Code, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "k.mlir").write_bytes(content)
    err = refused(capsys, code, str(tmp_path / "k.mlir"), "-o", str(tmp_path / "k.s"))
    assert re.search(r"k\.mlir:\d+:\d+: error", err)
    assert kept(tmp_path) == ["k.mlir"]


def test_a_huge_kernel_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (tmp_path / "k.mlir").open("wb") as file:
        file.truncate(1 << 27)
    refused(capsys, Code.INPUT_TOO_LARGE, str(tmp_path / "k.mlir"))


def test_files_that_are_not_there(matrix: Path, capsys: pytest.CaptureFixture[str]) -> None:
    refused(capsys, Code.INPUT_UNREADABLE, "missing.mlir", status=2)
    refused(capsys, Code.INPUT_UNREADABLE, SPGEMM, "--run", "missing.mtx", status=2)
    for out in (matrix.parent / "none" / "c.mtx", matrix.parent / "c.txt", matrix.parent):
        refused(capsys, Code.OUTPUT_UNWRITABLE, SPGEMM, "--run", str(matrix), "-o", str(out), status=2)
    refused(
        capsys,
        Code.OUTPUT_UNWRITABLE,
        str(FOLDER / "spmv.mlir"),
        "--run",
        str(matrix),
        "-o",
        str(matrix.parent / "y.mtx"),
        status=2,
    )
    assert kept(matrix.parent) == ["a.mtx"]


def test_a_folder_that_cannot_be_written(matrix: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = matrix.parent / "kept"
    folder.mkdir()
    (folder / "c.mtx").write_text("precious")
    folder.chmod(0o500)
    try:
        if os.access(folder, os.W_OK):
            pytest.skip("this user writes everywhere")
        refused(capsys, Code.OUTPUT_UNWRITABLE, SPGEMM, "--run", str(matrix), "-o", str(folder / "c.mtx"), status=2)
    finally:
        folder.chmod(0o700)
    assert (folder / "c.mtx").read_text() == "precious"


def test_more_memory_than_there_is(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available", lambda: 20_000)
    assert "may take" in refused(capsys, Code.MEMORY, SPGEMM, *SMALL)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--emit=mlir", "--json"],
        ["--verify"],
        ["--compare", *SMALL, "--schedule=smash-v1"],
        ["--run", "a.mtx", *SMALL],
        ["--print-after=nothing"],
        ["--target=cpu", "--set", "blocks=2"],
        ["--tune=2"],
        ["--tune=0", *SMALL],
        ["--tune=2", *SMALL, "--compare"],
        ["--tune=2", *SMALL, "--schedule=smash-v1"],
        ["--tune-data=runs.jsonl", *SMALL],
    ],
)
def test_command_lines_at_fault(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        kcc.main([SPGEMM, *arguments])
    assert caught.value.code == 2
    assert "usage: kcc" in capsys.readouterr().err


def test_the_targets_own_text_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert "gives asm, not rust" in refused(capsys, Code.KERNEL_FORM, SPGEMM, "--emit=rust")


def test_a_wrong_result_is_an_internal_error(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(*_: object) -> str:
        return "entry 3 is 1.0, expected 2.0"

    monkeypatch.setattr("compiler.kernels.disagreement", wrong)
    _, err = said(capsys, SPGEMM, *SMALL, "--verify", status=70)
    assert "internal error in verification: ArithmeticError: the result is wrong: entry 3" in err


# --- long runs -------------------------------------------------------------------------------------------------------------------

SLOW = """\
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background inherits that it is ignored
sys.path.insert(0, {harness!r})
from plain_target import PlainTarget
from compiler.targets import registry

class Slow(PlainTarget):
    def run(self, compiled, operands, progress):
        for step in range(80):
            progress(f"step {{step}}")
            time.sleep(0.1)
        return super().run(compiled, operands, progress)

registry.TARGETS["piuma"] = lambda machine: Slow()
from compiler.cli.kcc import main
sys.exit(main())
"""


def test_a_long_run_says_so_and_can_be_interrupted(matrix: Path) -> None:
    harness = str(Path(__file__).parents[1] / "harness")
    out = matrix.with_name("c.mtx")
    command = [sys.executable, "-c", SLOW.format(harness=harness), SPGEMM, "--run", str(matrix), "-o", str(out)]
    command += QUICKLY
    environment = {**os.environ, "PYTHONPATH": str(FOLDER.parents[1])}
    running = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
    assert running.stderr is not None
    first = running.stderr.readline()
    assert re.fullmatch(r"kcc: running step \d+ \(\d+ s\)\n", first)
    running.send_signal(signal.SIGINT)
    _, rest = running.communicate(timeout=20)
    assert running.returncode == 130
    assert "Traceback" not in rest
    assert kept(matrix.parent) == ["a.mtx"]
