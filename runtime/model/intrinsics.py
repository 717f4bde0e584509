"""What the model's functions may call besides each other: Python versions, for the oracle.

`runtime.jit.subset` maps each of these names to machine instructions or to its own scheduler.
"""

from __future__ import annotations

from typing import Protocol

from runtime.model.state import State
from runtime.semantics import fadd64, fmax64, fmin64, fmul64, signed

__all__ = [
    "OracleState",
    "begin",
    "entry_of",
    "fadd64",
    "fmax64",
    "fmin64",
    "fmul64",
    "observe",
    "peek32",
    "peek64",
    "poke32",
    "poke64",
    "wake",
    "wake_engine",
    "wrap",
]


class Scheduler(Protocol):
    """What a tier offers the model."""

    def wake(self, t: int, when: int) -> None:
        """Thread `t` may issue from cycle `when` on."""
        ...

    def wake_engine(self, e: int, when: int) -> None:
        """DMA engine `e` takes its next step at cycle `when`."""
        ...

    def entry_of(self, address: int) -> int:
        """Position of a legal indirect target, or -1."""
        ...

    def observe(self, event: int, t: int, a: int, b: int) -> None:
        """Something a race checker wants to know."""
        ...


class OracleState(State):
    """State plus guest memory and the tier, as the oracle holds them."""

    tier: Scheduler
    mem64: memoryview
    mem32: memoryview


def _oracle(s: State) -> OracleState:
    assert isinstance(s, OracleState)
    return s


def wrap(value: int) -> int:
    """Arithmetic is modulo 2**64."""
    return signed(value)


def peek64(s: State, u: int) -> int:
    """Eight bytes of guest memory, signed."""
    return _oracle(s).mem64[u >> 3]


def poke64(s: State, u: int, value: int) -> int:
    """Write eight bytes."""
    _oracle(s).mem64[u >> 3] = signed(value)
    return 0


def peek32(s: State, u: int) -> int:
    """Four bytes, sign-extended."""
    return _oracle(s).mem32[u >> 2]


def poke32(s: State, u: int, value: int) -> int:
    """Write the low four bytes of `value`."""
    _oracle(s).mem32[u >> 2] = signed(value, 32)
    return 0


def wake(s: State, t: int, when: int) -> int:
    """Let a waiting thread go on."""
    _oracle(s).tier.wake(t, when)
    return 0


def wake_engine(s: State, e: int, when: int) -> int:
    """Schedule a DMA engine."""
    _oracle(s).tier.wake_engine(e, when)
    return 0


def entry_of(s: State, address: int) -> int:
    """Where a code address leads, or -1."""
    return _oracle(s).tier.entry_of(address)


def begin(s: State, t: int, entry: int, when: int) -> int:
    """Point a fresh thread at an entry and let it go."""
    s.pc[t] = entry
    return wake(s, t, when)


def observe(s: State, event: int, t: int, a: int, b: int) -> int:
    """Tell the observer, if there is one."""
    _oracle(s).tier.observe(event, t, a, b)
    return 0
