"""What the report says, beyond what the goldens under tests/c_to_rust/explain show."""

import json
from pathlib import Path
from typing import Any

import pytest

from compiler.cli.c2rust_safe import main
from compiler.report import Rung

TYPES = """\
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
struct point { float x; double y[3]; };
typedef struct { uint8_t bytes[2][4]; } grid;
void f(const char *text, struct point *p, grid g, bool b, const int64_t (*rows)[5], unsigned __int128 wide, ptrdiff_t d) {
    p->x = text[1] + g.bytes[0][1] + rows[0][4] + b + (float)wide + d;
}
"""


def report(folder: Path, text: str, *options: str) -> dict[str, list[dict[str, Any]]]:
    source, written = folder / "types.c", folder / "report.json"
    source.write_text(text)
    assert main([str(source), "-o", str(folder / "out.rs"), "--report", str(written), *options]) == 0
    return json.loads(written.read_text())


def test_types_are_spelled_as_in_c_and_as_in_rust(tmp_path: Path) -> None:
    found = report(tmp_path, TYPES)
    (function,) = found["functions"]
    parameters = function["parameters"]
    assert [(each["c_type"], each["rust_type"]) for each in parameters] == [
        ("const char *", "&[u8; 2]"),
        ("struct point *", "&mut point"),
        ("grid", "grid"),
        ("_Bool", "bool"),
        ("const int64_t (*)[5]", "&[i64; 5]"),
        ("unsigned __int128", "u128"),
        ("ptrdiff_t", "isize"),
    ]
    assert [each["rung"] for each in parameters] == [Rung.ARRAY, Rung.REFERENCE, None, None, Rung.REFERENCE, None, None]
    assert (function["result_c_type"], function["result_rust_type"]) == ("void", "()")


def test_structs_are_described(tmp_path: Path) -> None:
    point, grid = report(tmp_path, TYPES)["structs"]
    assert (point["c_type"], point["rust_name"], grid["c_type"], grid["rust_name"]) == (
        "struct point",
        "point",
        "grid",
        "grid",
    )
    assert [(each["name"], each["c_type"], each["rust_type"]) for each in point["fields"] + grid["fields"]] == [
        ("x", "float", "f32"),
        ("y", "double [3]", "[f64; 3]"),
        ("bytes", "uint8_t [2][4]", "[[u8; 4]; 2]"),
    ]
    assert (point["line"], grid["line"]) == (4, 5)


def test_the_report_is_the_same_every_time(tmp_path: Path) -> None:
    source = TYPES
    assert json.dumps(report(tmp_path, source)) == json.dumps(report(tmp_path, source))


@pytest.mark.parametrize("declaration", ["", "int unused(void);"])
def test_nothing_to_say_is_said(tmp_path: Path, declaration: str, capsys: pytest.CaptureFixture[str]) -> None:
    report(tmp_path, f"{declaration}\nenum {{ A }};\n", "--explain")
    assert capsys.readouterr().err == ""
