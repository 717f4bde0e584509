"""compiler/README.md tells the story of one function: what it shows of each stage is what the stage gives.

A fence that names a stage (```mlir specialise-aliases) is compared with the IR after it, or with the Rust printed of it; `…` stands for
any text within a line, and on a line of its own for any lines.
"""

import re
from pathlib import Path

import pytest

from compiler import c_to_rust, pipelines
from compiler.cli.explain import explanation
from compiler.cli.opt import PASSES
from compiler.emit.rust import emit
from compiler.frontends.c.preprocess_job import PreprocessJob, PreprocessOptions
from compiler.ir_text import from_text
from compiler.translation import Emit, TranslationOptions

README = (Path(__file__).parents[1] / "compiler" / "README.md").read_text()
(SOURCE,) = re.findall(r"^```c\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
SHOWN = re.findall(r"^```(mlir|rust|text) ([\w-]+)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def stages() -> dict[tuple[str, str], str]:
    """What each stage really gives, by language and stage."""
    job = PreprocessJob("double.c", None, SOURCE, PreprocessOptions())
    found: dict[tuple[str, str], str] = {}
    after: list[str] = []
    options = TranslationOptions(print_after=frozenset(each.name for each in c_to_rust.C_TO_RUST))
    translation = c_to_rust.translate([job], options, show=after.append)
    for text in after:
        head, _, ir = text.partition("\n")
        found["mlir", head.removeprefix("// after ")] = ir
    found["mlir", "front-end"] = c_to_rust.translate([job], TranslationOptions(Emit.MINIC)).text
    lowered = from_text(found["mlir", "lower-to-rust"], "double.c", pipelines.new_context())
    found["rust", "lower-to-rust"] = emit(lowered)
    found["rust", "output"] = translation.text
    found["text", "explain"] = explanation(translation.report)
    return found


def pattern(shown: str) -> str:
    lines = shown.splitlines()
    return "".join("(?:.*\n)*?" if line.strip() == "…" else _line(line) for line in lines)


def _line(line: str) -> str:
    return ".*".join(re.escape(part) for part in line.split("…")) + "\n"


def test_the_story_is_complete() -> None:
    assert [stage for _, stage, _ in SHOWN] == [
        *("front-end", "specialise-aliases", "explain"),
        *("lower-to-rust", "lower-to-rust", "output"),
    ]


@pytest.mark.parametrize(("language", "stage", "shown"), SHOWN, ids=[f"{kind}-{stage}" for kind, stage, _ in SHOWN])
def test_what_is_shown_is_what_comes_out(
    language: str, stage: str, shown: str, stages: dict[tuple[str, str], str]
) -> None:
    real = stages[language, stage]
    assert re.search(f"^{pattern(shown)}", real, re.MULTILINE), f"{stage} gives\n{real}"


def test_every_pass_named_exists() -> None:
    named = set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", README)) - {"pyproject-toml"}
    assert named <= set(PASSES)
