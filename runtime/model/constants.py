"""The machine as the integers that the model computes with, derived from `Machine` once."""

from __future__ import annotations

from dataclasses import dataclass

from runtime.machine import DRAM_BASE, SPAD_BASE, SPAD_GLOBAL_BASE, SPAD_GLOBAL_SHIFT, Machine

TICK = 256
"""Bandwidth is kept in ticks of 1/256 cycle."""

# What a thread slot is doing.
IDLE, LIVE, ENDED = 0, 1, 2

# What a live thread waits for, when nothing will happen to it at a known time.
WAIT_NONE, WAIT_DMA, WAIT_POP, WAIT_PUSH, WAIT_COLLECTIVE, WAIT_JOIN = range(6)

# Traffic classes: rows of the counters.
LOAD, STORE, LINE, ATOMIC, DMA_READ, DMA_WRITE, DMA_ATOMIC = range(7)
TRAFFIC = ("load", "store", "line fill", "atomic", "DMA read", "DMA write", "DMA atomic")

# Answers of an engine function instead of a time.
BLOCKED, FAULT, RETRY = -1, -2, -3

# Log entries.
LOG_MARK, LOG_DMA, LOG_COLLECTIVE = range(3)
LOG_CAPACITY = 1 << 15

# Observed events (see `runtime.races`).
(
    EV_READ,
    EV_WRITE,
    EV_ATOMIC,
    EV_RELEASE,
    EV_ACQUIRE,
    EV_HIT,
    EV_FILL,
    EV_INVALIDATE,
    EV_DMA_START,
    EV_DMA_END,
) = range(10)

DMA_FIELDS = 12
DMA_HISTORY = 64
BEAT_BYTES = 64
BEAT_ELEMENTS = 8


@dataclass(frozen=True, slots=True)
class Constants:
    """Integers only; attribute names are what the model's functions read as `k.name`."""

    blocks: int
    pipes: int
    pipes_per_block: int
    pipelines: int
    threads: int
    stride: int
    """Thread slots per pipeline; slot `i` of pipeline `p` is thread `p * stride + i`."""
    slots: int
    block_slots: int
    depth: int
    dram_base: int
    spad_base: int
    spad_global: int
    spad_global_shift: int
    spad_bytes: int
    dram_offset: int
    """Guest memory is all scratchpads, then DRAM, which starts here."""
    banks: int
    spad_latency: int
    spad_atomic: int
    channels: int
    channel_shift: int
    block_shift: int
    dram_latency: int
    dram_ticks: int
    """Ticks per 8 bytes on one channel."""
    access_bytes: int
    atomic_latency: int
    posted_window: int
    port_ticks: int
    l1_sets: int
    l1_ways: int
    l1_shift: int
    l1_line: int
    l1_latency: int
    engines: int
    engines_per_block: int
    dma_start: int
    dma_beat: int
    dma_window: int
    dma_depth: int
    queues: int
    queue_entries: int
    queue_latency: int
    barrier_latency: int
    barrier_all_latency: int
    spawn_latency: int

    @staticmethod
    def of(m: Machine) -> Constants:
        """The integers of a machine."""
        farthest = max(m.network_delay(0, b) for b in range(m.blocks))
        return Constants(
            blocks=m.blocks,
            pipes=m.pipes,
            pipes_per_block=m.pipes_per_block,
            pipelines=m.pipelines,
            threads=m.threads,
            stride=m.threads,
            slots=m.pipes * m.threads,
            block_slots=m.pipes_per_block * m.threads,
            depth=m.pipeline_depth,
            dram_base=DRAM_BASE,
            spad_base=SPAD_BASE,
            spad_global=SPAD_GLOBAL_BASE,
            spad_global_shift=SPAD_GLOBAL_SHIFT,
            spad_bytes=m.spad_bytes,
            dram_offset=m.blocks * m.spad_bytes,
            banks=m.spad_banks,
            spad_latency=m.spad_latency,
            spad_atomic=m.spad_atomic_cycles,
            channels=m.dram_channels,
            channel_shift=m.dram_channel_bytes.bit_length() - 1,
            block_shift=m.dram_block_bytes.bit_length() - 1,
            dram_latency=m.dram_latency,
            dram_ticks=max(1, round(8 * TICK * m.dram_channels / m.dram_bytes_per_cycle)),
            access_bytes=m.dram_access_bytes,
            atomic_latency=m.atomic_latency,
            posted_window=m.posted_window,
            port_ticks=max(1, round(8 * TICK / m.port_bytes_per_cycle)),
            l1_sets=m.l1_sets,
            l1_ways=m.l1_ways,
            l1_shift=m.l1_line.bit_length() - 1,
            l1_line=m.l1_line,
            l1_latency=m.l1_latency,
            engines=m.blocks * m.dma_engines,
            engines_per_block=m.dma_engines,
            dma_start=m.dma_start,
            dma_beat=m.dma_beat,
            dma_window=m.dma_window,
            dma_depth=m.dma_depth,
            queues=m.queues,
            queue_entries=m.queue_entries,
            queue_latency=m.queue_latency,
            barrier_latency=m.barrier_latency,
            barrier_all_latency=m.barrier_latency + farthest,
            spawn_latency=m.spawn_latency,
        )
