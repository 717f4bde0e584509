"""What a run on the simulated machine leaves beside its result: a trace for Perfetto, a picture.

    watched(Piuma(), trace="run.json", plot="run.png")      # the same target, which writes both after every run

What could not be written is refused before the run.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from compiler.cli.files import write_bytes, write_output
from compiler.cli.kcc_output import check_place, unwritable
from compiler.targets.piuma import Piuma
from compiler.targets.target import Target
from runtime import plots
from runtime.faults import ConfigurationError
from runtime.simulate import Outcome, Recording
from runtime.trace import chrome_trace


def watched(target: Target, trace: str | None, plot: str | None) -> Target:
    """The target that writes what is named."""
    assert isinstance(target, Piuma)
    for name in filter(None, (trace, plot)):
        check_place(name)
    if plot:
        _check_picture(plot)

    def write(outcome: Outcome, recording: Recording) -> None:
        if trace:
            events = chrome_trace(outcome.memory.machine, recording)
            write_output(trace, json.dumps(events, separators=(",", ":")))
        if plot:
            write_bytes(plot, plots.run_picture(outcome.memory.machine, outcome, _kind(plot)))

    return replace(target, watch=write)


def _check_picture(name: str) -> None:
    try:
        known = plots.picture_kinds()
    except ConfigurationError as error:
        raise unwritable(name, str(error).removeprefix("--plot: error: ")) from None
    if _kind(name) not in known:
        raise unwritable(name, f"a picture is one of {', '.join(f'.{kind}' for kind in known)}")


def _kind(name: str) -> str:
    return Path(name).suffix.removeprefix(".").lower()
