"""A run as Chrome trace events, for Perfetto (ui.perfetto.dev) or chrome://tracing.

One process per block: a track per thread with the phases that `piuma.mark` delimits, a track per DMA
engine with its transfers, a track of collectives; and counter tracks for instructions per cycle, DRAM
bandwidth and scratchpad banks.  With the oracle, `InstructionTrace` adds every instruction.  Microseconds
in the viewer are cycles.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from runtime.faults import ConfigurationError
from runtime.machine import Machine
from runtime.model.constants import LOG_COLLECTIVE, LOG_DMA, LOG_MARK
from runtime.program import Program
from runtime.simulate import Recording, Sample

Event = dict[str, Any]
_ENGINE_TRACK = 100_000
_COLLECTIVE_TRACK = 200_000


def chrome_trace(m: Machine, recording: Recording, instructions: list[Event] | None = None) -> dict[str, Any]:
    """The whole trace as a JSON object."""
    events = _names(m, recording)
    events += _phases(m, recording)
    transfers = [entry for entry in recording.log if entry[0] == LOG_DMA]
    events += [event for number, entry in enumerate(transfers) for event in _transfer(m, number, *entry[1:])]
    events += [_collective(m, *entry[1:]) for entry in recording.log if entry[0] == LOG_COLLECTIVE]
    events += _counters(m, recording.samples)
    events += instructions or []
    return {"traceEvents": events, "displayTimeUnit": "ns", "otherData": {"dropped": recording.dropped}}


def write(path: Path, trace: dict[str, Any]) -> None:
    """Write the JSON file."""
    try:
        path.write_text(json.dumps(trace, separators=(",", ":")), encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{path}: error: {error}") from None


def _block_slots(m: Machine) -> int:
    return m.pipes_per_block * m.threads


def _span(name: str, start: int, end: int, process: int, track: int) -> Event:
    return {"name": name, "ph": "X", "ts": start, "dur": max(end - start, 0), "pid": process, "tid": track}


def _phases(m: Machine, recording: Recording) -> list[Event]:
    """A mark opens a phase that lasts to the thread's next mark; mark 0 only closes."""
    last = recording.samples[-1].cycle if recording.samples else 0
    by_thread: dict[int, list[tuple[int, int]]] = {}
    for kind, cycle, value, thread in recording.log:
        if kind == LOG_MARK:
            by_thread.setdefault(thread, []).append((cycle, value))
    events: list[Event] = []
    for thread, marks in sorted(by_thread.items()):
        ends = [cycle for cycle, _ in marks[1:]] + [last]
        for (start, value), end in zip(marks, ends, strict=True):
            if value:
                events.append(_span(f"phase {value}", start, end, thread // _block_slots(m), thread))
    return events


def _transfer(m: Machine, number: int, start: int, end: int, engine: int) -> tuple[Event, Event]:
    """Transfers of an engine overlap, from issue to completion, so they are asynchronous events."""
    common = {"name": "transfer", "cat": f"DMA engine {engine}", "id": number, "pid": engine // m.dma_engines}
    common |= {"tid": _ENGINE_TRACK + engine}
    return {**common, "ph": "b", "ts": start}, {**common, "ph": "e", "ts": end}


def _collective(m: Machine, start: int, end: int, scope: int) -> Event:
    return _span("collective", start, end, min(scope, m.blocks - 1), _COLLECTIVE_TRACK + scope)


def _counters(m: Machine, samples: list[Sample]) -> list[Event]:
    events: list[Event] = []
    before = Sample(0, 0, 0, 0, 0)
    for sample in samples:
        cycles = max(sample.cycle - before.cycle, 1)
        rates = {
            "instructions per cycle": (sample.instructions - before.instructions) / cycles,
            "DRAM bytes per cycle": (sample.dram_bytes - before.dram_bytes) / cycles,
            "bank utilisation": (sample.bank_cycles - before.bank_cycles) / cycles / (m.blocks * m.spad_banks),
            "live threads": sample.live,
        }
        at = before.cycle
        events += [{"name": n, "ph": "C", "ts": at, "pid": m.blocks, "args": {"value": v}} for n, v in rates.items()]
        before = sample
    return events


def _names(m: Machine, recording: Recording) -> list[Event]:
    events = [_name("process_name", block, 0, f"block {block}") for block in range(m.blocks)]
    events.append(_name("process_name", m.blocks, 0, "machine"))
    marked = {thread for kind, _, _, thread in recording.log if kind == LOG_MARK}
    for thread in sorted(marked):
        slot = f"pipeline {thread // m.threads % m.pipes_per_block} thread {thread % m.threads}"
        events.append(_name("thread_name", thread // _block_slots(m), thread, slot))
    for engine in range(m.blocks * m.dma_engines):
        label = f"DMA engine {engine % m.dma_engines}"
        events.append(_name("thread_name", engine // m.dma_engines, _ENGINE_TRACK + engine, label))
    return events


def _name(kind: str, process: int, track: int, label: str) -> Event:
    return {"name": kind, "ph": "M", "pid": process, "tid": track, "args": {"name": label}}


class InstructionTrace:
    """An oracle's observer that notes every instruction, up to a limit."""

    def __init__(self, m: Machine, program: Program, limit: int = 1_000_000) -> None:
        self.m, self.program, self.limit = m, program, limit
        self.events: list[Event] = []

    def event(self, event: int, t: int, a: int, b: int, pc: int, now: int) -> None:
        """Accesses are not drawn."""

    def issued(self, t: int, pc: int, now: int, following: int) -> None:
        """One slice from issue to next issue."""
        if len(self.events) < self.limit:
            text = self.program.instructions[pc].render()
            end = following if following > 0 else now + 1
            self.events.append(_span(text, now, end, t // _block_slots(self.m), t))
