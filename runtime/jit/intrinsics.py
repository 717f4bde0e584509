"""What the scheduler calls that only exists as machine code; the bodies give the meaning."""

from __future__ import annotations

from runtime.model.state import State


def ctz(value: int) -> int:
    """Trailing zeros of a non-zero value."""
    return (value & -value).bit_length() - 1


def arbitrate(s: State, w: int, now: int, end: int) -> int:
    """Issue the threads of a word in the cycles from `now` to `end`: see `runtime.jit.arbitration`."""
    raise AssertionError("only exists compiled")


def call_piece(s: State, piece: int, t: int, now: int) -> int:
    """Run a piece of the program for thread `t`; when it may issue again, as engine functions answer."""
    raise AssertionError("only exists compiled")
