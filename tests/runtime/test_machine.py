"""The machine description: loading, checking, deriving."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from runtime.faults import ConfigurationError
from runtime.machine import Machine


def test_loads_toml(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text("blocks = 1\ndram_bytes_per_cycle = 2\n", encoding="utf-8")
    machine = Machine.load(path)
    assert (machine.blocks, machine.dram_bytes_per_cycle, machine.threads) == (1, 2, 16)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("bloks = 1", "`bloks` is not a field"),
        ("blocks = 0", "`blocks` is 0, outside 1 to 64"),
        ("blocks = 1.5", "`blocks` has the wrong type"),
        ("blocks = true", "`blocks` has the wrong type"),
        ("spad_bytes = 5000", "`spad_bytes` must be a power of two"),
        ("l1_ways = 3", "`l1_bytes` must hold whole sets"),
        ("blocks =", "m.toml"),
    ],
)
def test_refuses(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "m.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="error") as caught:
        Machine.load(path)
    assert reason in str(caught.value)


def test_every_number_names_its_source() -> None:
    described = Machine().describe()
    for f in fields(Machine):
        assert f.name in described
        assert f.metadata["source"].startswith(("[P]", "[S]", "[A]")), f.name


def test_network_distances() -> None:
    machine = Machine(blocks=16)
    assert machine.network_delay(0, 0) == 0
    assert machine.network_delay(0, 5) == 2 * machine.hop_latency
    assert machine.network_delay(0, 8) == machine.socket_latency
    assert all(machine.network_delay(a, b) == machine.network_delay(b, a) for a in range(16) for b in range(16))
