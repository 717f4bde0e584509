"""Every access through the tree reaches the element that the C pointer reaches."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from compiler.analysis import order
from compiler.analysis.index import ZERO, Index
from compiler.analysis.interval import NONNEGATIVE
from compiler.analysis.order import NO_FACTS, Facts
from compiler.analysis.split_tree import (
    Leaf,
    Node,
    Overlap,
    OverlapKind,
    Placement,
    Plan,
    Split,
    Window,
    plan_splits,
)

Env = dict[str, int]
BASE = 24


# -- the plan, executed as Rust would --------------------------------------------------


def pieces_of(node: Node, piece: range, env: Env) -> list[tuple[Leaf, range]]:
    """`split_at_mut` on the element numbers of the base; out of range is a panic."""
    if isinstance(node, Leaf):
        return [(node, piece)]
    at = node.at.evaluate(env)
    assert 0 <= at <= len(piece), "split_at_mut panics"
    return pieces_of(node.left, piece[:at], env) + pieces_of(node.right, piece[at:], env)


def elements(placement: Placement, piece: range, env: Env) -> range:
    start = placement.start.evaluate(env)
    end = len(piece) if placement.length is None else start + placement.length.evaluate(env)
    assert 0 <= start <= end <= len(piece), "slicing panics"
    return piece[start:end]


def meant(window: Window, env: Env) -> range:
    """What C reaches through the pointer."""
    start = window.start.evaluate(env)
    return range(start, BASE if window.length is None else start + window.length.evaluate(env))


def check(plan: Plan, windows: Sequence[Window], env: Env) -> None:
    pieces = pieces_of(plan.root, range(BASE), env)
    assert [element for _, piece in pieces for element in piece] == list(range(BASE))
    for leaf, piece in pieces:
        assert len(leaf.placements) == 1 or not leaf.mutable
        assert leaf.length is None or leaf.length.evaluate(env) == len(piece)
        for placement in leaf.placements:
            assert elements(placement, piece, env) == meant(placement.window, env)
            check_lookup(plan, placement.window, env)
    placed = [placement.window for leaf, _ in pieces for placement in leaf.placements]
    assert len(placed) + len(plan.empty) == len(windows)
    assert {window.key for window in [*placed, *plan.empty]} == {window.key for window in windows}
    assert all(not meant(window, env) for window in plan.empty)


def check_lookup(plan: Plan, window: Window, env: Env) -> None:
    for i, element in enumerate(meant(window, env)):
        assert plan.lookup(window.key, Index(i)).evaluate(env) == element


def inside(windows: Sequence[Window], env: Env) -> bool:
    """What is presupposed: each window lies in the base."""
    spans = [meant(window, env) for window in windows]
    return all(0 <= span.start <= span.stop <= BASE for span in spans)


def share_an_element(first: Window, second: Window, env: Env) -> bool:
    return bool(set(meant(first, env)) & set(meant(second, env)))


# -- properties ------------------------------------------------------------------------

i, j, n = (Index.symbol(name) for name in "ijn")
UNSIGNED = Facts(dict.fromkeys("ijn", NONNEGATIVE))
ENVIRONMENTS: list[Env] = [dict(zip("ijn", values, strict=True)) for values in product(range(-2, 5), repeat=3)]

sizes = st.sampled_from([ZERO, Index(1), Index(4), i, j, n, 2 * i, i + 1, n - i])


@st.composite
def symbolic_windows(draw: st.DrawFn) -> tuple[Index | None, list[Window]]:
    """Windows laid out one after another (so that many plans exist), some of them disturbed."""
    position, windows = ZERO, list[Window]()
    for key in range(draw(st.integers(1, 5))):
        position = position + draw(sizes)
        length = draw(sizes)
        windows.append(Window(key, position, length, draw(st.booleans())))
        position = draw(st.sampled_from([position, position + length, position + length, position + length]))
    if draw(st.booleans()):
        windows.append(Window("rest", position, None, draw(st.booleans())))
    return draw(st.sampled_from([None, Index(BASE)])), draw(st.permutations(windows))


facts_known = st.sampled_from(
    [NO_FACTS, UNSIGNED, UNSIGNED.with_below(i, n), UNSIGNED.with_below(i, j).with_at_most(j, n)]
)


def satisfying(facts: Facts, windows: Sequence[Window]) -> list[Env]:
    relations = {relation for filed in facts.relations.values() for relation in filed}
    return [
        env
        for env in ENVIRONMENTS
        if all(facts.range_of(symbol).contains(value) for symbol, value in env.items())
        and all(relation.evaluate(env) >= 0 for relation in relations)
        and inside(windows, env)
    ]


@given(problem=symbolic_windows(), facts=facts_known)
def test_a_plan_is_right_in_every_execution(problem: tuple[Index | None, list[Window]], facts: Facts) -> None:
    length, windows = problem
    answer = plan_splits(length, windows, facts)
    assume(isinstance(answer, Plan))
    assert isinstance(answer, Plan)
    for env in satisfying(facts, windows):
        check(answer, windows, env)


@given(problem=symbolic_windows(), facts=facts_known)
def test_an_overlap_that_is_claimed_is_there(problem: tuple[Index | None, list[Window]], facts: Facts) -> None:
    length, windows = problem
    answer = plan_splits(length, windows, facts)
    assume(isinstance(answer, Overlap))
    assert isinstance(answer, Overlap)
    assert answer.first.mutable or answer.second.mutable
    assert windows.index(answer.first) < windows.index(answer.second)
    for env in satisfying(facts, windows):
        if answer.kind is OverlapKind.SAME_START:
            assert meant(answer.first, env).start == meant(answer.second, env).start
        if answer.kind is OverlapKind.PARTIAL:
            assert share_an_element(answer.first, answer.second, env)


spans = st.tuples(st.integers(0, BASE), st.integers(0, BASE)).map(lambda ends: (min(ends), max(ends)))
constant_windows = st.lists(st.tuples(spans, st.booleans()), min_size=1, max_size=4).map(
    lambda drawn: [Window(key, Index(lo), Index(hi - lo), mutable) for key, ((lo, hi), mutable) in enumerate(drawn)]
)


@given(windows=constant_windows)
def test_constant_windows_are_decided(windows: list[Window]) -> None:
    """With nothing unknown there is a plan exactly when the windows are disjoint."""
    answer = plan_splits(Index(BASE), windows, NO_FACTS)
    pairs = [(a, b) for k, b in enumerate(windows) for a in windows[:k] if a.mutable or b.mutable]
    assert isinstance(answer, Plan) == (not any(share_an_element(a, b, {}) for a, b in pairs))
    if isinstance(answer, Plan):
        check(answer, windows, {})
    else:
        assert share_an_element(answer.first, answer.second, {})
        assert answer.kind in (OverlapKind.SAME_START, OverlapKind.PARTIAL)


@given(windows=constant_windows)
def test_no_split_is_superfluous(windows: list[Window]) -> None:
    """As many pieces as there are runs along the base; no cut at 0, none with an unused side."""
    answer = plan_splits(Index(BASE), windows, NO_FACTS)
    assume(isinstance(answer, Plan))
    assert isinstance(answer, Plan)
    needed = sorted((w for w in windows if meant(w, {})), key=lambda w: meant(w, {}).start)
    changes = sum(1 for a, b in pairwise(needed) if a.mutable or b.mutable)
    assert answer.split_count == changes
    assert all(leaf.placements for _, leaf in answer.leaves()) or not needed
    assert all(piece for _, piece in pieces_of(answer.root, range(BASE), {}))


# -- plans worth reading ---------------------------------------------------------------


def shown(node: Node) -> str:
    """`4 <lo 0+4> (8 <out 0+4> <hi 0+4>)`: cuts, and in each piece the windows with their places."""
    match node:
        case Leaf():
            return "<" + ", ".join(f"{p.window.key} {p.start}+{p.length}" for p in node.placements) + ">"
        case Split():
            right = shown(node.right)
            return f"{node.at} {shown(node.left)} " + (f"({right})" if isinstance(node.right, Split) else right)


def read(key: str, start: Index | int, length: Index | int | None) -> Window:
    return Window(key, Index.of(start), None if length is None else Index.of(length), False)


def write(key: str, start: Index | int, length: Index | int | None) -> Window:
    return Window(key, Index.of(start), None if length is None else Index.of(length), True)


BEHIND = UNSIGNED.with_below(i, n)

PLANS: list[tuple[str, Index | None, list[Window], Facts, str]] = [
    (
        "the essay's example",
        Index(16),
        [write("out", 4, 4), read("lo", 0, 4), read("hi", 12, 4)],
        NO_FACTS,
        "4 <lo 0+4> (8 <out 0+4> <hi 0+4>)",
    ),
    ("one window is no split", None, [write("a", 8, 4)], NO_FACTS, "<a 8+4>"),
    ("readers share", None, [read("a", 0, 8), read("b", i, n)], NO_FACTS, "<a 0+8, b i+n>"),
    ("the writer first", None, [read("b", 4, 4), write("a", 0, 4)], NO_FACTS, "4 <a 0+4> <b 0+4>"),
    (
        "readers between two writers travel together",
        None,
        [write("m", 0, 4), read("s", 4, 8), read("t", 6, 8), write("k", 14, 2)],
        NO_FACTS,
        "4 <m 0+4> (10 <s 0+8, t 2+8> <k 0+2>)",
    ),
    (
        "readers of unknown order are cut off behind the writer",
        None,
        [write("m", 0, 4), read("s", 4 + i, 8), read("t", 4 + n, 8)],
        UNSIGNED,
        "4 <m 0+4> <s i+8, t n+8>",
    ),
    (
        "symbolic halves",
        2 * n,
        [write("hi", n, n), read("lo", 0, n)],
        UNSIGNED,
        "n <lo 0+n> <hi 0+n>",
    ),
    (
        "block i and the rest behind it",
        64 * n,
        [write("block", 64 * i, 64), read("rest", 64 * i + 64, None)],
        BEHIND,
        "64*i + 64 <block 64*i+64> <rest 0+64*n - 64*i - 64>",
    ),
    (
        "block i and the last one",
        None,
        [write("block", 64 * i, 64), read("last", 64 * n, 64)],
        BEHIND,
        "64*n <block 64*i+64> <last 0+64>",
    ),
    ("to the end, of unknown length", None, [write("a", 0, 4), write("b", 4, None)], NO_FACTS, "4 <a 0+4> <b 0+None>"),
    (
        "a chain of proofs: a before b before c",
        None,
        [write("c", j, 1), write("a", i, 1), write("b", n, 1)],
        UNSIGNED.with_below(i, n).with_below(n, j),
        "n <a i+1> (j - n <b 0+1> <c 0+1>)",
    ),
]


@pytest.mark.parametrize(("length", "windows", "facts", "text"), [p[1:] for p in PLANS], ids=[p[0] for p in PLANS])
def test_plans(length: Index | None, windows: list[Window], facts: Facts, text: str) -> None:
    answer = plan_splits(length, windows, facts)
    assert isinstance(answer, Plan)
    assert shown(answer.root) == text


def test_a_chain_orders_what_no_single_proof_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order, "SEARCH_BUDGET", 3)
    starts = [Index.symbol(f"s{k}") for k in range(6)]
    facts = NO_FACTS
    for earlier, later in pairwise(starts):
        facts = facts.with_at_most(earlier + 4, later)
    assert not order.is_at_most(starts[0] + 4, starts[5], facts)
    answer = plan_splits(None, [write(str(start), start, 4) for start in reversed(starts)], facts)
    assert isinstance(answer, Plan)
    assert [leaf.placements[0].window.start for _, leaf in answer.leaves()] == starts


REFUSALS: list[tuple[str, Index | None, list[Window], Facts, OverlapKind, str]] = [
    ("f(p, p)", None, [write("r", 0, 4), read("a", 0, 4)], NO_FACTS, OverlapKind.SAME_START, "r a"),
    ("f(p + i, p + i)", None, [write("r", i, 4), write("a", i, n)], NO_FACTS, OverlapKind.SAME_START, "r a"),
    ("one inside the other", None, [read("a", 0, 8), write("r", 4, 2)], NO_FACTS, OverlapKind.PARTIAL, "a r"),
    ("shifted by one", None, [write("r", i, 4), read("a", i + 1, 4)], NO_FACTS, OverlapKind.PARTIAL, "r a"),
    ("perhaps empty", None, [read("a", 0, 8), write("r", 4, n)], UNSIGNED, OverlapKind.UNKNOWN, "a r"),
    ("unknown offsets", None, [write("r", i, 4), read("a", j, 4)], UNSIGNED, OverlapKind.UNKNOWN, "r a"),
    ("n may be below 8", None, [write("lo", 8, n), read("hi", n, 8)], UNSIGNED, OverlapKind.UNKNOWN, "lo hi"),
    ("a length of unknown sign", None, [write("a", 0, n), read("b", n, 4)], NO_FACTS, OverlapKind.UNKNOWN, "a b"),
    ("behind a window to the end", None, [read("a", 4, 4), write("r", i, None)], NO_FACTS, OverlapKind.UNKNOWN, "a r"),
    (
        "to the end of a base of known length",
        Index(16),
        [write("r", 4, None), read("a", 8, 4)],
        NO_FACTS,
        OverlapKind.PARTIAL,
        "r a",
    ),
    (
        "the first pair in the order given",
        None,
        [read("a", 0, 4), read("b", 2, 4), write("r", 3, 4)],
        NO_FACTS,
        OverlapKind.PARTIAL,
        "a r",
    ),
]


@pytest.mark.parametrize(
    ("length", "windows", "facts", "kind", "pair"), [r[1:] for r in REFUSALS], ids=[r[0] for r in REFUSALS]
)
def test_refusals(length: Index | None, windows: list[Window], facts: Facts, kind: OverlapKind, pair: str) -> None:
    answer = plan_splits(length, windows, facts)
    assert isinstance(answer, Overlap)
    assert (answer.kind, f"{answer.first.key} {answer.second.key}") == (kind, pair)


def test_a_window_without_elements_meets_nothing() -> None:
    nothing = write("none", 2, 0)
    answer = plan_splits(None, [write("a", 0, 4), nothing, read("b", 4, 4)], NO_FACTS)
    assert isinstance(answer, Plan)
    assert shown(answer.root) == "4 <a 0+4> <b 0+4>"
    assert answer.empty == (nothing,)


def test_keys_tell_windows_apart() -> None:
    with pytest.raises(AssertionError):
        plan_splits(None, [read("a", 0, 4), read("a", 4, 4)], NO_FACTS)
