"""compiler/README.md tells how one kernel comes to the machine: what it shows of each stage is what the stage gives."""

import re
from pathlib import Path

import pytest

import compiler.kernels as kernels
from compiler.ir_text import to_text
from compiler.targets import lowering
from compiler.tuning.schedules import parse_schedule

ROOT = Path(__file__).parents[2]
README = (ROOT / "compiler" / "README.md").read_text()
SHOWN = re.findall(r"^```(?:mlir|text|rust) kernel:([\w-]+)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def stages() -> dict[str, str]:
    """What each stage really gives."""
    found: dict[str, str] = {}
    target = kernels.target_of("piuma")
    kernel = kernels.load(ROOT / "examples" / "kernels" / "spgemm.mlir")
    schedule = parse_schedule("smash-v3", target)

    def keep(text: str) -> None:
        head, _, ir = text.partition("\n")
        found[head.removeprefix("// after ")] = ir

    compiled = lowering.lower(kernel, target, schedule, [each.name for each in target.passes()], keep)
    scheduled = lowering.kernel_of(kernel.module.clone())
    scheduled.op.schedule = lowering.ScheduleAttr(schedule)
    in_rust = kernels.compile(ROOT / "examples" / "kernels" / "spgemm.mlir", "rust", "window")
    assert in_rust.schedule is not None
    rust = in_rust.compiled(in_rust.schedule).text
    return {**found, "scheduled": to_text(scheduled.module), "assembly": compiled.text, "rust": rust}


def pattern(shown: str) -> str:
    lines = shown.splitlines()
    return "".join("(?:.*\n)*?" if line.strip() == "…" else _line(line) for line in lines)


def _line(line: str) -> str:
    return ".*".join(re.escape(part) for part in line.split("…")) + "\n"


def test_the_story_is_complete() -> None:
    assert [stage for stage, _ in SHOWN] == ["scheduled", "kernel-to-piuma", "assembly", "rust"]


@pytest.mark.parametrize(("stage", "shown"), SHOWN, ids=[stage for stage, _ in SHOWN])
def test_what_is_shown_is_what_comes_out(stage: str, shown: str, stages: dict[str, str]) -> None:
    assert re.search(f"^{pattern(shown)}", stages[stage], re.MULTILINE), f"{stage} gives\n{stages[stage][:3000]}"
