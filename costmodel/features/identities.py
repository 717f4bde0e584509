"""What whole-number operations are without being computed: nothing, or a value that there is already.

    identities.same("xori", ("%a", "%a"), "i64")      "0"
    identities.same("andi", ("%x", "%y"), "i64")      "%x", where %y was made as %x | %z

By rules of two operations at most, those of LLVM's DAGCombiner that need no reassociation, and by how many low bits of a value may be
set (a count of bits has seven). Names are values: who asks has renamed what is equal.
"""

from __future__ import annotations

from costmodel.tokens.vocabulary import element_bits

ZERO = "0"
_SAME_IS_ZERO = ("subi", "xori", "sub", "xor")
_SAME_IS_SAME = ("andi", "ori", "and", "or", "minsi", "maxsi", "minui", "maxui")
_ZERO_IS_ZERO = ("muli", "andi", "mul", "and")
_ZERO_IS_OTHER = ("addi", "ori", "xori", "add", "or", "xor")
_ONE_SIDED = ("subi", "sub", "shli", "shrsi", "shrui", "shl", "lshr", "ashr")
_COUNTS = ("ctlz", "cttz", "ctpop")
_RIGHT = ("shrui", "lshr")


class Identities:
    """Values so far: constants, how others were made, and how many of their low bits may be set."""

    def __init__(self) -> None:
        self.values: dict[str, int] = {ZERO: 0}
        self._made: dict[str, tuple[str, tuple[str, ...]]] = {}
        self._bits: dict[str, int] = {ZERO: 0}

    def constant(self, name: str, value: int) -> None:
        """A value that is known."""
        self.values[name] = value
        if value >= 0:
            self._bits[name] = value.bit_length()

    def made(self, name: str, operation: str, uses: tuple[str, ...], element: str) -> None:
        """A value that an operation (its name without the dialect) makes."""
        self._made[name] = operation.removesuffix("i"), uses
        self._bits[name] = self._width(operation, uses, element)

    def same(self, operation: str, uses: tuple[str, ...], element: str) -> str | None:
        """The value that the operation's result is; None for a new one."""
        if uses == (ZERO,) and operation not in ("ctlz", "cttz"):
            return ZERO
        if len(uses) != 2:
            return None
        found = self._of_constants(operation, *uses) or self._of_pairs(operation.removesuffix("i"), *uses)
        if found is None and self._width(operation, uses, element) <= 0:
            return ZERO
        return found

    def _of_constants(self, operation: str, first: str, second: str) -> str | None:
        if first == second and operation in _SAME_IS_ZERO:
            return ZERO
        if first == second and operation in _SAME_IS_SAME:
            return first
        if ZERO in (first, second):
            if operation in _ZERO_IS_ZERO or (operation in _ONE_SIDED and first == ZERO and operation[:3] != "sub"):
                return ZERO
            if operation in _ZERO_IS_OTHER:
                return first if second == ZERO else second
            if operation in _ONE_SIDED and second == ZERO:
                return first
        if operation in ("muli", "mul"):
            for one, other in ((first, second), (second, first)):
                if self.values.get(one) == 1:
                    return other
        return None

    def _of_pairs(self, operation: str, first: str, second: str) -> str | None:
        """Rules of two operations."""
        for one, other in ((first, second), (second, first)):
            inner, parts = self._made.get(other, ("", ()))
            if len(parts) != 2:
                continue
            if one in parts and (operation, inner) in (("and", "and"), ("or", "or")):
                return other
            if one in parts and (operation, inner) in (("and", "or"), ("or", "and")):
                return one
            if one in parts and (operation, inner) == ("xor", "xor"):
                return parts[parts[0] == one]
            if (operation, inner) == ("add", "sub") and parts[1] == one:
                return parts[0]
        return self._of_differences(operation, first, second)

    def _of_differences(self, operation: str, first: str, second: str) -> str | None:
        if operation != "sub":
            return None
        inner, parts = self._made.get(first, ("", ()))
        if inner == "add" and second in parts:
            return parts[parts[0] == second]
        inner, parts = self._made.get(second, ("", ()))
        return parts[1] if inner == "sub" and parts[0] == first else None

    def _width(self, operation: str, uses: tuple[str, ...], element: str) -> int:
        """How many low bits of a result may be set."""
        whole = 64 if element == "index" else int(element_bits(element))
        if operation in _COUNTS:
            return min(whole, whole.bit_length())
        bits = [self._bits.get(use, whole) for use in uses]
        if operation in _RIGHT and len(uses) == 2:
            return bits[0] - min(self.values.get(uses[1], 0), whole)
        match operation.removesuffix("i"):
            case "and":
                return min(bits)
            case "or" | "xor" | "extu" | "zext" | "minu" | "maxu":
                return max(bits)
            case "add":
                return min(whole, max(bits) + 1)
            case "mul":
                return min(whole, sum(bits))
            case _:
                return whole
