"""Straight-line blocks: drawn the same for the same seed, compiled for every core, labelled with what the tools report."""

from pathlib import Path

import pytest

from compiler.tuning.blocks.builder import BlockBuilder
from compiler.tuning.blocks.cores import CORES, Core
from compiler.tuning.blocks.machine_code import compile_blocks, read_spills
from compiler.tuning.collect_blocks import BATCH, COLLECTOR, FAMILIES, block_text, label_blocks
from compiler.tuning.loops.build import llvm_ir
from costmodel.collector import Options

needs_tools = pytest.mark.skipif(COLLECTOR.missing() is not None, reason=f"needs {COLLECTOR.missing()}")


@pytest.mark.parametrize(
    ("core", "instruction", "registers"),
    [
        ("skylake", "vaddss 4(%rdi), %xmm1, %xmm2", {"rdi", "xmm1", "xmm2"}),
        ("skylake", "movzbl %al, %r10d", {"rax", "r10"}),
        ("znver3", "vmovups %ymm3, -8(%rsp)", {"xmm3", "rsp"}),
        ("cortex-a55", "fmadd d0, d1, d2, d0", {"v0", "v1", "v2"}),
        ("neoverse-n1", "ldp w9, x13, [x0, #24]", {"x9", "x13", "x0"}),
        ("sifive-u74", "fmadd.s ft0, fa1, fs11, ft0", {"ft0", "fa1", "fs11"}),
        ("sifive-u74", "lw a2, 16(a0)", {"a2", "a0"}),
    ],
)
def test_registers_of_an_instruction(core: str, instruction: str, registers: set[str]) -> None:
    assert CORES[core].registers(instruction) == registers


def test_spills_are_those_of_the_whole_function() -> None:
    remark = "--- !Missed\nName: {}\nFunction:        b0\nArgs:\n  - NumSpills:       '{}'\n{}  - String:          generated in {}\n...\n"
    loop = remark.format("LoopSpillReloadCopies", 9, "", "loop")
    whole = remark.format("SpillReloadCopies", 2, "  - NumFoldedSpills: '1'\n", "function")
    assert read_spills(loop + whole) == {"b0": 3}


@pytest.mark.parametrize("kind", FAMILIES)
def test_a_block_is_the_same_for_the_same_seed(kind: str) -> None:
    assert block_text(kind, 4, 1) == block_text(kind, 4, 1) != block_text(kind, 5, 1)


def sum_of(loads: int) -> str:
    """Loads, all alive until the last, then their products and sums."""
    b = BlockBuilder()
    values = [b.load("f64") for _ in range(loads)]
    total = values[-1]
    for value in values:
        total = b.add(b.mul(total, value), values[0])
    for value in values:
        total = b.sub(b.mul(total, value), total)
    b.store(total)
    return b.text()


@needs_tools
@pytest.mark.parametrize("core", CORES.values(), ids=lambda core: core.name)
def test_more_values_than_registers_spill(core: Core) -> None:
    labels = label_blocks({"few": sum_of(3), "many": sum_of(60)}, core)
    assert 4 <= labels["few"].code.registers <= 10
    assert labels["few"].cycles < labels["many"].cycles
    assert labels["few"].code.registers < labels["many"].code.registers
    assert labels["few"].code.spills == 0 < labels["many"].code.spills
    assert all(0 < each.utilisation <= 1 for each in labels.values())


@needs_tools
def test_the_code_of_a_sum(tmp_path: Path) -> None:
    b = BlockBuilder()
    b.store(b.add(b.load("i32"), b.load("i32")))
    code = compile_blocks(llvm_ir(b.text()), CORES["skylake"], tmp_path)["block"]
    assert code.instructions == ("movl (%rdi), %eax", "addl 4(%rdi), %eax", "movl %eax, (%rsi)")
    assert (code.registers, code.spills, code.branches) == (3, 0, False)


@needs_tools
def test_every_kind_compiles() -> None:
    texts = {f"b{number}": block_text(kind, number, 1) for number, kind in enumerate(FAMILIES)}
    labels = label_blocks(texts, CORES["neoverse-n1"])
    assert labels.keys() == texts.keys()


def test_tasks_cover_the_cores_and_are_stable() -> None:
    tasks = COLLECTOR.tasks(Options())
    assert tasks == COLLECTOR.tasks(Options())
    assert {str(task.spec["core"]) for task in tasks} == set(CORES)
    assert len(tasks) // len(CORES) * BATCH >= 2400
    assert {str(task.spec["core"]) for task in COLLECTOR.tasks(Options(targets=("znver3",)))} == {"znver3"}
