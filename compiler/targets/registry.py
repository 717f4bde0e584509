"""The targets by name.

target_of("piuma", Machine(blocks=1))
"""

from __future__ import annotations

from collections.abc import Callable

from compiler.codes import Code
from compiler.diagnostics import refusal
from compiler.targets.cpu import Cpu
from compiler.targets.names import TargetName
from compiler.targets.piuma import Piuma
from compiler.targets.rust import Rust
from compiler.targets.target import Target
from runtime.machine import Machine

ONE_BLOCK = Machine(blocks=1)
"""The machine where none is described: one block, as SMASH was published on."""

TARGETS: dict[str, Callable[[Machine], Target]] = {
    TargetName.PIUMA: Piuma,
    TargetName.CPU: lambda _machine: Cpu(),
    TargetName.RUST: lambda _machine: Rust(),
}
"""A target from the machine it simulates; targets that run natively leave that aside."""


def target_of(name: str, machine: Machine = ONE_BLOCK) -> Target:
    """The target of that name."""
    if name not in TARGETS:
        raise refusal(Code.KERNEL_FORM, None, f"there is no target `{name}`, only {', '.join(TARGETS)}")
    return TARGETS[name](machine)
