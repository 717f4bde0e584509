"""Values that are loaded and stored as they are: neighbours go through one wider register (DAGCombiner's merging of stores).

v = in[0]; w = in[1]; out[4] = v; out[5] = w          one load and one store of both
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from costmodel.features.pressure import plain
from costmodel.tokens.lines import Line
from costmodel.tokens.tree import Node
from costmodel.tokens.vocabulary import OpClass

_WIDEST = 32
"""Bytes of the widest register."""


@dataclass(frozen=True, slots=True)
class _Carried:
    load: Node
    store: Node
    source: tuple[str, int]
    target: tuple[str, int]


def merged(nodes: Sequence[Node], constants: Mapping[str, int], size: Mapping[int, int]) -> list[Node]:
    """The operations without the loads and stores that a neighbour's does too; `size`: bytes by operation's place."""
    users: dict[str, int] = {}
    loads: dict[str, Node] = {}
    for node in nodes:
        for use in node.line.uses:
            users[plain(use)] = users.get(plain(use), 0) + 1
        if node.kind is OpClass.LOAD and node.line.results:
            loads[node.line.results[0]] = node
    first_store = next((node.at for node in nodes if node.kind is OpClass.STORE), 0)
    gone: set[int] = set()
    run: list[_Carried] = []
    for node in nodes:
        if node.kind is not OpClass.STORE:
            continue
        carried = _carried(node, loads, users, constants, first_store)
        if run and (carried is None or not _next(run[-1], carried)):
            gone |= _gone(run, size)
            if len(run) % 2:
                return [each for each in nodes if each.at not in gone]  # a store by itself ends the merging
            run = []
        if carried is None:
            break
        run.append(carried)
    gone |= _gone(run, size)
    return [node for node in nodes if node.at not in gone]


def _carried(
    store: Node, loads: Mapping[str, Node], users: Mapping[str, int], constants: Mapping[str, int], first_store: int
) -> _Carried | None:
    """A store of what is loaded for it alone, before any store."""
    name = store.line.uses[0] if store.line.uses else ""
    load = loads.get(name)
    if load is None or users.get(name) != 1 or load.at > first_store:
        return None
    source, target = _place(load.line, constants), _place(store.line, constants)
    return _Carried(load, store, source, target) if source is not None and target is not None else None


def _place(line: Line, constants: Mapping[str, int]) -> tuple[str, int] | None:
    """Array and position, of one dimension and known."""
    if line.subscripts is None or len(line.subscripts) != 1 or line.subscripts[0] not in constants:
        return None
    return line.base, constants[line.subscripts[0]]


def _next(one: _Carried, other: _Carried) -> bool:
    return all(
        before[0] == after[0] and before[1] + 1 == after[1]
        for before, after in ((one.source, other.source), (one.target, other.target))
    )


def _gone(run: Sequence[_Carried], size: Mapping[int, int]) -> set[int]:
    """Of a run all but the first of every group of a power of two that a register holds."""
    gone: set[int] = set()
    at = 0
    while at < len(run):
        most = max(1, _WIDEST // max(size.get(run[at].store.at, 8), 1))
        count = 1
        while count * 2 <= min(most, len(run) - at):
            count *= 2
        for each in run[at + 1 : at + count]:
            gone |= {each.load.at, each.store.at}
        at += count
    return gone
