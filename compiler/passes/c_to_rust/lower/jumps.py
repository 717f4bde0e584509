"""Where `break`, `continue` and `leave` go in Rust, and which Rust loops and blocks need a label for it.

C's `break` leaves the innermost loop or switch, C's `continue` steps the innermost loop. A Rust `match` is transparent to both, a labelled
block forbids unlabelled ones inside, and `continue` in a `for` that became a `while` must still run the step: so each C construct is a
`Target` that says which Rust construct stands for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from compiler.passes.c_to_rust.lower.names import Names


@dataclass(slots=True)
class Target:
    """A C loop, switch or labelled block while its body is lowered. A label is made when first needed.

    `is_loop`: a Rust loop stands for it (else a labelled block does). `continues`: the block that a `continue` leaves, when plain
    `continue` would skip something. `opaque`: unlabelled jumps from inside cannot reach past it.
    """

    hint: str
    is_loop: bool
    label: str | None = None
    continues: Target | None = None
    name: str = ""


@dataclass(slots=True)
class Jumps:
    """The constructs around the statement being lowered, outermost first."""

    names: Names
    stack: list[Target] = field(default_factory=list[Target])

    def innermost_loop(self) -> Target:
        """What `continue` concerns."""
        return next(target for target in reversed(self.stack) if target.hint in ("loop",))

    def innermost_break(self) -> Target:
        """What `break` concerns: the innermost loop or switch."""
        return next(target for target in reversed(self.stack) if target.hint in ("loop", "switch"))

    def named(self, name: str) -> Target:
        """The labelled block of a `leave`."""
        return next(target for target in reversed(self.stack) if target.name == name)

    def label_to(self, target: Target) -> str | None:
        """The label a jump to `target` must carry here; None when the plain form reaches it."""
        if target.is_loop and self._is_plain(target):
            return None
        return self.label(target)

    def _is_plain(self, target: Target) -> bool:
        """True when no other loop and no labelled block stands between here and the target."""
        for other in reversed(self.stack):
            if other is target:
                return True
            if other.is_loop or other.label is not None or other.hint == "block":
                return False
        return False

    def label(self, target: Target) -> str:
        """The target's label, made on first use."""
        if target.label is None:
            target.label = self.names.fresh(target.name or ("outer" if target.is_loop else target.hint))
        return target.label
