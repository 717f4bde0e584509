"""What `kcc` leaves of a run on the simulated machine: a trace, a picture."""

import json
from pathlib import Path

import pytest

from compiler.cli import kcc

EXAMPLES = Path(__file__).parents[2] / "examples" / "kernels"
SPGEMM = str(EXAMPLES / "spgemm.mlir")
V3 = ["--schedule", "smash-v3", "--generate", "rmat:5,60"]


def test_a_run_leaves_a_trace_and_a_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib")
    trace, plot = tmp_path / "run.json", tmp_path / "run.png"
    assert kcc.main([SPGEMM, *V3, "--json", "--trace", str(trace), "--plot", str(plot)]) == 0
    run = json.loads(capsys.readouterr().out)
    events = json.loads(trace.read_text())["traceEvents"]
    shown = {event["name"] for event in events if event["ph"] != "M"}
    assert {"transfer", "collective", "instructions per cycle", "DRAM bytes per cycle"} <= shown
    assert 0 < max(event.get("ts", 0) for event in events) <= run["cycles"]
    assert plot.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (["--trace", "missing/run.json"], "there is no such folder"),
        (["--plot", "run.mtx"], "a picture is one of "),
    ],
)
def test_what_cannot_be_written_is_refused_before_the_run(
    asked: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib")
    assert kcc.main([SPGEMM, *V3, *asked]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert f"cannot write `{asked[1]}`: {why}" in err


def test_tensors_leave_no_trace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kernel = str(next((EXAMPLES.parent / "arithmetic").glob("*.mlir")))
    assert kcc.main([kernel, "--generate", "random:1", "--trace", str(tmp_path / "run.json")]) == 1
    assert "show runs of sparse kernels" in capsys.readouterr().err


@pytest.mark.parametrize("asked", [["--target", "cpu"], ["--compare"], ["--emit", "asm"], ["--tune", "2"]])
def test_only_one_run_on_the_machine_can_be_shown(asked: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        kcc.main([SPGEMM, "--generate", "rmat:5,60", "--trace", "run.json", *asked])
    assert stopped.value.code == 2
    assert "--trace and --plot show" in capsys.readouterr().err
