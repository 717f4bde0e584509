"""The characteristic curves have the shape that the machine's design promises."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runtime import curves
from runtime.machine import Machine


def test_more_threads_tolerate_more_latency() -> None:
    """Every curve falls with latency; with 64 threads the first doublings cost next to nothing."""
    measured = curves.latency_tolerance()
    for points in measured.values():
        values = [y for _, y in points]
        assert values == sorted(values, reverse=True)
    lost = {name: points[2][1] / points[0][1] for name, points in measured.items()}
    assert lost["64 threads"] > 0.95 > 0.7 > lost["4 threads"]


def test_threads_scale_until_issue_is_full() -> None:
    peak = Machine(blocks=1).pipelines
    for name, points in curves.thread_scaling().items():
        speed = dict(points)
        assert speed[4] == pytest.approx(4 * speed[1], rel=0.02), name
        assert list(speed.values()) == sorted(speed.values()) or speed[64] > 0.98 * peak, name
        assert speed[64] <= peak


def test_blocks_scale() -> None:
    speed = dict(curves.block_scaling()["scattered lines"])
    assert speed[2] > 1.8
    assert speed[4] > 3.4
    assert speed[8] > 6


def test_script_writes_drawings_and_points(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    assert curves.main([str(tmp_path / "out")]) == 0
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"curves.jsonl", "latency-tolerance.png", "thread-scaling.png", "block-scaling.png"}
    points = [json.loads(line) for line in (tmp_path / "out" / "curves.jsonl").read_text().splitlines()]
    assert {p["curve"] for p in points} == set(curves.CURVES)
