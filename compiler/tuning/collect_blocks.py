"""The source of labels `blocks`: straight-line code for several cores: registers, spills, cycles, utilisation, instructions.

    costmodel collect blocks -o blocks.jsonl.gz

A task is a batch of blocks of all kinds for one core; its samples are the blocks. The same blocks are compiled for every core, so that
what is learned on one can be carried to another. No clock is read: the labels are a function of the seed and of LLVM's version.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import cast

from compiler.tuning.blocks.analyzer import analyze
from compiler.tuning.blocks.cores import CORES, Core
from compiler.tuning.blocks.kinds import KINDS, draw_block
from compiler.tuning.blocks.lowered import draw_lowered_block
from compiler.tuning.blocks.machine_code import MachineCode, compile_blocks
from compiler.tuning.llvm_tools import missing_tools, versions
from compiler.tuning.loops.build import llvm_ir
from costmodel.collector import Options, Task
from costmodel.sample import Sample

TOOLS = ("mlir-opt", "mlir-translate", "llc", "llvm-mca")
BATCHES, BATCH = 25, 100
LOWERED = "lowered-body"
FAMILIES = (*KINDS, LOWERED)


@dataclass(frozen=True, slots=True)
class Blocks:
    """The collector; stateless."""

    source: str = "blocks"
    timed: bool = False

    def missing(self) -> str | None:
        return missing_tools(TOOLS)

    def tasks(self, options: Options) -> Sequence[Task]:
        kinds = [name for name in FAMILIES if not options.families or name in options.families]
        cores = [name for name in CORES if not options.targets or name in options.targets]
        specs = [(batch, core) for batch in range(BATCHES) for core in cores] if kinds else []
        return [
            Task(f"{options.seed}/{core}/{batch}", {"core": core, "batch": batch, "kinds": kinds, "seed": options.seed})
            for batch, core in specs[: options.limit]
        ]

    def run(self, task: Task) -> Sequence[Sample]:
        kinds, seed = cast(Sequence[str], task.spec["kinds"]), cast(int, task.spec["seed"])
        numbers = range(cast(int, task.spec["batch"]) * BATCH, (cast(int, task.spec["batch"]) + 1) * BATCH)
        blocks = {f"b{number}": (kinds[number % len(kinds)], number) for number in numbers}
        texts = {name: block_text(kind, number, seed) for name, (kind, number) in blocks.items()}
        labelled = label_blocks(texts, CORES[cast(str, task.spec["core"])])
        return [
            _sample(*blocks[name], texts[name], cast(str, task.spec["core"]), labelled[name], seed) for name in labelled
        ]


COLLECTOR = Blocks()


@dataclass(frozen=True, slots=True)
class Labels:
    """What a block costs on one core."""

    code: MachineCode
    cycles: float
    utilisation: float


def block_text(kind: str, number: int, seed: int) -> str:
    """The block of that number; the same for the same seed, whatever else is asked for."""
    random = Random(f"{seed}/{kind}/{number}")
    return draw_lowered_block(random) if kind == LOWERED else draw_block(kind, random)


def label_blocks(texts: Mapping[str, str], core: Core) -> dict[str, Labels]:
    """Name to labels, for functions named `block`; one run of each tool for all."""
    ir = llvm_ir("".join(text.replace("@block(", f"@{name}(") for name, text in texts.items()))
    with TemporaryDirectory() as folder:
        codes = compile_blocks(ir, core, Path(folder))
    analyses = analyze({name: code.instructions for name, code in codes.items()}, core)
    return {name: Labels(codes[name], *analyses[name]) for name in texts if name in analyses}


def _sample(kind: str, number: int, text: str, core: str, labels: Labels, seed: int) -> Sample:
    return Sample(
        source="blocks",
        target=core,
        family=kind,
        kernel=f"{kind}/{seed}.{number}",
        variant="as-written",
        text=text,
        labels={
            "registers": labels.code.registers,
            "spills": labels.code.spills,
            "cycles": labels.cycles,
            "utilisation": labels.utilisation,
            "instructions": len(labels.code.instructions),
        },
        config={"core": core},
        tools=versions(TOOLS),
        flags=("branches",) if labels.code.branches else (),
        seed=seed,
    )
