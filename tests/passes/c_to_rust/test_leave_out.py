"""`--partial`: what is refused is left out with all that needs it, and the rest is translated."""

from pathlib import Path

import pytest
from several_files import translate_files

from compiler.cli.c2rust_safe import main
from compiler.codes import Code
from compiler.diagnostics import CompileError, Severity
from compiler.report import Report, Verdict

UNION = "union u { int i; float f; };\nint f(int x) { union u v; v.i = x; return v.i; }\n"
WRITER = "static int state = 3;\nvoid bump(void) { state++; }\nint read(void) { return state; }\n"
GOOD = "int good(int x) { return x + 1; }\n"


def translated(folder: Path, **files: str) -> tuple[list[str], Report]:
    """The names of the functions in the Rust text, and the report."""
    translation = translate_files(folder, {f"{name}.c": text for name, text in files.items()}, partial=True)
    found = [line.split("fn ")[1].split("(")[0] for line in translation.text.splitlines() if "fn " in line]
    assert found == [each.rust_name for each in translation.report.functions if each.verdict is not Verdict.REFUSED]
    assert all(each.severity is Severity.WARNING for each in translation.warnings)
    return found, translation.report


def refused(report: Report) -> dict[str, list[tuple[str, str]]]:
    return {
        each.name: [(refusal.code, refusal.message) for refusal in each.refusals]
        for each in report.functions
        if each.verdict is Verdict.REFUSED
    }


def test_callers_of_what_is_refused_are_left_out(tmp_path: Path) -> None:
    text = (
        UNION
        + GOOD
        + "static int g(int x) { return f(x); }\nint h(int x) { return g(x) + good(x); }\nint k(int x) { return good(x); }\n"
    )
    found, report = translated(tmp_path, a=text)
    assert found == ["good", "k"]
    assert list(refused(report)) == ["f", "g", "h"]
    assert refused(report)["h"] == [(Code.UNION.number, "it needs `g`, which is left out")]


def test_what_only_the_lowering_refuses_is_left_out_too(tmp_path: Path) -> None:
    found, report = translated(
        tmp_path, a=GOOD + "int f(int *p) { int **q = &p; return **q; }\nint g(int *p) { return f(p); }\n"
    )
    assert found == ["good"]
    assert list(refused(report)) == ["f", "g"]


def test_a_variable_goes_with_its_writer(tmp_path: Path) -> None:
    found, report = translated(tmp_path, a=WRITER + GOOD)
    assert found == ["good"]
    assert refused(report)["read"] == [(Code.MUTABLE_GLOBAL.number, "it needs `state`, which is left out")]


def test_a_variable_goes_with_a_writer_that_the_front_end_refuses(tmp_path: Path) -> None:
    writer = WRITER.replace("{ state++; }", "{ union { int a; } v; v.a = 1; state = v.a; }")
    found, report = translated(tmp_path, a=writer + GOOD)
    assert found == ["good"]
    assert list(refused(report)) == ["bump", "read"]


def test_a_constant_stays(tmp_path: Path) -> None:
    text = "static const int k = 7;\nint f(int *p) { int **q = &p; return **q + k; }\nint g(void) { return k; }\n"
    assert translated(tmp_path, a=text)[0] == ["g"]


def test_a_type_that_is_refused_takes_its_users_along(tmp_path: Path) -> None:
    text = "struct s { int (*call)(int); };\nint f(struct s *p) { return p->call(1); }\nint g(int x) { return x; }\n"
    found, report = translated(tmp_path, a=text)
    assert found == ["g"]
    assert [code for code, _ in refused(report)["f"]] == [Code.FUNCTION_POINTER.number]


def test_files_refuse_for_each_other_by_external_names_only(tmp_path: Path) -> None:
    first = (
        UNION.replace("int f", "static int helper")
        + UNION.partition("\n")[2]
        + "int uses(int x) { return helper(x); }\n"
    )
    second = "static int helper(int x) { return x; }\nint f(int);\nint calls(int x) { return f(x); }\nint own(int x) { return helper(x); }\n"
    found, report = translated(tmp_path, a=first, b=second)
    assert found == ["helper", "own"]
    assert set(refused(report)) == {"helper", "f", "uses", "calls"}


def test_nothing_refused_is_the_same_as_ever(tmp_path: Path) -> None:
    whole = translate_files(tmp_path, {"a.c": GOOD})
    part = translate_files(tmp_path, {"a.c": GOOD}, partial=True)
    assert (whole.text, whole.report, part.warnings) == (part.text, part.report, ())


def test_nothing_left_is_a_refusal(tmp_path: Path) -> None:
    with pytest.raises(CompileError) as caught:
        translate_files(tmp_path, {"a.c": UNION}, partial=True)
    assert [each.code for each in caught.value.diagnostics] == [Code.UNION]


def test_a_file_that_does_not_parse_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CompileError):
        translate_files(tmp_path, {"a.c": GOOD + "int f( {\n"}, partial=True)


def test_the_command_warns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "a.c"
    source.write_text(UNION + GOOD)
    assert main([str(source), "--partial", "-o", str(tmp_path / "a.rs"), "--explain"]) == 0
    said = capsys.readouterr().err
    assert f"{source}:2: f: refused\n  C0201 at {source}:" in said
    assert "warning[C0201]" in said
    assert "\nnote: left out: `f`\n" in said
    assert "fn good" in (tmp_path / "a.rs").read_text()
    assert main([str(source), "-o", str(tmp_path / "b.rs")]) == 1
    assert not (tmp_path / "b.rs").exists()
