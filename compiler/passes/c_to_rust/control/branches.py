"""`if` and `match`.

if c { } else { f(); }  ->  if !c { f(); }             if a { if b { f(); } }  ->  if a && b { f(); }
if c { x = true; } else { x = false; }  ->  x = c;     match x { 1 => f(), _ => { } }  ->  if x == 1 { f(); }
"""

from __future__ import annotations

import re

from xdsl.dialects.builtin import ArrayAttr, StringAttr
from xdsl.ir import Block, Operation, SSAValue

from compiler.analysis.rust_trees import first_op, is_pure, literal, same, tree_root
from compiler.dialects import rust
from compiler.dialects.rust_build import Builder
from compiler.dialects.rust_types import BOOL, ScalarType
from compiler.passes.c_to_rust.editing import (
    copied,
    detached,
    erase,
    erase_unused,
    erase_value,
    inline_block,
    move_before,
    rebuild,
)
from compiler.passes.c_to_rust.folds.comparisons import negation
from compiler.passes.c_to_rust.folds.terms import binary, boolean, is_unsigned, kind_of


def simplify_if(op: rust.IfOp) -> bool:
    if op.results:
        return False
    then, orelse = op.then.block, op.orelse.block
    known = boolean(op.operands[0])
    if known is not None:
        _give_way(op, then if known else orelse)
    elif then.is_empty and orelse.is_empty:
        _give_way(op, then)
    elif then.is_empty:
        _turn_round(op)
    elif not orelse.is_empty and is_pure(op.operands[0]) and equal_blocks(then, orelse):
        _give_way(op, then)
    else:
        return _assign_bool(op) or _collapse(op) or _clamp(op) or _join_chain(op) or _saturate(op)
    return True


def equal_blocks(one: Block, other: Block) -> bool:
    """The two blocks say the same, of the same types (which xDSL's structural equivalence does not look at)."""
    return one.is_structurally_equivalent(other) and all(
        a.result_types == b.result_types for a, b in zip(one.walk(), other.walk(), strict=True)
    )


def _give_way(op: Operation, block: Block) -> None:
    """The statement becomes its condition (where that has an effect) and the block, which keeps its scope."""
    cond = op.operands[0]
    op.operands = []
    if is_pure(cond):
        erase_value(cond)
    else:
        Builder.before(op).expr(cond)
    region = block.parent
    assert region is not None
    if any(isinstance(each, rust.LetOp | rust.LetTupleOp) for each in block.ops):
        rebuild(op, rust.BlockOp, [], regions=[detached(region)])
    else:
        inline_block(block, op)
        op.detach()
        op.erase()


def _turn_round(op: rust.IfOp) -> None:
    """Negate the condition of an `if` without then-part and make the else-part that."""
    cond = op.operands[0]
    negated = negate(Builder.before(op), cond)
    rebuild(op, rust.IfOp, [negated], regions=[detached(op.orelse), detached(op.then)])
    erase_unused(cond)


def negate(b: Builder, cond: SSAValue) -> SSAValue:
    """`!cond`, made of parts of `cond`; what is left of that is for the caller to erase."""
    return negation(cond, b) or b.unary("!", cond)


def _assign_bool(op: rust.IfOp) -> bool:
    """Both branches assign a truth value to one place."""
    first, second = _only_assign(op.then.block), _only_assign(op.orelse.block)
    if first is None or second is None:
        return False
    one, other = boolean(first.operands[1]), boolean(second.operands[1])
    if one is None or other is None or one == other or not same(first.operands[0], second.operands[0]):
        return False
    if tree_root(first.operands[0]) is not None:
        return False
    b = Builder.before(op)
    cond = op.operands[0]
    value = cond if one else negate(b, cond)
    b.assign(first.operands[0], value)
    op.detach()
    op.erase()
    erase_unused(cond)
    return True


def _only_assign(block: Block) -> Operation | None:
    last = block.last_op
    if not isinstance(last, rust.AssignOp) or first_op(last) is not block.first_op:
        return None
    return last


def _collapse(op: rust.IfOp) -> bool:
    """`if a { if b { … } }`."""
    inner = op.then.block.last_op
    if not op.orelse.block.is_empty or not isinstance(inner, rust.IfOp) or inner.results:
        return False
    if not inner.orelse.block.is_empty or first_op(inner) is not op.then.block.first_op:
        return False
    cond = inner.operands[0]
    root = tree_root(cond)
    if root is not None:
        move_before(root, op)
    both = Builder.before(op).binary("&&", op.operands[0], cond, BOOL)
    regions = [detached(inner.then), detached(inner.orelse)]
    rebuild(op, rust.IfOp, [both], regions=regions)
    return True


def _join_chain(op: rust.IfOp) -> bool:
    """`if a { X } else if b { X } else { Y }` is `if a || b { X } else { Y }`."""
    inner = op.orelse.block.last_op
    if not isinstance(inner, rust.IfOp) or inner.results or first_op(inner) is not op.orelse.block.first_op:
        return False
    if not equal_blocks(op.then.block, inner.then.block):
        return False
    cond = inner.operands[0]
    root = tree_root(cond)
    if root is not None:
        move_before(root, op)
    either = Builder.before(op).binary("||", op.operands[0], cond, BOOL)
    regions = [detached(inner.then), detached(inner.orelse)]
    rebuild(op, rust.IfOp, [either], regions=regions)
    return True


def _saturate(op: rust.IfOp) -> bool:
    """`if x > 0 { x -= 1; }` of an unsigned variable."""
    body = op.then.block.last_op
    compared = binary(op.operands[0], ">", "!=")
    if compared is None or not op.orelse.block.is_empty or not isinstance(body, rust.AssignOpOp):
        return False
    place = body.operands[0]
    alone = tree_root(place) is None and first_op(body) is op.then.block.first_op
    if not alone or kind_of(body) != "-" or literal(body.operands[1]) != 1:
        return False
    if compared.operands[0] is not place or literal(compared.operands[1]) != 0 or not is_unsigned(place.type):
        return False
    erase_condition(op)
    b = Builder.before(op)
    b.assign(place, b.method("saturating_sub", place, b.lit(1, place.type), ty=place.type))
    op.detach()
    op.erase()
    return True


def _clamp(op: rust.IfOp) -> bool:
    """`if x > hi { x = hi; } else if x < lo { x = lo; }` with literals, the other way round too."""
    inner = op.orelse.block.last_op
    if not isinstance(inner, rust.IfOp) or not inner.orelse.block.is_empty or not _is_alone(inner):
        return False
    one, other = _limit(op), _limit(inner)
    if one is None or other is None or one[0] is not other[0] or one[1] == other[1]:
        return False
    place, lo, hi = (one[0], one[2], other[2]) if one[1] == "<" else (one[0], other[2], one[2])
    low, high = literal(lo), literal(hi)
    if low is None or high is None or low > high:
        return False
    b = Builder(op.parent, op.location, anchor=first_op(op))  # type: ignore[arg-type]
    b.assign(place, b.method("clamp", place, copied(b, lo), copied(b, hi), ty=place.type))
    erase(op)
    return True


def _is_alone(op: Operation) -> bool:
    """Nothing but `op` and its tree is in its block."""
    block = op.parent
    return block is not None and op.next_op is None and first_op(op) is block.first_op


def _limit(op: rust.IfOp) -> tuple[SSAValue, str, SSAValue] | None:
    """`if x < k { x = k; }` of an integer variable: x, <, k."""
    compared = binary(op.operands[0], "<", ">")
    assign = _only_assign(op.then.block)
    if compared is None or assign is None:
        return None
    place, limit = compared.operands
    if tree_root(place) is not None or assign.operands[0] is not place or not same(limit, assign.operands[1]):
        return None
    return place, kind_of(compared), limit


def erase_condition(op: Operation) -> None:
    """Take the condition, which has no effect, from a statement that is about to go."""
    cond = op.operands[0]
    op.operands = []
    erase_value(cond)


# --- match -----------------------------------------------------------------------------------------------


def simplify_match(op: rust.MatchOp) -> bool:
    if op.results:
        return shorten_patterns(op)
    patterns = [pattern.data for pattern in op.patterns]
    if patterns == ["_"] or all(region.block.is_empty for region in op.arms):
        _give_way(op, op.arms[0].block)
        return True
    _shorten(op, patterns)
    if len(patterns) == 2 and patterns[1] == "_" and op.arms[1].block.is_empty:
        return _single(op, patterns[0])
    return False


def shorten_patterns(op: rust.MatchOp) -> bool:
    """Three or more numbers in a row are a range."""
    _shorten(op, [pattern.data for pattern in op.patterns])
    return False


def _shorten(op: rust.MatchOp, patterns: list[str]) -> None:
    shorter = [_as_ranges(pattern) for pattern in patterns]
    if shorter != patterns:
        op.patterns = ArrayAttr([StringAttr(pattern) for pattern in shorter])


def _as_ranges(pattern: str) -> str:
    """`1 | 2 | 3 | 7` is `1..=3 | 7`."""
    parts = pattern.split(" | ")
    if len(parts) < 3 or not all(_PATTERN.fullmatch(part) for part in parts):
        return pattern
    spelt = {_pattern_value(part): part for part in parts}
    found: list[list[int]] = []
    for number in sorted(spelt):
        if found and number == found[-1][-1] + 1:
            found[-1].append(number)
        else:
            found.append([number])
    runs = ([f"{spelt[run[0]]}..={spelt[run[-1]]}"] if len(run) > 2 else [spelt[each] for each in run] for run in found)
    return " | ".join(each for run in runs for each in run)


_PATTERN = re.compile(r"-?\d+|b'[^'\\]'|b'\\.'")
_ESCAPES = {"\\n": 10, "\\t": 9, "\\r": 13, "\\0": 0, "\\'": 39, "\\\\": 92}


def _pattern_value(pattern: str) -> int:
    if not pattern.startswith("b'"):
        return int(pattern)
    text = pattern[2:-1]
    return _ESCAPES[text] if text in _ESCAPES else ord(text)


def _single(op: rust.MatchOp, pattern: str) -> bool:
    """One arm that does something: an `if` on equality."""
    value = op.operands[0]
    ty = value.type
    if not isinstance(ty, ScalarType) or not ty.is_integer or not _PATTERN.fullmatch(pattern):
        return False
    b = Builder.before(op)
    cond = b.binary("==", value, _pattern_literal(b, pattern, ty))
    rebuild(op, rust.IfOp, [cond], regions=[detached(op.arms[0]), detached(op.arms[1])])
    return True


def _pattern_literal(b: Builder, pattern: str, ty: ScalarType) -> SSAValue:
    return b.lit(_pattern_value(pattern), ty, "byte" if pattern.startswith("b") else None)
