"""Who does which part of a loop whose rounds do not know each other: one thread, OpenMP's, or those of the machine.

with sharing.shared(b, count, work) as index:        `work`: of one round, in operations

After it, what any thread wrote there is there for all.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol

from compiler.passes.kernel_to_c.parallel import spread
from compiler.passes.kernel_to_piuma.machine_builder import MachineBuilder
from compiler.passes.loops.build import LoopBuilder
from compiler.passes.loops.values import Value


class Sharing(Protocol):
    """How rounds are dealt out."""

    def shared(self, b: LoopBuilder, count: int, work: int) -> AbstractContextManager[Value]: ...


@dataclass(frozen=True, slots=True)
class Alone:
    """One thread."""

    @contextmanager
    def shared(self, b: LoopBuilder, count: int, work: int) -> Generator[Value]:
        with b.range(0, count) as loop:
            yield loop.index


@dataclass(frozen=True, slots=True)
class Team:
    """OpenMP's threads, where there is work for them."""

    threads: int
    grain: int
    """Operations that are worth waking the others for."""

    @contextmanager
    def shared(self, b: LoopBuilder, count: int, work: int) -> Generator[Value]:
        if count * work < self.grain:
            with Alone().shared(b, count, work) as index:
                yield index
            return
        with spread(b, self.threads, b.index(count)) as (index, _):
            yield index


@dataclass(frozen=True, slots=True)
class MachineBlock:
    """The threads of a block of the machine, which all run the whole kernel."""

    me: Value
    threads: Value
    count: int
    """Of the threads."""
    deal: int = 1
    """Rounds that a thread takes in a row, where that leaves every thread some."""

    @contextmanager
    def shared(self, b: LoopBuilder, count: int, work: int) -> Generator[Value]:
        assert isinstance(b, MachineBuilder)
        together = self.deal if count >= self.deal * self.count else 1
        if together == 1:
            with b.range(self.me, count, self.threads) as loop:
                yield loop.index
        else:
            with b.range(self.me * together, count, self.threads * together) as some:
                end = some.index + together
                end = end if count % together == 0 else end.minimum(b.index(count))
                with b.range(some.index, end) as loop:
                    yield loop.index
        b.fence()
        b.barrier("block")
