"""`piuma-sim` from the outside: what it prints, writes and returns."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runtime.cli import main

PROGRAM = """
main:   piuma.tid   t0
        la          t1, squares
        sh3add      t1, t0, t1
        piuma.mark  1
        mul         t2, t0, t0
        sd          t2, 0(t1)
        piuma.mark  0
        piuma.barrier.all
        piuma.halt
        .data
squares: .zero 512
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "squares.s"
    path.write_text(PROGRAM, encoding="utf-8")
    return path


def test_report_and_dump(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(program), "--set", "blocks=1", "--dump", "squares:dword:4", "--profile", "--per", "main"]) == 0
    out = capsys.readouterr().out
    assert "squares: 0 1 4 9" in out
    assert "issue slots" in out
    assert "per unit of work   9.00 instructions" in out
    assert "64  11.1%     mul t2, t0, t0" in out


def test_both_tiers_report_the_same(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    texts: list[str] = []
    for tier in ("oracle", "compiled"):
        assert main([str(program), "--set", "blocks=2", "--tier", tier, "--json"]) == 0
        texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1]
    assert json.loads(texts[0])["counters"]["instructions"] == 2 * 64 * 9


def test_trace_holds_phases_and_counters(program: Path, tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    assert main([str(program), "--set", "blocks=1", "--trace", str(path)]) == 0
    events = json.loads(path.read_text(encoding="utf-8"))["traceEvents"]
    phases = [e for e in events if e["name"] == "phase 1"]
    assert len(phases) == 64
    assert all(e["ph"] == "X" and e["dur"] > 0 for e in phases)
    assert {e["name"] for e in events if e["ph"] == "C"} >= {"instructions per cycle", "live threads"}
    assert [e for e in events if e["name"] == "collective"]


def test_the_oracle_traces_every_instruction(program: Path, tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    assert main([str(program), "--set", "blocks=1", "--tier", "oracle", "--trace", str(path)]) == 0
    events = json.loads(path.read_text(encoding="utf-8"))["traceEvents"]
    assert len([e for e in events if e["name"] == "mul t2, t0, t0"]) == 64


def test_transfers_are_asynchronous_events(tmp_path: Path) -> None:
    source, path = tmp_path / "dma.s", tmp_path / "out.json"
    copy = "main: la a0, x\nli a1, 64\npiuma.dma.copy a2, a0, a0, a1\npiuma.dma.wait a2\nret\n"
    source.write_text(f"{copy}.data\nx: .zero 64\n", encoding="utf-8")
    assert main([str(source), "--set", "blocks=1", "--threads", "3", "--trace", str(path)]) == 0
    events = [e for e in json.loads(path.read_text(encoding="utf-8"))["traceEvents"] if e["name"] == "transfer"]
    assert sorted(e["ph"] for e in events) == ["b"] * 3 + ["e"] * 3
    assert len({e["id"] for e in events}) == 3


def test_the_instruction_set_prints(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--isa"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("sh3add xd, x1, x2 ") and line.endswith("(x1 << 3) + x2") for line in lines)
    assert any(line.startswith("piuma.dma.scaled.plustimes.i4 xd, x1, x2, x3, x4, f1") for line in lines)
    assert any(line.startswith("ret ") and line.endswith("= jalr zero, 0, ra") for line in lines)


def test_machine_file_and_describe(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "m.toml"
    path.write_text("spad_latency = 12\n", encoding="utf-8")
    assert main(["--machine", str(path), "--describe"]) == 0
    assert "spad_latency                 12  cycles" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--set", "bloks=1"], "`bloks` is not a field of the machine"),
        (["--per", "nowhere"], "has no such label"),
        (["--set", "blocks"], "expected FIELD=NUMBER"),
        (["--entry", "start"], "there is no entry label `start`"),
        (["--threads", "65"], "65 threads per block cannot be started"),
        (["--dump", "nothing:dword:1"], "expected SYMBOL:TYPE:COUNT"),
        (["--max-cycles", "10"], "cycle limit reached"),
        (["--dram", "64"], "do not fit in DRAM"),
    ],
)
def test_refusals(
    program: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    trace = tmp_path / "trace.json"
    assert main([str(program), *arguments, "--trace", str(trace)]) == 1
    assert message in capsys.readouterr().err
    assert not trace.exists()


def test_a_missing_file_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nowhere.s"]) == 2
    assert capsys.readouterr().err == "nowhere.s: error: No such file or directory\n"
    assert main(["--describe", "--machine", "nowhere.toml"]) == 2
    assert capsys.readouterr().err == "nowhere.toml: error: No such file or directory\n"


def test_a_race_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "race.s"
    path.write_text("main: la t0, x\nsd t0, 0(t0)\nret\n.data\nx: .dword 0\n", encoding="utf-8")
    assert main([str(path), "--set", "blocks=1", "--check-races"]) == 1
    assert "race.s:2: error: data race on address 0x100000000" in capsys.readouterr().err


def test_plot(program: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    path = tmp_path / "run.png"
    assert main([str(program), "--set", "blocks=1", "--plot", str(path)]) == 0
    assert path.read_bytes().startswith(b"\x89PNG")


def test_interrupting(program: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(*_arguments: object, **_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("runtime.cli.simulate", interrupted)
    assert main([str(program)]) == 130
    assert capsys.readouterr().err == "piuma-sim: interrupted\n"


def test_an_internal_error_is_one_line(
    program: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("runtime.cli.simulate", None)
    assert main([str(program)]) == 70
    assert capsys.readouterr().err.startswith("piuma-sim: internal error: TypeError: ")
