"""The state of the machine as named arrays of 64-bit integers, and their sizes.

The oracle holds each as a Python list; the compiled tier lays all of them out in one buffer, in this
order.  Whatever is per thread is indexed by thread slot, `pipeline * stride + slot`.
"""

from __future__ import annotations

from runtime.model.constants import DMA_FIELDS, DMA_HISTORY, LOG_CAPACITY, TRAFFIC, Constants

REGISTER_COUNT = 64


class State:
    """All arrays; `State(k)` is the machine at rest."""

    # the run
    clock: list[int]
    live: list[int]
    dram_size: list[int]
    nthreads: list[int]
    block_threads: list[int]
    next_rank: list[int]
    sequence: list[int]
    fault: list[int]
    # threads
    regs: list[int]
    ready: list[int]
    pc: list[int]
    status: list[int]
    rank: list[int]
    block_rank: list[int]
    retired: list[int]
    started: list[int]
    ended: list[int]
    blocked: list[int]
    memory_wait: list[int]
    store_done: list[int]
    wait_kind: list[int]
    wait_key: list[int]
    wait_seq: list[int]
    wait_value: list[int]
    wait_reg: list[int]
    wait_since: list[int]
    wait_pc: list[int]
    block_live: list[int]
    join_waiters: list[int]
    # memory
    channel_free: list[int]
    channel_busy: list[int]
    bank_free: list[int]
    bank_busy: list[int]
    port_free: list[int]
    port_busy: list[int]
    net_delay: list[int]
    l1_tag: list[int]
    l1_fill: list[int]
    l1_hits: list[int]
    l1_misses: list[int]
    dram_bytes: list[int]
    dram_count: list[int]
    dram_time: list[int]
    spad_count: list[int]
    spad_time: list[int]
    remote_count: list[int]
    # engines
    dma_desc: list[int]
    dma_head: list[int]
    dma_count: list[int]
    dma_position: list[int]
    dma_issued: list[int]
    dma_finished: list[int]
    dma_latest: list[int]
    dma_beats: list[int]
    dma_ring: list[int]
    dma_done: list[int]
    dma_waiters: list[int]
    dma_elements: list[int]
    queue_head: list[int]
    queue_size: list[int]
    queue_data: list[int]
    queue_free: list[int]
    pop_waiters: list[int]
    push_waiters: list[int]
    collective_count: list[int]
    collective_code: list[int]
    collective_total: list[int]
    log_on: list[int]
    log_count: list[int]
    log_dropped: list[int]
    log: list[int]

    def __init__(self, k: Constants) -> None:
        for name, size in sizes(k).items():
            setattr(self, name, [0] * size)


def sizes(k: Constants) -> dict[str, int]:
    """Length of every array, in the order of their declaration."""
    per_thread = k.slots
    l1_lines = k.pipes * k.l1_sets * k.l1_ways
    special = {
        "fault": 8,
        "regs": per_thread * REGISTER_COUNT,
        "ready": per_thread * REGISTER_COUNT,
        "block_live": k.blocks,
        "channel_free": k.blocks * k.channels,
        "channel_busy": k.blocks * k.channels,
        "bank_free": k.blocks * k.banks,
        "bank_busy": k.blocks * k.banks,
        "port_free": k.blocks,
        "port_busy": k.blocks,
        "net_delay": k.blocks * k.blocks,
        "l1_tag": l1_lines,
        "l1_fill": l1_lines,
        "l1_hits": k.pipes,
        "l1_misses": k.pipes,
        "remote_count": k.blocks,
        "dma_desc": k.engines * k.dma_depth * DMA_FIELDS,
        "dma_ring": k.engines * k.dma_window,
        "dma_done": k.engines * DMA_HISTORY,
        "queue_data": k.blocks * k.queues * k.queue_entries,
        "queue_free": k.blocks,
        "collective_count": k.blocks + 1,
        "collective_code": k.blocks + 1,
        "collective_total": k.blocks + 1,
        "log": LOG_CAPACITY * 4,
    }
    scalars = ("clock", "live", "dram_size", "nthreads", "block_threads", "next_rank", "sequence", "join_waiters")
    special |= dict.fromkeys((*scalars, "log_on", "log_count", "log_dropped"), 1)
    special |= dict.fromkeys(("dram_bytes", "dram_count", "dram_time", "spad_count", "spad_time"), len(TRAFFIC))
    special |= dict.fromkeys(("queue_head", "queue_size", "pop_waiters", "push_waiters"), k.blocks * k.queues)
    return {
        name: special.get(name, k.engines if name.startswith("dma_") else per_thread) for name in State.__annotations__
    }
