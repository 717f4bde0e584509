"""The command around the compiler: files, exit statuses, what is said and what is left behind."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from compiler import c_to_rust, source_text
from compiler.cli.c2rust_safe import main
from compiler.codes import Code
from compiler.diagnostics import InternalError, Span, refusal

GOOD = "int twice(int x) { return 2 * x; }\n"
BAD = "int f(void) { return }\n"


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return write(tmp_path / "good.c", GOOD)


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def raising(error: BaseException) -> Callable[..., object]:
    def translate(*_args: object, **_options: object) -> object:
        raise error

    return translate


def test_rust_goes_where_o_says(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = good.with_name("good.rs")
    assert main([str(good), "-o", str(out)]) == 0
    assert "fn twice" in out.read_text()
    assert capsys.readouterr() == ("", "")
    assert names(good.parent) == ["good.c", "good.rs"]


def test_rust_goes_to_standard_output(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(good)]) == 0
    assert "fn twice" in capsys.readouterr().out


def test_refused_input_leaves_no_file_and_harms_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad, kept = write(tmp_path / "bad.c", BAD), write(tmp_path / "kept.rs", "precious")
    for out in (kept, tmp_path / "new.rs"):
        assert main([str(bad), "-o", str(out)]) == 1
        assert f"{bad}:1:22: error[C0130]: " in capsys.readouterr().err
    assert names(tmp_path) == ["bad.c", "kept.rs"]
    assert kept.read_text() == "precious"


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        (b"", 1, "error[C0110]: `"),
        (b" \n\t\n", 1, "error[C0110]: `"),
        (b"int x;\nint \0y;\n", 1, ":2:1: error[C0111]: "),
        (b"\x7fELF\x02\x01\x01\0\0\0", 1, ":1:1: error[C0111]: "),
    ],
)
def test_what_is_no_c_text_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, status: int, said: str
) -> None:
    file = tmp_path / "odd.c"
    file.write_bytes(content)
    assert main([str(file)]) == status
    assert said in capsys.readouterr().err


def test_missing_file_and_folder_as_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.c")]) == 2
    assert capsys.readouterr().err == (
        f"splitwood: error[C0101]: cannot read `{tmp_path / 'none.c'}`: no such file or directory\n"
    )
    assert main([str(tmp_path)]) == 2
    assert "is a directory" in capsys.readouterr().err


def test_too_large_input(good: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(source_text, "LARGEST", 8)
    assert main([str(good)]) == 1
    assert "error[C0112]" in capsys.readouterr().err


def test_output_that_cannot_be_written(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for target, reason in ((good.parent / "no" / "x.rs", "no such file or directory"), (good.parent, "is a directory")):
        assert main([str(good), "-o", str(target)]) == 2
        assert capsys.readouterr().err == f"splitwood: error[C0102]: cannot write `{target}`: {reason}\n"
    assert names(good.parent) == ["good.c"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_read_only_folder(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = good.parent / "locked"
    folder.mkdir(mode=0o555)
    assert main([str(good), "-o", str(folder / "x.rs")]) == 2
    assert "permission denied" in capsys.readouterr().err


def test_a_full_disk_leaves_what_was_there(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    kept = write(good.with_name("kept.rs"), "precious")
    monkeypatch.setattr(Path, "replace", full)
    assert main([str(good), "-o", str(kept)]) == 2
    assert kept.read_text() == "precious"
    assert names(good.parent) == ["good.c", "kept.rs"]


def test_a_device_is_written_in_place(good: Path) -> None:
    assert main([str(good), "-o", os.devnull]) == 0
    assert not Path(os.devnull).is_file()


def test_a_link_stays_a_link_and_a_mode_stays_a_mode(good: Path) -> None:
    real = write(good.with_name("real.rs"), "old")
    real.chmod(0o640)
    link = good.with_name("link.rs")
    link.symlink_to(real)
    assert main([str(good), "-o", str(link)]) == 0
    assert link.is_symlink()
    assert "fn twice" in real.read_text()
    assert real.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--no-such-flag"],
        ["x.c", "--emit=wasm"],
        ["x.c", "--std=c23x"],
        ["-", "-"],
        ["x.c", "-o", "y.rs", "--crate", "y"],
        ["x.c", "--crate", "y", "--emit=minic"],
    ],
)
def test_usage_errors(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert capsys.readouterr().err.startswith("usage: c2rust-safe")


def test_an_unknown_pass_is_named(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([str(good), "--print-after", "polish"])
    assert "there is no pass `polish`" in capsys.readouterr().err


def test_an_internal_error_is_one_line(
    good: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    error = InternalError("split-slices", Span("good.c", 1, 5), ValueError("odd\nvery"))
    monkeypatch.setattr(c_to_rust, "translate", raising(error))
    assert main([str(good)]) == 70
    line = "c2rust-safe: internal error in split-slices at good.c:1:5: ValueError: odd"
    assert capsys.readouterr().err == f"{line} (--traceback shows more)\n"
    assert main([str(good), "--traceback"]) == 70
    said = capsys.readouterr().err
    assert said.startswith(line + "\n")
    assert "Traceback" in said


def test_an_interrupt_leaves_nothing(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(c_to_rust, "translate", raising(KeyboardInterrupt()))
    assert main([str(good), "-o", str(good.with_name("x.rs"))]) == 130
    assert names(good.parent) == ["good.c"]


def test_several_errors_are_all_shown(
    good: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    error = refusal(Code.UNION, Span(str(good), 1, 5), "`twice` is no union", label="this one")
    monkeypatch.setattr(c_to_rust, "translate", raising(error))
    assert main([str(good)]) == 1
    assert "      |     ^^^^^ this one\n" in capsys.readouterr().err


def test_the_report_is_json(good: Path) -> None:
    report = good.with_name("report.json")
    assert main([str(good), "-o", os.devnull, "--report", str(report)]) == 0
    assert [each["name"] for each in json.loads(report.read_text())["functions"]] == ["twice"]


def test_the_example_of_the_help_runs(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    shown = capsys.readouterr().out.partition("example:\n")[2].split("\n")[0]
    command = shown.replace("c2rust-safe", f"{sys.executable} -m compiler.cli.c2rust_safe")
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "fn twice" in done.stdout


def test_a_reader_that_leaves_early_is_no_error(good: Path) -> None:
    script = f"{sys.executable} -m compiler.cli.c2rust_safe {good} | true"
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
