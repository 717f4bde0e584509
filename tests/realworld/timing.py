"""The same call in C and in Rust, many times over: two programs that wait for work, so that their measurements can alternate.

with Pair(sources, translation, cases, folder, flags) as pair:
    pair.measure(0)          nanoseconds per call: [C, Rust], each the median of alternating rounds
"""

from __future__ import annotations

import re
import statistics
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from equivalence import c_driver, rust_driver
from equivalence.harness import modules_of
from equivalence.plan import FunctionPlan, plan
from equivalence.wire import encoded

from compiler.translation import Translation

HERE = Path(__file__).parent
CLANG = ("clang", "-O3", "-std=gnu11", "-w")
RUSTC = ("rustc", "--edition=2021", "-Copt-level=3", "-Awarnings")
ROUND = 0.02  # seconds of one measurement
ROUNDS = 15


@dataclass(frozen=True, slots=True)
class Case:
    """A call to be timed; `given` as in a `Vector`."""

    name: str
    function: str
    given: tuple[int | bytes, ...]


class Pair:
    """Builds both programs and keeps them running."""

    def __init__(
        self,
        sources: Sequence[Path],
        translation: Translation,
        cases: Sequence[Case],
        folder: Path,
        flags: Sequence[str],
    ) -> None:
        self._modules = {name: plan(translation.report, text)[0] for name, text in modules_of(translation).items()}
        plans = [self._plan(case) for case in cases]
        for index, (case, each) in enumerate(zip(cases, plans, strict=True)):
            taken = zip(each.arguments, case.given, strict=True)
            (folder / f"{index}.in").write_bytes(b"".join(encoded(argument.type, value) for argument, value in taken))
        self._build_c(sources, plans, folder, flags)
        self._build_rust(translation, plans, folder)
        self._programs = [_start(folder / name, folder) for name in ("c", "rust")]

    def _plan(self, case: Case) -> FunctionPlan:
        return next(each for plans in self._modules.values() for each in plans if each.name == case.function)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for program in self._programs:
            program.kill()
            program.wait()

    def measure(self, index: int, rounds: int = ROUNDS) -> list[float]:
        """Nanoseconds per call of both, C first: medians over rounds in which they take turns."""
        turns = [self._calibrate(program, index) for program in self._programs]
        found: list[list[float]] = [[], []]
        for _ in range(rounds):
            for which, program in enumerate(self._programs):
                idle = _ask(program, index, 0)
                found[which].append((_ask(program, index, turns[which]) - idle) / turns[which])
        return [statistics.median(each) for each in found]

    def _calibrate(self, program: subprocess.Popen[str], index: int) -> int:
        turns = 1
        while (spent := _ask(program, index, turns)) < ROUND * 1e9 / 4:
            turns *= 2
        return max(1, round(turns * ROUND * 1e9 / spent))

    # --- the programs --------------------------------------------------------------------------------------------------------

    def _build_c(self, sources: Sequence[Path], plans: list[FunctionPlan], folder: Path, flags: Sequence[str]) -> None:
        lines = [f'#include "{HERE / "bench.h"}"', "#define main h_program_main"]
        lines += [f'#include "{each.resolve()}"' for each in sources]
        for index, each in enumerate(plans):
            lines += _c_bench(index, each)
        names = ", ".join(f"bench_{index}" for index in range(len(plans)))
        lines += ["#undef main", f"static const h_bench benches[] = {{ {names} }};"]
        lines += ["int main(int argc, char **argv) { (void)argc; return h_serve(benches, argv); }", ""]
        (folder / "bench.c").write_text("\n".join(lines))
        subprocess.run([*CLANG, *flags, str(folder / "bench.c"), "-o", str(folder / "c"), "-lm"], check=True)

    def _build_rust(self, translation: Translation, plans: list[FunctionPlan], folder: Path) -> None:
        arms: list[str] = []
        for module, text in modules_of(translation).items():
            own = [(index, each) for index, each in enumerate(plans) if each in self._modules[module]]
            (folder / f"{module}.rs").write_text(_rust_module(text, own) if own else text)
            arms += [f"{index} => {module}::bench::measure({at}, &data, turns)," for at, (index, _) in enumerate(own)]
        root = translation.files.get("src/lib.rs", "") if translation.files else "mod translation;\n"
        (folder / "main.rs").write_text(f"{root}\n{_RUST_MAIN.replace('ARMS', ' '.join(arms))}")
        subprocess.run([*RUSTC, str(folder / "main.rs"), "-o", str(folder / "rust")], check=True)


_RUST_MAIN = """
fn main() {
    let folder = std::env::args().nth(1).unwrap();
    for line in std::io::stdin().lines() {
        let line = line.unwrap();
        let (index, turns) = line.split_once(' ').unwrap();
        let data = std::fs::read(format!("{folder}/{index}.in")).unwrap();
        let (index, turns): (usize, u64) = (index.parse().unwrap(), turns.parse().unwrap());
        let spent = match index { ARMS _ => unreachable!() };
        println!("{spent}");
    }
}
"""


def _c_bench(index: int, each: FunctionPlan) -> Iterator[str]:
    """The call goes through a pointer that the compiler must not see through."""
    yield f"static uint64_t bench_{index}(struct h_bytes *r, uint64_t turns)"
    yield "{"
    for number, argument in enumerate(each.arguments):
        yield from c_driver.read_argument(number, argument)
    values = ", ".join(c_driver.passed(number, argument) for number, argument in enumerate(each.arguments))
    yield f"__typeof__({each.name}) *volatile call = {each.name};"
    yield f'uint64_t start = h_now(); for (; turns > 0; turns--) {{ call({values}); __asm__ volatile("" ::: "memory"); }}'
    yield "return h_now() - start;"
    yield "}"


def _rust_module(text: str, own: list[tuple[int, FunctionPlan]]) -> str:
    plans = [each for _, each in own]
    lines = [
        text,
        "#[allow(warnings)]",
        "pub mod bench {",
        rust_driver.PRELUDE.read_text(),
        (HERE / "bench.rs").read_text(),
    ]
    for struct in rust_driver.structs(plans):
        if not struct.borrows:
            lines += rust_driver.wire(struct)
    for at, each in enumerate(plans):
        lines += _rust_bench(at, each)
    names = ", ".join(f"bench_{at}" for at in range(len(plans)))
    return "\n".join([*lines, f"static BENCHES: &[Bench] = &[{names}];", "}", ""])


def _rust_bench(at: int, each: FunctionPlan) -> Iterator[str]:
    yield f"fn bench_{at}(r: &mut Reader, turns: u64) -> u128 {{"
    for number, argument in enumerate(each.arguments):
        yield from rust_driver.read_argument(number, argument)
    passed = (rust_driver.passed(number, argument.type) for number, argument in enumerate(each.arguments))
    values = ", ".join(f"std::hint::black_box({value})" for value in passed)
    yield "let start = std::time::Instant::now();"
    yield f"for _ in 0..turns {{ std::hint::black_box(super::{each.rust_name}({values})); }}"
    yield "start.elapsed().as_nanos()"
    yield "}"


def _start(program: Path, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen([str(program), str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _ask(program: subprocess.Popen[str], index: int, turns: int) -> int:
    """Nanoseconds of processor time, so that other work on the machine counts less; wall time where the system has no such clock."""
    assert program.stdin is not None and program.stdout is not None
    clock = (~program.pid << 3) | 2  # the processor clock of another process, as Linux numbers it
    before = _clock(clock)
    program.stdin.write(f"{index} {turns}\n")
    program.stdin.flush()
    answer = program.stdout.readline()
    assert re.fullmatch(r"\d+\n", answer), f"a benchmark ended: {program.args} {index}"
    time.sleep(0.002)  # the system brings the clock up to date when the program has gone to sleep
    after = _clock(clock)
    return after - before if before is not None and after is not None else int(answer)


def _clock(number: int) -> int | None:
    try:
        return time.clock_gettime_ns(number)
    except (OSError, OverflowError):
        return None
