"""The file-test mechanism: what it demands of a run, and that it fails when it should."""

from pathlib import Path

import filetests
import pytest
from commands import Main
from filetests import Expectation, Run, check, expectations, runs_of


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text)
    return file


def saying(status: int, err: str, leave: bool = False) -> Main:
    def main(arguments: object) -> int:
        import sys

        sys.stderr.write(err)
        if leave:
            assert isinstance(arguments, list)
            Path(arguments[-1]).write_text("half")  # pyright: ignore[reportUnknownArgumentType]
        return status

    return main


def test_several_args_are_several_runs(tmp_path: Path) -> None:
    file = write(tmp_path, "a.c", "// args: --emit=minic\n// args:\nint x;\n")
    assert [(run.suffix, run.arguments[2:]) for run in runs_of(file)] == [(".minic", ("--emit=minic",)), (".rs", ())]


def test_expectations_know_their_lines() -> None:
    text = "union u; //~ error[C0201]: is a union\n#define X\n//~^ error[C0121]: bad\nint a; /* no error */\n"
    assert expectations(text) == [Expectation(1, "C0201", "is a union"), Expectation(2, "C0121", "bad")]


REFUSED = "union u; //~ error[C0201]: a union\n"
SAID = "a.c:1:1: error[C0201]: `u` is a union\n"


@pytest.mark.parametrize(
    ("status", "err", "leave", "complaint"),
    [
        (1, SAID, False, ""),
        (0, SAID, False, "exit status 0"),
        (70, SAID, False, "exit status 70"),
        (1, SAID, True, "left a file"),
        (1, SAID + SAID, False, "expected"),
        (1, SAID.replace(":1:1", ":2:1"), False, "expected"),
        (1, SAID.replace("C0201", "C0202"), False, "expected"),
        (1, SAID.replace("union", "onion"), False, "expected"),
        (1, "", False, "expected"),
    ],
)
def test_a_refusal_is_exact(tmp_path: Path, status: int, err: str, leave: bool, complaint: str) -> None:
    file = write(tmp_path, "a.c", REFUSED)
    run = Run(saying(status, err, leave), (), ".rs")
    if not complaint:
        assert check(run, file).err == err
        return
    with pytest.raises(AssertionError, match=complaint):
        check(run, file)


def test_without_remarks_the_run_must_succeed(tmp_path: Path) -> None:
    file = write(tmp_path, "a.c", "int x;\n")
    assert check(Run(saying(0, ""), (), ".rs"), file).status == 0
    with pytest.raises(AssertionError, match="exit status 1"):
        check(Run(saying(1, SAID), (), ".rs"), file)


def test_goldens_are_compared_and_blessed(pytester: pytest.Pytester) -> None:
    harness = Path(filetests.__file__).parent
    pytester.makeconftest(
        f"import sys; sys.path[:0] = [{str(harness)!r}, {str(harness.parents[1])!r}]\n"
        + (harness.parent / "conftest.py").read_text()
    )
    folder = pytester.mkdir("passes")
    write(folder, "empty.mlir", "builtin.module {\n}\n")
    pytester.runpytest_inprocess("passes").assert_outcomes(failed=1)
    pytester.runpytest_inprocess("passes", "--bless").assert_outcomes(passed=1)
    assert (folder / "empty.out").read_text() == "builtin.module {\n}\n"
    pytester.runpytest_inprocess("passes").assert_outcomes(passed=1)
    (folder / "empty.out").write_text("something else\n")
    pytester.runpytest_inprocess("passes").stdout.fnmatch_lines(["*-something else*"])
