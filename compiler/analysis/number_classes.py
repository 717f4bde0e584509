"""Classes of expressions that share one number type, as rustc's inference knows them: united, told, demanded.

    let a = 1; let b = a; b + x        a, b, x and the literal are one class, which x tells its type

A class is known once any of its members is. One that must be known and is not, is given its type in the text: on its first `let`, else as
the suffix of its first literal. `marks` collects these.
"""

from __future__ import annotations

from xdsl.ir import Operation

from compiler.dialects import rust
from compiler.dialects.rust_types import SCALAR, ScalarType


class NumberClass:
    """Expressions that share one number type, which rustc may not know yet."""

    __slots__ = ("kind", "known", "lets", "literals", "parent")

    def __init__(self, kind: ScalarType) -> None:
        self.kind = kind
        self.known = False
        self.parent: NumberClass | None = None
        self.lets: list[rust.LetOp] = []
        self.literals: list[Operation] = []

    def root(self) -> NumberClass:
        at = self
        while at.parent is not None:
            at = at.parent
        if at is not self:
            self.parent = at
        return at


Term = NumberClass | tuple["Term", ...] | None
"""What an expression holds: a class, None when all is known, terms in a tuple."""


class Classes:
    """All classes of one item."""

    __slots__ = ("_all", "marks")

    def __init__(self) -> None:
        self.marks: list[Operation] = []
        self._all: list[NumberClass] = []

    def settle(self) -> None:
        """At the end of the item what nobody told is i32 or f64."""
        for each in self._all:
            root = each.root()
            if not root.known and root.kind != SCALAR["f64" if root.kind.is_float else "i32"]:
                self.demand(root)

    def fresh(self, kind: ScalarType) -> NumberClass:
        made = NumberClass(kind)
        self._all.append(made)
        return made

    def demand(self, each: NumberClass) -> None:
        """rustc must know: say it on the first variable of the class, else on its first literal."""
        root = each.root()
        if not root.known and (root.lets or root.literals):
            self.marks.append(root.lets[0] if root.lets else root.literals[0])
        root.known = True

    def tell(self, term: Term) -> None:
        """rustc knows from the context."""
        if isinstance(term, tuple):
            for each in term:
                self.tell(each)
        elif term is not None:
            term.root().known = True

    def unite(self, a: Term, b: Term) -> Term:
        """Both are of one type."""
        if isinstance(a, tuple) and isinstance(b, tuple):
            return tuple(self.unite(left, right) for left, right in zip(a, b, strict=False))
        if not isinstance(a, NumberClass) or not isinstance(b, NumberClass):
            self.tell(a)
            self.tell(b)
            return None
        first, second = a.root(), b.root()
        if first.known or second.known:
            first.known = second.known = True
            return None
        if first is not second:
            second.parent = first
            first.lets += second.lets
            first.literals += second.literals
        return first

    def open(self, term: Term) -> Term:
        """The term, None once it is known."""
        if isinstance(term, NumberClass):
            root = term.root()
            return None if root.known else root
        return term
