"""One frozen description of the machine: every number once, with its unit and where it comes from.

`Machine()` is one socket of eight blocks; `Machine(blocks=1)` a single block; `Machine.load(path)`
reads a TOML file whose keys are the field names:

    blocks = 1
    dram_bytes_per_cycle = 12.8

Sources: [P] the PIUMA paper (arXiv 2010.06277), [S] SMASH (arXiv 2105.14156), [A] an assumption, to be
swept.  One cycle is one nanosecond at the default clock.  Refused: unknown keys, values out of range,
sizes that are not powers of two where the address arithmetic needs them.
"""

from __future__ import annotations

import tomllib
from dataclasses import Field, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from runtime.faults import ConfigurationError, UnreadableError

DRAM_BASE = 1 << 32
SPAD_BASE = 1 << 24
"""The issuing block's own scratchpad."""
SPAD_GLOBAL_BASE = 1 << 30
SPAD_GLOBAL_SHIFT = 24
"""Scratchpad of block `b`, from anywhere: `SPAD_GLOBAL_BASE + (b << SPAD_GLOBAL_SHIFT)`."""


def _n(default: float, unit: str, source: str, low: float = 0, high: float = 1 << 40) -> Any:
    return field(default=default, metadata={"unit": unit, "source": source, "low": low, "high": high})


@dataclass(frozen=True, slots=True)
class Machine:
    """The configuration of a run."""

    clock_ghz: float = _n(1.0, "GHz", "[P] evaluated at 1 GHz", 0.01, 100)
    blocks: int = _n(8, "", "[P] 8 cores (blocks) per socket", 1, 64)
    blocks_per_socket: int = _n(8, "", "[P]", 1, 64)
    mesh_columns: int = _n(4, "blocks", "[A] a socket's blocks as a 4 x 2 mesh", 1, 64)

    pipelines: int = _n(4, "per block", "[P] 4 multi-threaded pipelines", 1, 16)
    threads: int = _n(16, "per pipeline", "[P] 16 threads, one instruction in flight each", 1, 64)
    single_pipelines: int = _n(2, "per block", "[P] 2 single-threaded pipelines, stall on use", 0, 16)
    pipeline_depth: int = _n(4, "cycles", "[A] a thread issues again when its instruction has left the pipe", 1, 15)
    branch_penalty: int = _n(2, "cycles", "[A] single-threaded pipeline, taken branch", 0, 1000)
    alu_latency: int = _n(1, "cycles", "[A]", 1, 1000)
    mul_latency: int = _n(3, "cycles", "[A]", 1, 1000)
    div_latency: int = _n(16, "cycles", "[A] unpipelined per thread", 1, 1000)
    fp_latency: int = _n(4, "cycles", "[A]", 1, 1000)
    fdiv_latency: int = _n(16, "cycles", "[A]", 1, 1000)

    l1_bytes: int = _n(16384, "bytes per pipeline", "[P] 16 KB data cache per pipeline", 64, 1 << 24)
    l1_line: int = _n(64, "bytes", "[A]", 8, 4096)
    l1_ways: int = _n(4, "", "[A]", 1, 16)
    l1_latency: int = _n(2, "cycles", "[A]", 1, 1000)

    spad_bytes: int = _n(4 << 20, "bytes per block", "[P] 4 MB scratchpad", 4096, 1 << SPAD_GLOBAL_SHIFT)
    spad_banks: int = _n(16, "per block", "[A] 8-byte interleave", 1, 1024)
    spad_latency: int = _n(10, "cycles", "[A] from the pipelines of the same block", 1, 10000)
    spad_atomic_cycles: int = _n(2, "cycles of the bank", "[A] read, modify, write", 1, 1000)

    dram_bytes_per_cycle: float = _n(25.6, "bytes/cycle per block", "[A] swept 2 to 35", 0.25, 4096)
    dram_channels: int = _n(4, "per block", "[A]", 1, 64)
    dram_latency: int = _n(100, "cycles", "[P] 100 ns to local memory", 1, 100000)
    dram_channel_bytes: int = _n(64, "bytes", "[A] channel interleave", 8, 1 << 20)
    dram_block_bytes: int = _n(256, "bytes", "[A] block interleave of the global address space", 64, 1 << 30)
    dram_access_bytes: int = _n(8, "bytes", "[P] native 8-byte access granularity", 1, 64)
    atomic_latency: int = _n(4, "cycles", "[A] the unit beside a memory controller", 0, 1000)
    posted_window: int = _n(64, "cycles", "[A] backlog a controller accepts before a posted store waits", 0, 100000)

    hop_latency: int = _n(10, "cycles per hop, both ways", "[P] +10 ns per hop on die", 0, 10000)
    socket_latency: int = _n(200, "cycles, both ways", "[P] 200 to 400 ns to another socket", 0, 100000)
    port_bytes_per_cycle: float = _n(64.0, "bytes/cycle per block", "[A] network port", 0.25, 4096)

    dma_engines: int = _n(2, "per block", "[A]", 1, 16)
    dma_start: int = _n(8, "cycles", "[A] descriptor to first beat", 1, 1000)
    dma_beat: int = _n(2, "cycles per beat", "[A] a beat is 64 bytes or 8 indexed elements", 1, 1000)
    dma_window: int = _n(32, "beats in flight", "[A]", 1, 1024)
    dma_depth: int = _n(16, "descriptors waiting per engine", "[A]", 1, 1024)

    queues: int = _n(16, "per block", "[A]", 1, 1024)
    queue_entries: int = _n(256, "", "[A]", 1, 1 << 16)
    queue_latency: int = _n(10, "cycles", "[A] as the scratchpad", 1, 10000)
    barrier_latency: int = _n(20, "cycles", "[A] collective engine, one block", 1, 100000)
    spawn_latency: int = _n(20, "cycles", "[A]", 1, 100000)

    def __post_init__(self) -> None:
        for f in fields(self):
            _check_range(f, getattr(self, f.name))
        for name in ("l1_line", "l1_bytes", "spad_bytes", "spad_banks", "dram_channel_bytes", "dram_block_bytes"):
            _require(_is_power_of_two(getattr(self, name)), name, "must be a power of two")
        _require(self.l1_bytes % (self.l1_line * self.l1_ways) == 0, "l1_bytes", "must hold whole sets")
        _require(_is_power_of_two(self.l1_sets), "l1_ways", "must give a power-of-two number of sets")
        _require(self.l1_line <= self.dram_channel_bytes, "l1_line", "must not exceed dram_channel_bytes")
        _require(self.dram_channel_bytes >= 64, "dram_channel_bytes", "must hold a 64-byte beat")
        _require(
            self.dram_channel_bytes <= self.dram_block_bytes, "dram_channel_bytes", "must not exceed dram_block_bytes"
        )

    @property
    def l1_sets(self) -> int:
        """Sets of one L1."""
        return self.l1_bytes // (self.l1_line * self.l1_ways)

    @property
    def pipes_per_block(self) -> int:
        """Pipelines of both kinds in a block; the multi-threaded ones come first."""
        return self.pipelines + self.single_pipelines

    @property
    def pipes(self) -> int:
        """Pipelines of the machine."""
        return self.blocks * self.pipes_per_block

    @property
    def block_threads(self) -> int:
        """Threads of the multi-threaded pipelines of one block."""
        return self.pipelines * self.threads

    def hops(self, a: int, b: int) -> int:
        """Mesh hops between two blocks of one socket."""
        here, there = (divmod(block % self.blocks_per_socket, self.mesh_columns) for block in (a, b))
        return abs(here[0] - there[0]) + abs(here[1] - there[1])

    def network_delay(self, a: int, b: int) -> int:
        """Cycles added to an access from block `a` to block `b`, there and back."""
        if a // self.blocks_per_socket != b // self.blocks_per_socket:
            return self.socket_latency
        return self.hop_latency * self.hops(a, b)

    def spad_address(self, block: int, offset: int = 0) -> int:
        """Global address of a byte in a block's scratchpad."""
        return SPAD_GLOBAL_BASE + (block << SPAD_GLOBAL_SHIFT) + offset

    def describe(self) -> str:
        """Every field with value, unit and source, one per line."""
        rows = ((f.name, str(getattr(self, f.name)), f.metadata["unit"], f.metadata["source"]) for f in fields(self))
        return "\n".join(f"{name:22} {value:>8}  {unit:28} {source}".rstrip() for name, value, unit, source in rows)

    @staticmethod
    def load(path: Path) -> Machine:
        """Read a TOML file; fields it does not name keep their default."""
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise UnreadableError(path, error) from None
        except UnicodeDecodeError:
            raise ConfigurationError(f"{path}: error: not a TOML file: it is not UTF-8 text") from None
        except tomllib.TOMLDecodeError as error:
            raise ConfigurationError(f"{path}: error: {error}") from None
        return Machine.of(table, str(path))

    @staticmethod
    def of(table: dict[str, Any], place: str = "machine") -> Machine:
        """A machine from a mapping, every key checked."""
        known = {f.name: f for f in fields(Machine)}
        for name, value in table.items():
            _require(name in known, name, "is not a field of the machine", place)
            _require(_fits(known[name], value), name, f"has the wrong type: {value!r}", place)
        return replace(Machine(), **table)


def _check_range(f: Field[Any], value: float) -> None:
    low, high = f.metadata["low"], f.metadata["high"]
    _require(low <= value <= high, f.name, f"is {value}, outside {low} to {high}")


def _fits(f: Field[Any], value: object) -> bool:
    wants_float = isinstance(f.default, float)
    return isinstance(value, (int, float) if wants_float else int) and not isinstance(value, bool)


def _is_power_of_two(value: int) -> bool:
    return value > 0 and value & (value - 1) == 0


def _require(condition: bool, name: str, reason: str, place: str = "machine") -> None:
    if not condition:
        raise ConfigurationError(f"{place}: error: `{name}` {reason}")
