"""Our headers against the machine's: the same prototypes, the same constants, the same layouts.

What a header of ours declares is declared again below the machine's header of that name; the C
compiler rejects a prototype that differs. Constants are compared in value and type by a program.
"""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from compiler.frontends.c.marks import Constant
from compiler.frontends.c.preprocess import preprocess_text
from compiler.frontends.c.preprocess_job import LIBC_DIRECTORY
from compiler.frontends.c.preprocess_scan import scan

CC = shutil.which("gcc") or shutil.which("clang")
pytestmark = pytest.mark.skipif(CC is None, reason="no C compiler to compare with")

PRIVATE = {"__types.h", "__wchar.h", "__time.h"}
HEADERS = sorted(
    str(path.relative_to(LIBC_DIRECTORY)) for path in LIBC_DIRECTORY.rglob("*.h") if path.name not in PRIVATE
)
OURS_ALONE = {"assert.h", "stdarg.h", "alloca.h", "iso646.h", "stdbool.h", "stdnoreturn.h", "stdalign.h"}
"""Headers of macros that are operators, words or calls: nothing to compare by value."""

NOT_COMPARED = {"errno", "optarg", "NAN", "NULL", "bool"}
"""A macro there, an object here; what differs from itself; what is a word."""


def compile_c(source: str, tmp_path: Path, *flags: str) -> Path:
    assert CC is not None
    file, program = tmp_path / "t.c", tmp_path / "t"
    file.write_text(source)
    result = subprocess.run([CC, "-w", *flags, "-o", program, file, "-lm"], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return program


def declarations(header: str) -> list[str]:
    """The declarations that our header itself makes, as text."""
    own = str(LIBC_DIRECTORY / header)
    tokens = [each for each in preprocess_text(f"#include <{header}>\n", "t.c").tokens if each.file == own]
    found: list[str] = []
    current: list[str] = []
    depth = 0
    for token in tokens:
        current.append(token.text)
        depth += (token.text in "({") - (token.text in ")}")
        if token.text == ";" and depth == 0:
            found.append(" ".join(current))
            current = []
    assert not current
    return found


def prototypes(header: str) -> list[tuple[str, str]]:
    """(name, declaration) of each function."""
    found: list[tuple[str, str]] = []
    for text in declarations(header):
        name = re.search(r"(\w+) \(", text)
        if name and not text.startswith(("typedef", "struct")) and name.group(1) not in ("void", "int"):
            found.append((name.group(1), text))
    return found


def constants(header: str) -> list[tuple[str, str]]:
    """(name, expansion) of the object-like macros that the header itself defines."""
    path = LIBC_DIRECTORY / header
    names = [
        match.group(1)
        for directive in scan(path.read_text(), str(path)).directives
        if (match := re.match(r"#define (\w+) \S", directive.text))
    ]
    return [(name, expansion(header, name)) for name in names if name not in NOT_COMPARED]


def expansion(header: str, name: str) -> str:
    """What our macro stands for."""
    unit = preprocess_text(f"#include <{header}>\n#define EXPANDED(x) begin x end\nEXPANDED({name})\n", "t.c")
    texts = [token.text for token in unit.tokens if token.file == "t.c"]
    return " ".join(written_out(unit.constants, text) for text in texts[1:-1])


def written_out(table: dict[str, Constant], text: str) -> str:
    constant = table.get(text)
    return text if constant is None else " ".join(written_out(table, each.text) for each in constant.expansion)


def test_there_are_headers() -> None:
    assert len(HEADERS) > 30


@pytest.mark.parametrize("header", HEADERS)
def test_each_header_is_c99_by_itself(header: str, tmp_path: Path) -> None:
    flags = ["-nostdinc", f"-I{LIBC_DIRECTORY}", "-fsyntax-only", "-std=c99"]
    compile_c(f"#include <{header}>\n#include <{header}>\nint main(void) {{ return 0; }}\n", tmp_path, *flags)


@pytest.mark.parametrize("header", sorted(set(HEADERS) - OURS_ALONE))
def test_prototypes_are_the_machines(header: str, tmp_path: Path) -> None:
    again = "".join(f"#undef {name}\n{text}\n" for name, text in prototypes(header))
    source = f"#define _GNU_SOURCE\n#include <{header}>\n{again}int main(void) {{ return 0; }}\n"
    compile_c(source, tmp_path, "-fsyntax-only", "-std=gnu17")


@pytest.mark.parametrize("header", sorted(set(HEADERS) - OURS_ALONE))
def test_constants_are_the_machines(header: str, tmp_path: Path) -> None:
    checks = "".join(_check(name, text) for name, text in constants(header))
    source = f"""#define _GNU_SOURCE
#include <{header}>
#include <stdio.h>
#include <string.h>
static int failures;
static void compare(const char *name, int same) {{ if (!same) {{ failures++; printf("%s differs\\n", name); }} }}
int main(void) {{
{checks}
return failures != 0; }}
"""
    result = subprocess.run([compile_c(source, tmp_path, "-std=gnu17")], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def _check(name: str, text: str) -> str:
    if text.startswith('"'):
        return f'compare("{name}", !strcmp({text}, {name}));\n'
    types = f"__builtin_types_compatible_p(__typeof__({text}), __typeof__({name}))"
    return f'compare("{name}", ({text}) == ({name}) && {types});\n'


LAYOUTS = {
    "stddef.h": ["size_t", "ptrdiff_t", "wchar_t"],
    "stdint.h": [
        *(
            f"{sign}int{kind}{bits}_t"
            for sign in ("", "u")
            for kind in ("", "_least", "_fast")
            for bits in (8, 16, 32, 64)
        ),
        *("intptr_t", "uintptr_t", "intmax_t", "uintmax_t"),
    ],
    "stdlib.h": ["div_t", "ldiv_t", "lldiv_t"],
    "time.h": ["time_t", "clock_t", "struct tm", "struct timespec"],
    "sys/types.h": ["ssize_t", "off_t", "pid_t", "mode_t", "uid_t", "gid_t", "dev_t", "ino_t", "u_int32_t", "u_long"],
    "sys/time.h": ["struct timeval"],
    "sys/stat.h": ["struct stat"],
    "setjmp.h": ["jmp_buf", "sigjmp_buf"],
    "signal.h": ["sig_atomic_t"],
    "getopt.h": ["struct option"],
    "inttypes.h": ["imaxdiv_t"],
    "math.h": ["float_t", "double_t"],
    "wchar.h": ["wint_t"],
}


@pytest.mark.parametrize("header", sorted(LAYOUTS))
def test_types_have_the_machines_size(header: str, tmp_path: Path) -> None:
    sizes = "".join(f'printf("{name} %zu\\n", sizeof({name}));' for name in LAYOUTS[header])
    source = f"#define _GNU_SOURCE\n#include <{header}>\n#include <stdio.h>\nint main(void) {{ {sizes} return 0; }}\n"
    machine = subprocess.run([compile_c(source, tmp_path)], capture_output=True, check=True)
    ours = compile_c(source, tmp_path, "-nostdinc", f"-I{LIBC_DIRECTORY}")
    assert subprocess.run([ours], capture_output=True, check=True).stdout == machine.stdout
