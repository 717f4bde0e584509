"""Loops over blocks of rows, spread over threads as the schedule says, or plain ones for one thread.

with shared_blocks(kernel, v) as (block, row_start, row_end, thread):     omp.parallel, omp.wsloop, omp.loop_nest
    …                                                                     `thread` is 0 where there is one

`afterwards` writes what each thread does when all blocks are done.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from xdsl.dialects import omp
from xdsl.ir import Block, Region

from compiler.dialects import cpu
from compiler.passes.kernel_to_c.rows import Kernel, named
from compiler.passes.loops.build import LoopBuilder
from compiler.passes.loops.values import INDEX, Value

BLOCKS = {"rows": INDEX, "block_rows": INDEX, "blocks": INDEX}
"""How rows are cut into pieces of work."""


Afterwards = Callable[[Value], None]
"""Writes what the thread of this number does."""


@contextmanager
def shared_blocks(
    kernel: Kernel, v: Any, afterwards: Afterwards | None = None
) -> Generator[tuple[Value, Value, Value, Value]]:
    """Blocks of `v.block_rows` rows: number, first and last row, thread."""
    with _blocks(kernel, v.blocks, afterwards) as (block, thread):
        start = named("row_start", block * v.block_rows)
        end = named("row_end", named("after", start + v.block_rows).minimum(v.rows))
        yield block, start, end, thread


@contextmanager
def _blocks(kernel: Kernel, blocks: Value, afterwards: Afterwards | None) -> Generator[tuple[Value, Value]]:
    b = kernel.b
    if kernel.schedule.threads == 1:
        with b.range(0, blocks) as loop:
            yield named("block", loop.index), b.index(0)
        return
    with spread(b, kernel.schedule.threads, blocks, dynamic=True, afterwards=afterwards) as (block, thread):
        yield named("block", block), named("thread", thread)


@contextmanager
def spread(
    b: LoopBuilder, threads: int, count: Value, *, dynamic: bool = False, afterwards: Afterwards | None = None
) -> Generator[tuple[Value, Value]]:
    """Numbers below `count`, dealt out among OpenMP's threads: the number, and who has it."""
    parallel, body = Block(), Block(arg_types=[INDEX])
    team, low, step = b.index(threads), b.index(0), b.index(1)
    with b.inside(parallel):
        thread = b.write(cpu.ThreadOp())
        with b.inside(body):
            yield Value(body.args[0], b), thread
            b.write_all(omp.YieldOp())
        b.write_all(_loop(body, low, count, step, dynamic))
        if afterwards is not None:
            afterwards(thread)
        b.write_all(omp.TerminatorOp())
    none: list[Any] = []
    b.write_all(
        omp.ParallelOp.build(
            operands=[none, none, none, [team.ssa], none, none],
            regions=[Region(parallel)],
        )
    )


def _loop(body: Block, low: Value, high: Value, step: Value, dynamic: bool) -> omp.WsLoopOp:
    nest = omp.LoopNestOp.build(operands=[[low.ssa], [high.ssa], [step.ssa]], regions=[Region(body)])
    nest.location = body.ops.last.location if body.ops.last is not None else nest.location
    kind = omp.ScheduleKind.DYNAMIC if dynamic else omp.ScheduleKind.STATIC
    properties: dict[str, Any] = {"schedule_kind": omp.ScheduleKindAttr(kind)}
    if dynamic:  # each thread takes them in order
        properties["schedule_mod"] = omp.ScheduleModifierAttr(omp.ScheduleModifier.MONOTONIC)
    none: list[Any] = []
    return omp.WsLoopOp.build(
        operands=[none, none, none, none, none, none, none],
        properties=properties,
        regions=[Region(Block([nest]))],
    )
