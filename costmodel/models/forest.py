"""A booster's trees as arrays, and their sum for many rows: what LightGBM computes of the same text, to the bit.

    forest = read_forest(booster.text)
    forest.sums(matrix, 50)          one number a row: fifty trees' after each other, then such sums

The two branches of a node lie side by side, a leaf is its own branch: going down is adding the outcome of a comparison, no jump that a
processor could guess wrongly, and eight rows go down one tree at once, or one row eight trees. Which way a missing number goes (LightGBM, tree.h,
NumericalDecision) is fixed for every node when it is fitted, so a row is kept twice where some go right: missing numbers are -inf in the
first, inf in the second.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from costmodel.features.streams import Floats, Integers
from costmodel.models.trees import Trees, read_trees
from costmodel.native import Native, compiled

_LANES = 8
_TREES = 50
"""Trees taken at once: they and eight rows stay in the cache nearest to the core."""
_NODE = np.dtype([("threshold", np.float64), ("column", np.int32), ("left", np.int32)])
_ROOT = np.dtype([("node", np.int32), ("depth", np.int32)])
_LARGEST = float(np.finfo(np.float64).max)
_ZERO = float(np.float32(1e-35))
"""LightGBM, meta.h, kZeroThreshold."""


@dataclass(frozen=True, slots=True)
class Forest:
    """`nodes` of all trees, the number of each that is a leaf, where trees begin and how deep they are; how many there are (at the end
    empty ones follow); columns that a row must have, and whether missing numbers go right somewhere."""

    nodes: NDArray[np.void]
    plain: NDArray[np.void]
    """The same for rows that are kept once, because no number is missing."""
    values: Floats
    roots: NDArray[np.void]
    trees: int
    columns: int
    both_ways: bool

    def one(self, row: Floats) -> Floats:
        """Of a matrix of one row the sum of all trees, one after the other."""
        assert row.shape == (1, self.columns), "a row of other columns"
        found = np.zeros(1)
        if self.trees:
            self._add(1, _rows(row, 1, self.both_ways), 0, len(self.roots), found)
        return found

    def sums(self, matrix: Floats, pieces: int) -> Floats:
        """Of every row the sum of all trees: of so many, one after the other, and then of these sums."""
        assert matrix.shape[1] == self.columns, "rows of other columns"
        rows = _rows(matrix, _LANES, self.both_ways)
        total = np.zeros(len(rows))
        for first in range(0, self.trees if len(rows) else 0, pieces):
            last, found = min(first + pieces, self.trees), np.zeros(len(rows))
            for begin in range(first, last, _TREES):
                self._add(_LANES, rows, begin, min(begin + _TREES, last), found)
            total += found
        return total[: len(matrix)]

    def _add(self, together: int, rows: Floats, first: int, last: int, found: Floats) -> None:
        # Addresses are asked for at each use: a copy has arrays of its own.
        here = self.plain if rows.shape[1] == self.columns else self.nodes
        nodes, values, roots = _address(here), _address(self.values), _address(self.roots)
        _adding(together)(nodes, values, roots, first, last, _address(rows), *rows.shape, _address(found))


def _address(array: NDArray[Any]) -> int:
    """What `array.ctypes.data` says, in a third of its time."""
    return array.__array_interface__["data"][0]


def squashed(raw: Floats, steepness: float) -> Floats:
    """The probabilities of a booster of two classes (LightGBM, binary_objective.hpp, ConvertOutput)."""
    return np.array([1.0 / (1.0 + math.exp(min(-steepness * each, 709.0))) for each in raw.tolist()])


def _rows(matrix: Floats, together: int, both_ways: bool) -> Floats:
    """Rows without missing numbers, one after the other; as many as are taken together, or a multiple of that."""
    count, columns = matrix.shape
    whole = -(-count // together) * together
    if np.isfinite(matrix).all():
        if count == whole:
            return np.ascontiguousarray(matrix)
        rows = np.zeros((whole, columns))
        rows[:count] = matrix
        return rows
    rows = np.zeros((whole, columns * (2 if both_ways else 1)))
    np.minimum(matrix, _LARGEST, out=rows[:count, :columns])
    missing = np.isnan(matrix)
    if both_ways:
        rows[:count, columns:] = rows[:count, :columns]
        rows[:count, columns:][missing] = np.inf
    rows[:count, :columns][missing] = -np.inf
    return rows


def read_forest(text: str) -> Forest:
    """The trees of a booster's text."""
    trees = read_trees(text)
    count = len(trees.splits)
    lengths = np.concatenate([2 * trees.splits + 1, np.ones(-count % _LANES, dtype=np.int64)])
    starts = lengths.cumsum() - lengths
    values = np.zeros(int(lengths.sum()))
    nodes = np.zeros(len(values), dtype=_NODE)
    nodes["threshold"], nodes["left"] = np.inf, np.arange(len(values))
    tree, said = np.repeat(np.arange(len(lengths)), lengths), _said(trees, starts, len(values))
    leaf = np.flatnonzero((said < 0) & (tree < count))
    values[leaf] = trees.leaf[(trees.before + np.arange(count))[tree[leaf]] + ~said[leaf]]
    inner = np.flatnonzero(said >= 0)
    node = trees.before[tree[inner]] + said[inner]
    nodes["threshold"][inner], nodes["column"][inner] = _decisions(trees, node)
    nodes["left"][inner] = starts[tree[inner]] + 2 * said[inner] + 1
    roots = np.zeros(len(lengths), dtype=_ROOT)
    roots["node"], roots["depth"][:count] = starts, trees.depths()
    both_ways, plain = bool((nodes["column"] >= trees.columns).any()), nodes.copy()
    plain["column"] %= trees.columns
    return Forest(nodes, plain, values, roots, count, trees.columns, both_ways)


def _said(trees: Trees, starts: Integers, count: int) -> Integers:
    """What stands in each place: an inner node of the tree, or ~ a leaf. First the root, then the branches of each inner node."""
    said = np.full(count, -1, dtype=np.int64)
    said[starts[: len(trees.splits)][trees.splits > 0]] = 0
    first = starts[trees.of] + 2 * trees.place + 1
    said[first], said[first + 1] = trees.left, trees.right
    return said


def _decisions(trees: Trees, nodes: Integers) -> tuple[Floats, Integers]:
    """What numbers are compared with, and where in a row they stand: in its second half if a missing one goes right."""
    threshold = trees.threshold[nodes]
    left = np.where(trees.missing_left[nodes] >= 0, trees.missing_left[nodes] > 0, threshold >= 0.0)
    # Numbers this near to 0 count as 0. Above infinity is only what is missing.
    near = np.where(threshold >= 0.0, _ZERO, np.nextafter(-_ZERO, -np.inf))
    threshold = np.where(np.abs(threshold) > _ZERO, np.minimum(threshold, _LARGEST), near)
    return threshold, trees.column[nodes] + np.where(left, 0, trees.columns)


@cache
def _adding(together: int) -> Native:
    return compiled(_ir(together, _LANES // together), "add", 9, thorough=True)


def _ir(rows: int, trees: int) -> str:
    """For rows, so many at once, for trees, so many at once: go down as often as the deepest is deep, then add what the leaves have."""
    lanes = [(row, tree) for tree in range(trees) for row in range(rows)]
    last = [f"%total{row}.{trees}" for row in range(rows)]
    return f"""
define void @add(ptr %nodes, ptr %values, ptr %roots, i64 %first, i64 %last, ptr %rows, i64 %count, i64 %columns, ptr %found) {{
start:
  br label %rows.next
rows.next:
  %row = phi i64 [ 0, %start ], [ %row.after, %rows.end ]
{_each("%at{0} = add i64 %row, {0}", range(rows))}
{_each("%cell{0} = mul i64 %at{0}, %columns", range(rows))}
{_each("%x{0} = getelementptr double, ptr %rows, i64 %cell{0}", range(rows))}
{_each("%out{0} = getelementptr double, ptr %found, i64 %at{0}", range(rows))}
{_each("%sum{0} = load double, ptr %out{0}", range(rows))}
  br label %trees.next
trees.next:
  %tree = phi i64 [ %first, %rows.next ], [ %tree.after, %trees.end ]
{_each("%total{0}.0 = phi double [ %sum{0}, %rows.next ], [ {1}, %trees.end ]", range(rows), last)}
  %place = getelementptr {{ i32, i32 }}, ptr %roots, i64 %tree
{_each("%root.at{0} = getelementptr {{ i32, i32 }}, ptr %place, i64 {0}", range(trees))}
{_each("%depth.at{0} = getelementptr i32, ptr %root.at{0}, i64 1", range(trees))}
{_each("%root.32.{0} = load i32, ptr %root.at{0}", range(trees))}
{_each("%root{0} = sext i32 %root.32.{0} to i64", range(trees))}
{_each("%depth{0} = load i32, ptr %depth.at{0}", range(trees))}
  %deepest0 = add i32 %depth0, 0
{_each("%deepest{0} = call i32 @llvm.smax.i32(i32 %deepest{1}, i32 %depth{0})", range(1, trees), range(trees - 1))}
  %leaf = icmp eq i32 %deepest{trees - 1}, 0
  br i1 %leaf, label %trees.end, label %down
down:
  %level = phi i32 [ 0, %trees.next ], [ %level.after, %down ]
{_each("%node{0}.{1} = phi i64 [ %root{1}, %trees.next ], [ %next{0}.{1}, %down ]", *zip(*lanes, strict=True))}
{_each(_DOWN, *zip(*lanes, strict=True))}
  %level.after = add i32 %level, 1
  %going = icmp slt i32 %level.after, %deepest{trees - 1}
  br i1 %going, label %down, label %trees.end
trees.end:
{_each("%end{0}.{1} = phi i64 [ %root{1}, %trees.next ], [ %next{0}.{1}, %down ]", *zip(*lanes, strict=True))}
{_each("%from{0}.{1} = getelementptr double, ptr %values, i64 %end{0}.{1}", *zip(*lanes, strict=True))}
{_each("%value{0}.{1} = load double, ptr %from{0}.{1}", *zip(*lanes, strict=True))}
{_each("%total{0}.{2} = fadd double %total{0}.{1}, %value{0}.{1}", *zip(*((*each, each[1] + 1) for each in lanes), strict=True))}
  %tree.after = add i64 %tree, {trees}
  %more = icmp slt i64 %tree.after, %last
  br i1 %more, label %trees.next, label %rows.end
rows.end:
{_each("store double {1}, ptr %out{0}", range(rows), last)}
  %row.after = add i64 %row, {rows}
  %rest = icmp slt i64 %row.after, %count
  br i1 %rest, label %rows.next, label %end
end:
  ret void
}}
declare i32 @llvm.smax.i32(i32, i32)
"""


_DOWN = """%n{0}.{1} = getelementptr {{ double, i32, i32 }}, ptr %nodes, i64 %node{0}.{1}
  %threshold{0}.{1} = load double, ptr %n{0}.{1}
  %where{0}.{1} = getelementptr i32, ptr %n{0}.{1}, i64 2
  %column{0}.{1} = load i32, ptr %where{0}.{1}
  %of{0}.{1} = getelementptr double, ptr %x{0}, i32 %column{0}.{1}
  %number{0}.{1} = load double, ptr %of{0}.{1}
  %branch{0}.{1} = getelementptr i32, ptr %n{0}.{1}, i64 3
  %left.32.{0}.{1} = load i32, ptr %branch{0}.{1}
  %left{0}.{1} = sext i32 %left.32.{0}.{1} to i64
  %above{0}.{1} = fcmp ogt double %number{0}.{1}, %threshold{0}.{1}
  %step{0}.{1} = zext i1 %above{0}.{1} to i64
  %next{0}.{1} = add i64 %left{0}.{1}, %step{0}.{1}"""
"""One node further: the left branch, or the one after it where the number is above the threshold."""


def _each(line: str, *names: Iterable[object]) -> str:
    """A line for each of several names."""
    return "\n".join(f"  {line.format(*each)}" for each in zip(*names, strict=True))
