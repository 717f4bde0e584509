r"""Split trees: how one Rust slice is handed to several users at once.

C passes pointers into one buffer as it likes:

    void mix(uint32_t *out, const uint32_t *lo, const uint32_t *hi);
    ...
    mix(buf + 4, buf, buf + 12);            /* each touches 4 words; `buf` has 16 */

Rust wants proof that the `&mut` part meets no other part, and the proof it understands is
`split_at_mut`. This file owns the way from the windows of one call to such splits:

    windows   |---lo---|--out---|        |---hi---|
    buf       0        4        8        12       16

    plan          Split at 4                    let (buf_0, rest) = buf.split_at_mut(4);
                 /          \                   let (buf_4, buf_12) = rest.split_at_mut(8);
         lo: [0..4]      Split at 8             mix(&mut buf_4[..4], buf_0, buf_12);
                        /          \
               out: [0..4]      hi: [0..4]

Every number in the tree is relative to the piece it is used on: the inner `8` cuts the piece
that starts at 4, so it is word 12 of `buf`; and `hi` is at 0 of the piece that starts at 12.


When: as late as possible
-------------------------
A pointer variable of C is kept as (base, offset) and an access `p[i]` is `base[off + i]`.
There is no split where a pointer is derived. Splits are made by the statement that needs two
parts *at the same time*, a call, and they end with it; so this file answers one question at a
time and remembers nothing. Compare with splitting where a pointer is derived, and letting it
denote a half from there on:

    uint32_t *a = buf + 4 * i;      at the derivation: which of `i` and `j` is smaller must be known
    uint32_t *b = buf + 4 * j;          here, or guessed; then `buf[0]` is a use of a buffer that is
    a[0] = b[0] + buf[0];               lent out, and a loop that moves `a` out of its half is stuck
    b[1] = a[1];                    late: four index expressions; no order is ever needed

A split that is *proven* right where a pointer is derived can be proven at the call as well: more
is known there (the conditions passed since) and less is asked (only the windows of this one call
count, each only as far as the callee reaches). So the late rule accepts strictly more programs,
and its splits cannot become stale: they outlive no block, no loop and no use of the base.


How: order first, then cut
--------------------------
A window is `[start, start + length)`. `a` is *before* `b` when it is proven that

    0 <= length of a     and     end of a <= start of b          (`order.is_at_most`)

Being before is transitive, so a chain of short proofs orders what no single proof does. A
mutable window must be before or after each other window. Shared windows may overlap one
another as they like; those that meet no mutable window between them travel in one piece:

    s1  shared    |------|
    s2  shared      |-------|                     runs:  {s1, s2}  {m}  {s3, s4}
    m   mutable                |---|
    s3  shared                       |------|            (not {s1, s2, s3, s4}: m lies between)
    s4  shared                           |-----|

A run is one mutable window, or all the shared windows between two mutable ones. Runs are
ordered, and a cut separates each from the next; n runs take exactly n - 1 cuts, the least
possible, and a lone run takes none. Of two neighbouring runs one is mutable, hence a single
window, which gives a cut that is proven to lie right, whatever the windows of the other are:

    left run   cut         right run
    {a, b}      |  m.start   {m}            every window of the left run ends at or before m
    {m}         |  m.end     {a, b}         every window of the right run starts at or after m
    {m}         |  a.start   {a, b}         better, if `a` starts first of all: a is at 0 of its piece

A cut goes where the right run starts if it can, so that parts start at 0 of their piece. The
cuts are made from left to right, so the tree leans: each `left` is a leaf.


Lookup rule
-----------
Walk from the root to the leaf of the window; going right at `Split(at)`, add `at`. The sum plus
the window's place in the leaf is the offset in the base: `Plan.lookup(key, i)` is, in every
execution, `start + i`, the element that C means.


Limits
------
- That a window lies inside its base (0 <= start, start + length <= length of the base) is a fact
  about accesses, and the extents' matter. Here it is presupposed.
- A window may have no known length: it reaches to the end of the base, so nothing can be after it.
- A window whose length may be negative is before nothing: its end might lie before its start.
- Windows that are disjoint in every run but change places from run to run (the halves of a
  ping-pong buffer) have no order to prove; they are UNKNOWN, like those that may overlap.
- No order is tried that is not proven. KaRaMeL takes offsets that it cannot compare to increase
  in program order and prints a warning; here the answer is an `Overlap` that names the pair, and
  the caller takes an alias-specialised variant, cells or a copy, or reports the line.
- A window proven to have no elements meets nothing; it takes no part in the tree and is listed in
  `Plan.empty`, to be passed as `&mut []`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise

from compiler.analysis.index import ZERO, Index
from compiler.analysis.order import Facts, Order, compare, is_at_most, is_below

Key = Hashable


@dataclass(frozen=True, slots=True)
class Window:
    """Elements of the base that are needed, from `start` on; `length` None: to its end."""

    key: Key
    start: Index
    length: Index | None
    mutable: bool


class OverlapKind(Enum):
    SAME_START = auto()
    """Proven to start at the same element: `f(p, p)`."""
    PARTIAL = auto()
    """Proven to share an element."""
    UNKNOWN = auto()
    """Neither disjointness nor an overlap is proven."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """Why there is no plan: the first pair, in the order of the windows given, that no split separates."""

    kind: OverlapKind
    first: Window
    second: Window


@dataclass(frozen=True, slots=True)
class Placement:
    """A window in its piece: `piece[start..start + length]`, or `piece[start..]`."""

    window: Window
    start: Index
    length: Index | None


@dataclass(frozen=True, slots=True)
class Leaf:
    """A piece that is split no further: one mutable window, or any number of shared ones."""

    placements: tuple[Placement, ...]
    length: Index | None
    """Of the piece; None when that of the base is unknown."""

    @property
    def mutable(self) -> bool:
        return any(placement.window.mutable for placement in self.placements)


@dataclass(frozen=True, slots=True)
class Split:
    """`piece.split_at_mut(at)`."""

    at: Index
    left: Leaf
    right: Node


Node = Split | Leaf


@dataclass(frozen=True, slots=True)
class Plan:
    root: Node
    empty: tuple[Window, ...]
    """The windows without elements."""

    def leaves(self) -> Iterator[tuple[Index, Leaf]]:
        """Each piece from left to right, with its offset in the base."""
        offset, node = ZERO, self.root
        while isinstance(node, Split):
            yield offset, node.left
            offset, node = offset + node.at, node.right
        yield offset, node

    @property
    def split_count(self) -> int:
        return sum(1 for _ in self.leaves()) - 1

    def lookup(self, key: Key, index: Index) -> Index:
        """The element of the base behind element `index` of that window."""
        [found] = (
            offset + placement.start + index
            for offset, leaf in self.leaves()
            for placement in leaf.placements
            if placement.window.key == key
        )
        return found


def plan_splits(length: Index | None, windows: Sequence[Window], facts: Facts) -> Plan | Overlap:
    """The least splits of a base of `length` elements that give every window at once."""
    assert len({window.key for window in windows}) == len(windows), "keys tell windows apart"
    empty = tuple(window for window in windows if _is_empty(window, facts))
    needed = [window for window in windows if window not in empty]
    if not any(window.mutable for window in needed):
        return Plan(_leaf(needed, ZERO, length), empty)
    before = _proven_order(needed, length, facts)
    for j, second in enumerate(needed):
        for i, first in enumerate(needed[:j]):
            if (first.mutable or second.mutable) and not (before[i] >> j | before[j] >> i) & 1:
                return Overlap(_kind_of(first, second, length, facts), first, second)
    runs = _runs(_sorted(needed, before))
    cuts = [_cut(left, right, length, facts) for left, right in pairwise(runs)]
    return Plan(_chain(runs, cuts, length), empty)


# -- order -----------------------------------------------------------------------------


def _is_empty(window: Window, facts: Facts) -> bool:
    return window.length is not None and is_at_most(window.length, ZERO, facts)


def _end(window: Window, length: Index | None) -> Index | None:
    return length if window.length is None else window.start + window.length


def _is_before(first: Window, second: Window, length: Index | None, facts: Facts) -> bool:
    end = _end(first, length)
    if end is None or not is_at_most(end, second.start, facts):
        return False
    return first.length is None or is_at_most(ZERO, first.length, facts)


def _proven_order(windows: Sequence[Window], length: Index | None, facts: Facts) -> list[int]:
    """Row i has bit j set when window i is proven to be before window j, at once or by a chain."""
    before = [0] * len(windows)
    for i, first in enumerate(windows):
        for j, second in enumerate(windows):
            if i != j and _is_before(first, second, length, facts):
                before[i] |= 1 << j
    for middle, after in enumerate(before):
        for i, row in enumerate(before):
            if row >> middle & 1:
                before[i] |= after
    return before


def _sorted(windows: Sequence[Window], before: Sequence[int]) -> list[Window]:
    """By the number of windows before each, which grows along the order; else as given."""
    counts = [sum(row >> j & 1 for row in before) for j in range(len(windows))]
    return [windows[j] for j in sorted(range(len(windows)), key=counts.__getitem__)]


def _kind_of(first: Window, second: Window, length: Index | None, facts: Facts) -> OverlapKind:
    if compare(first.start, second.start, facts) is Order.EQUAL:
        return OverlapKind.SAME_START
    pair = (first, second)
    if all(_reaches(a, b, length, facts) for a in pair for b in pair):
        return OverlapKind.PARTIAL
    return OverlapKind.UNKNOWN


def _reaches(first: Window, second: Window, length: Index | None, facts: Facts) -> bool:
    """Whether `first` is proven to end after the start of `second` (which may be itself: not empty)."""
    end = _end(first, length)
    return end is not None and is_below(second.start, end, facts)


# -- cuts ------------------------------------------------------------------------------


def _runs(ordered: Sequence[Window]) -> list[list[Window]]:
    """Each mutable window alone, and the shared ones between two of them together."""
    runs: list[list[Window]] = []
    for window in ordered:
        if runs and not window.mutable and not runs[-1][-1].mutable:
            runs[-1].append(window)
        else:
            runs.append([window])
    return runs


def _cut(left: Sequence[Window], right: Sequence[Window], length: Index | None, facts: Facts) -> Index:
    """Where to separate two neighbouring runs: where the right one starts, if that is known."""
    for candidate in right:
        if all(is_at_most(candidate.start, other.start, facts) for other in right):
            return candidate.start
    [alone] = left
    end = _end(alone, length)
    assert alone.mutable and end is not None
    return end


def _chain(runs: Sequence[Sequence[Window]], cuts: Sequence[Index], length: Index | None) -> Node:
    """The tree that makes the cuts from left to right."""
    starts = [ZERO, *cuts]
    node: Node = _leaf(runs[-1], starts[-1], None if length is None else length - starts[-1])
    for run, start, end in reversed(list(zip(runs[:-1], starts[:-1], cuts, strict=True))):
        node = Split(end - start, _leaf(run, start, end - start), node)
    return node


def _leaf(run: Sequence[Window], start: Index, length: Index | None) -> Leaf:
    return Leaf(tuple(_placed(window, start, length) for window in run), length)


def _placed(window: Window, start: Index, length: Index | None) -> Placement:
    relative = window.start - start
    if window.length is not None or length is None:
        return Placement(window, relative, window.length)
    return Placement(window, relative, length - relative)
