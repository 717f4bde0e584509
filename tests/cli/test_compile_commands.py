"""compile_commands.json: both forms of a command, paths relative to its directory, exact complaints."""

import json
from pathlib import Path
from typing import Any

import pytest

from compiler.cli.compile_commands import recorded_options
from compiler.codes import Code
from compiler.diagnostics import CompileError, Span
from compiler.frontends.c.preprocess_job import PreprocessOptions, Standard


def record(folder: Path, **entry: Any) -> None:
    entry = {"directory": str(folder / "build"), "file": "../mix.c", **entry}
    (folder / "compile_commands.json").write_text(json.dumps([entry]))


def complaint(folder: Path, file: str = "mix.c") -> tuple[Code, Span | None, str]:
    with pytest.raises(CompileError) as caught:
        recorded_options(str(folder), str(folder / file))
    (diagnostic,) = caught.value.diagnostics
    return diagnostic.code, diagnostic.span, diagnostic.message


def test_a_command_line_and_a_list_of_arguments_say_the_same(tmp_path: Path) -> None:
    command = "cc -O2 -Wall -pthread -isystem sys -I../inc -I inc -DN=4 -D 'S=\"a b\"' -UX -include c.h -std=c99 -c ../mix.c -o x.o"
    arguments = [
        "cc",
        "-fPIC",
        "-isystem",
        "sys",
        "-I../inc",
        "-Iinc",
        "-DN=4",
        '-DS="a b"',
        "-UX",
        "-include",
        "c.h",
        "-std=c99",
    ]
    expected = PreprocessOptions(
        include_dirs=tuple(str(tmp_path / "build" / each) for each in ("../inc", "inc", "sys")),
        defines=("N=4", 'S="a b"'),
        undefines=("X",),
        force_includes=("c.h",),
        standard=Standard.C99,
    )
    for entry in ({"command": command}, {"arguments": arguments}):
        record(tmp_path, **entry)
        assert recorded_options(str(tmp_path), str(tmp_path / "mix.c")) == expected


def test_absolute_folders_stay(tmp_path: Path) -> None:
    record(tmp_path, command="cc -I/usr/local/x -c ../mix.c")
    assert recorded_options(str(tmp_path), str(tmp_path / "mix.c")).include_dirs == ("/usr/local/x",)


def test_a_header_to_include_first_is_searched_in_the_directory(tmp_path: Path) -> None:
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "config.h").touch()
    record(tmp_path, command="cc -include config.h -include other.h -c ../mix.c")
    options = recorded_options(str(tmp_path), str(tmp_path / "mix.c"))
    assert options.force_includes == (str(tmp_path / "build" / "config.h"), "other.h")


def test_a_missing_database(tmp_path: Path) -> None:
    code, _, message = complaint(tmp_path)
    assert code is Code.INPUT_UNREADABLE
    assert "compile_commands.json" in message


def test_a_database_that_is_no_json_is_located(tmp_path: Path) -> None:
    database = tmp_path / "compile_commands.json"
    database.write_text('[\n{"directory": }]')
    assert complaint(tmp_path)[:2] == (Code.COMPILE_COMMANDS, Span(str(database), 2, 15))


@pytest.mark.parametrize("text", ["7", "[7]", '[{"file": "x.c"}]', '[{"directory": ".", "file": "x.c"}]'])
def test_a_database_that_is_no_list_of_commands(tmp_path: Path, text: str) -> None:
    (tmp_path / "compile_commands.json").write_text(text)
    assert "no list of compile commands" in complaint(tmp_path)[2]


def test_a_file_that_is_not_mentioned(tmp_path: Path) -> None:
    record(tmp_path, command="cc -c ../mix.c")
    assert "does not mention" in complaint(tmp_path, "other.c")[2]


def test_a_standard_that_we_do_not_know(tmp_path: Path) -> None:
    record(tmp_path, command="cc -std=c++17 -c ../mix.c")
    assert "-std=c++17" in complaint(tmp_path)[2]
