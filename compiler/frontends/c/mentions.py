"""Which names a piece of the AST mentions, and which objects of a function a pointer may reach: both by a walk, before lowering."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from typing import Any

from pycparser import c_ast

_CHILDREN: dict[type[c_ast.Node], tuple[str, ...]] = {}


def kind_of(node: c_ast.Node) -> type[c_ast.Node]:
    return type(node)


def children(node: Any) -> list[Any]:
    """The nodes directly below a node."""
    kind = kind_of(node)
    slots = _CHILDREN.get(kind)
    if slots is None:
        slots = _CHILDREN[kind] = tuple(name for name in kind.__slots__ if name not in _not_children(kind))
    found: list[Any] = []
    for name in slots:
        child: Any = getattr(node, name)
        if type(child) is list:
            found += child
        elif child is not None:
            found.append(child)
    return found


def _not_children(kind: type[c_ast.Node]) -> tuple[str, ...]:
    return (*kind.attr_names, "coord", "__weakref__")


def coordinate(node: Any) -> Any:
    """The place of a node, or of the first node in it that has one."""
    stack = [node]
    while stack:
        at = stack.pop()
        if at.coord is not None:
            return at.coord
        stack += reversed(children(at))
    raise AssertionError("a syntax tree without any place")


def mentions(node: Any, names: Container[str]) -> bool:
    """Whether an identifier of `names` occurs in the tree."""
    stack = [node]
    while stack:
        at = stack.pop()
        if type(at) is c_ast.ID and at.name in names:
            return True
        stack += children(at)
    return False


def has_effects(node: Any) -> bool:
    """Whether evaluating the expression may do something."""
    stack = [node]
    while stack:
        at = stack.pop()
        if isinstance(at, c_ast.Assignment | c_ast.FuncCall | c_ast.Compound):
            return True
        if isinstance(at, c_ast.UnaryOp) and at.op in ("++", "--", "p++", "p--"):
            return True
        stack += children(at)
    return False


def jumps(node: Any) -> bool:
    """Whether a jump stands in the tree."""
    stack = [node]
    while stack:
        at = stack.pop()
        if isinstance(at, c_ast.Break | c_ast.Continue | c_ast.Return | c_ast.Goto):
            return True
        stack += children(at)
    return False


def labels_in(node: Any) -> list[Any]:
    """The labels of any kind in a statement; those of switches inside belong to them."""
    if isinstance(node, c_ast.Label | c_ast.Case | c_ast.Default):
        return [node]
    found = [label for child in children(node) for label in labels_in(child)]
    return [each for each in found if isinstance(each, c_ast.Label)] if isinstance(node, c_ast.Switch) else found


def unenclosed_jumps(node: Any) -> list[Any]:
    """The breaks and continues in a statement that belong to a loop or switch around it."""
    match node:
        case c_ast.Break() | c_ast.Continue():
            return [node]
        case c_ast.While() | c_ast.DoWhile() | c_ast.For():
            return []
        case c_ast.Switch():
            inside = [each for child in children(node) for each in unenclosed_jumps(child)]
            return [each for each in inside if isinstance(each, c_ast.Continue)]
        case _:
            return [each for child in children(node) for each in unenclosed_jumps(child)]


@dataclass(slots=True)
class Names:
    """What a walk over a function's body finds by name; blocks are not told apart."""

    used: set[str] = field(default_factory=set[str])
    exposed: set[str] = field(default_factory=set[str])
    """Roots of operands of `&`."""
    twice: set[str] = field(default_factory=set[str])
    """Declared more than once."""
    labels: set[str] = field(default_factory=set[str])
    _declared: set[str] = field(default_factory=set[str])

    def declare(self, name: str) -> None:
        self.used.add(name)
        (self.twice if name in self._declared else self._declared).add(name)


def names_in(body: Any) -> Names:
    found = Names()
    stack = [body]
    while stack:
        node = stack.pop()
        match node:
            case c_ast.ID():
                found.used.add(node.name)
                continue
            case c_ast.UnaryOp(op="&"):
                found.exposed.add(_root_name(node.expr))
            case c_ast.Decl() if node.name:
                found.declare(node.name)
            case c_ast.Label():
                found.labels.add(node.name)
            case _:
                pass
        stack += children(node)
    return found


def gotos_in(node: Any) -> dict[str, c_ast.Goto]:
    """The gotos inside a statement, by label; the last of each."""
    found: dict[str, c_ast.Goto] = {}
    stack = [node]
    while stack:
        at = stack.pop()
        if isinstance(at, c_ast.Goto):
            found[at.name] = at
        stack += children(at)
    return found


def _root_name(node: Any) -> str:
    while not isinstance(node, c_ast.ID):
        match node:
            case c_ast.StructRef() | c_ast.ArrayRef():
                node = node.name
            case c_ast.UnaryOp() | c_ast.Cast():
                node = node.expr
            case _:
                return ""
    return node.name
