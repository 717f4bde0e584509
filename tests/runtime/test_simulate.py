"""Driving a run: intervals, progress, interruption, recordings."""

from __future__ import annotations

import pytest

from runtime.assembly import assemble
from runtime.launch import Launch
from runtime.machine import Machine
from runtime.memory import Memory
from runtime.simulate import Recording, Tier, simulate

MACHINE = Machine(blocks=1, spad_bytes=8192)
ENDLESS = assemble("main: j main")
COUNTDOWN = assemble("main: li a0, 1000\nagain: piuma.mark 5\naddi a0, a0, -1\nbnez a0, again\nret")


def test_an_endless_run_can_be_interrupted() -> None:
    seen: list[tuple[int, int]] = []

    def progress(cycle: int, instructions: int) -> None:
        seen.append((cycle, instructions))
        if len(seen) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(ENDLESS, Memory(MACHINE, 64), Launch(threads=4), progress=progress)
    assert seen[1][0] == 2 * seen[0][0]
    assert seen[1][1] == pytest.approx(2 * seen[0][1], rel=0.01)


@pytest.mark.parametrize("tier", Tier)
def test_a_recording_in_intervals_changes_nothing(tier: Tier) -> None:
    plain = simulate(COUNTDOWN, Memory(MACHINE, 64), Launch(threads=3), tier=tier)
    recording = Recording(interval=700)
    recorded = simulate(COUNTDOWN, Memory(MACHINE, 64), Launch(threads=3), tier=tier, recording=recording)
    assert recorded.counters == plain.counters
    marks = [entry for entry in recording.log if entry[0] == 0]
    assert (len(marks), recording.dropped) == (3000, 0)
    assert recording.samples[-1].instructions == plain.counters.instructions
    cycles = [sample.cycle for sample in recording.samples]
    assert cycles == sorted(cycles)
    assert cycles[-1] == plain.counters.cycles


def test_a_log_that_overflows_says_so() -> None:
    recording = Recording(interval=1 << 30)
    simulate(COUNTDOWN, Memory(MACHINE, 64), Launch(), recording=recording)
    assert len(recording.log) + recording.dropped == 64 * 1000
    assert recording.dropped > 0
