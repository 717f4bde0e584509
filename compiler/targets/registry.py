"""The targets by name.

target_of("piuma", Machine(blocks=1))
"""

from __future__ import annotations

from collections.abc import Callable

from compiler.codes import Code
from compiler.diagnostics import refusal
from compiler.targets.cpu import Cpu
from compiler.targets.piuma import Piuma
from compiler.targets.rust import Rust
from compiler.targets.target import Target
from runtime.machine import Machine

ONE_BLOCK = Machine(blocks=1)
"""The machine where none is described: one block, as SMASH was published on."""

TARGETS: dict[str, Callable[[Machine], Target]] = {
    "piuma": Piuma,
    "cpu": lambda _machine: Cpu(),
    "rust": lambda _machine: Rust(),
}
"""A target from the machine it simulates; targets that run natively leave that aside."""


def target_of(name: str, machine: Machine = ONE_BLOCK) -> Target:
    """The target of that name."""
    if name not in TARGETS:
        raise refusal(Code.KERNEL_FORM, None, f"there is no target `{name}`, only {', '.join(TARGETS)}")
    return TARGETS[name](machine)
