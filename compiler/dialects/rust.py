"""rust: the Rust that will be printed, decision by decision, as IR. Printing it (`emit/rust.py`) adds nothing.

    let mut x = a[i].wrapping_add(1);    is    %x = rust.let "x" mut (rust.method "wrapping_add" (rust.index %a, %i), (rust.lit 1))

What a reader, and every pass, may rely on (`Invariants` of rust):

1.  *Bindings* are results of `let`, `let_tuple`, and block arguments (parameters, `for` patterns): any number of uses, each printed as the
    name. Names are final: two bindings of one scope may share a name only where shadowing is meant.
2.  Every other result has exactly one use, and is printed inline where it is used; the ops of one tree stand together, operands left to
    right, directly before the statement op at its root.
3.  Parentheses do not exist: the printer derives them from precedence. Casts, references, dereferences do exist: each op prints one.
    Auto-dereference is used as a Rust programmer would: `index`, `field`, `method` on a reference need no `deref`.
4.  A result type is the exact Rust type of the expression. A place expression (`index`, `field`, `deref`, a binding) has the type of what
    it holds; whether it is read, written or borrowed is told by its user (`ref` borrows; `assign` writes; anything else reads).
5.  A region that gives a value ends in `yield` (printed as the tail expression); a function's final value is a `yield` too, not a `return`.
6.  `lit` prints a suffix exactly when `suffix` is set, `let` a type exactly when `annotate` is set: the pass `annotate-types` sets them where
    inference needs them.
"""

from __future__ import annotations

from xdsl.dialects.builtin import AnyFloat, ArrayAttr, FloatAttr, IntAttr, StringAttr, UnitAttr
from xdsl.ir import Dialect, Operation
from xdsl.irdl import (
    IRDLOperation,
    operand_def,
    opt_operand_def,
    opt_prop_def,
    opt_result_def,
    prop_def,
    region_def,
    result_def,
    traits_def,
    var_operand_def,
    var_region_def,
    var_result_def,
)
from xdsl.traits import IsTerminator, NoTerminator

from compiler.dialects.op_definition import op_definition
from compiler.dialects.rust_items import ConstOp, FnOp, ModOp, OutlineOp, StructOp, UseOp, VerbatimOp
from compiler.dialects.rust_types import TYPES

# --- statements ----------------------------------------------------------------------------------------------------------------


@op_definition
class LetOp(IRDLOperation):
    """`let [mut] name[: T] [= init];`"""

    name = "rust.let"
    var_name = prop_def(StringAttr)
    mutable = opt_prop_def(UnitAttr)
    annotate = opt_prop_def(UnitAttr)
    init = opt_operand_def()
    binding = result_def()


@op_definition
class LetTupleOp(IRDLOperation):
    """`let ([mut] a, b, …) = init;`; a name `_` binds nothing."""

    name = "rust.let_tuple"
    names = prop_def(ArrayAttr[StringAttr])
    muts = prop_def(ArrayAttr[IntAttr])
    init = operand_def()
    bindings = var_result_def()


@op_definition
class AssignOp(IRDLOperation):
    """`place = value;`"""

    name = "rust.assign"
    place = operand_def()
    value = operand_def()


@op_definition
class AssignOpOp(IRDLOperation):
    """`place kind= value;` with kind one of + - * / % & | ^ << >>."""

    name = "rust.assign_op"
    kind = prop_def(StringAttr)
    place = operand_def()
    value = operand_def()


@op_definition
class ExprOp(IRDLOperation):
    """`value;`"""

    name = "rust.expr"
    value = operand_def()


@op_definition
class IfOp(IRDLOperation):
    """`if cond { then } else { orelse }`; with a result both regions yield. An empty `orelse` region (no ops) prints no else; an
    `orelse` that holds just one `if` prints `else if`. As a statement it has no result."""

    name = "rust.if"
    cond = operand_def()
    then = region_def("single_block")
    orelse = region_def("single_block")
    result = opt_result_def()
    traits = traits_def(NoTerminator())


@op_definition
class WhileOp(IRDLOperation):
    """`['label:] while cond { body }`; the cond region is one tree and its `yield`."""

    name = "rust.while"
    label = opt_prop_def(StringAttr)
    cond = region_def("single_block")
    body = region_def("single_block")
    traits = traits_def(NoTerminator())


@op_definition
class LoopOp(IRDLOperation):
    """`['label:] loop { body }`."""

    name = "rust.loop"
    label = opt_prop_def(StringAttr)
    body = region_def("single_block")
    traits = traits_def(NoTerminator())


@op_definition
class ForOp(IRDLOperation):
    """`['label:] for pattern in iterable { body }`. The block arguments are the pattern's bindings, named `names`; `derefs[i]` prints
    `&name`; two names print a tuple."""

    name = "rust.for"
    label = opt_prop_def(StringAttr)
    names = prop_def(ArrayAttr[StringAttr])
    derefs = prop_def(ArrayAttr[IntAttr])
    iterable = operand_def()
    body = region_def("single_block")
    traits = traits_def(NoTerminator())


@op_definition
class MatchOp(IRDLOperation):
    """`match value { patterns[i] => arms[i], … }`; a pattern is Rust text (`1 | 2`, `b'a'..=b'z'`, `NAME`, `_`)."""

    name = "rust.match"
    patterns = prop_def(ArrayAttr[StringAttr])
    value = operand_def()
    arms = var_region_def("single_block")
    result = opt_result_def()
    traits = traits_def(NoTerminator())


@op_definition
class BlockOp(IRDLOperation):
    """`['label:] { body }`, with a result when the body yields."""

    name = "rust.block"
    label = opt_prop_def(StringAttr)
    body = region_def("single_block")
    result = opt_result_def()
    traits = traits_def(NoTerminator())


@op_definition
class BreakOp(IRDLOperation):
    """`break ['label] [value];`"""

    name = "rust.break"
    label = opt_prop_def(StringAttr)
    value = opt_operand_def()


@op_definition
class ContinueOp(IRDLOperation):
    """`continue ['label];`"""

    name = "rust.continue"
    label = opt_prop_def(StringAttr)


@op_definition
class ReturnOp(IRDLOperation):
    """`return [value];`"""

    name = "rust.return"
    value = opt_operand_def()


@op_definition
class CommentOp(IRDLOperation):
    """`// text`, one line per line of text. At the head of the module it is the file's `//!` comment."""

    name = "rust.comment"
    text = prop_def(StringAttr)


@op_definition
class YieldOp(IRDLOperation):
    """The tail expression of a block."""

    name = "rust.yield"
    value = operand_def()
    traits = traits_def(IsTerminator())


# --- expressions ---------------------------------------------------------------------------------------------------------------


@op_definition
class LitOp(IRDLOperation):
    """An integer literal. `spelling`: `hex`, `bin`, `byte` (b'a', only for u8) or absent (decimal)."""

    name = "rust.lit"
    value = prop_def(IntAttr)
    spelling = opt_prop_def(StringAttr)
    suffix = opt_prop_def(UnitAttr)
    result = result_def()


@op_definition
class BoolOp(IRDLOperation):
    """`true` or `false` (value 1 or 0)."""

    name = "rust.bool"
    value = prop_def(IntAttr)
    result = result_def()


@op_definition
class FloatOp(IRDLOperation):
    """A floating literal, printed so that it reads back exactly."""

    name = "rust.float"
    value = prop_def(FloatAttr[AnyFloat])
    suffix = opt_prop_def(UnitAttr)
    result = result_def()


@op_definition
class BytesOp(IRDLOperation):
    """`b"…"`: a reference to an array of u8; `bytes` is hexadecimal."""

    name = "rust.bytes"
    bytes = prop_def(StringAttr)
    result = result_def()


@op_definition
class StrOp(IRDLOperation):
    """A string literal `"…"`."""

    name = "rust.str"
    text = prop_def(StringAttr)
    result = result_def()


@op_definition
class PathOp(IRDLOperation):
    """A name that is not a binding: a constant, a static, `None`, `u32::MAX`."""

    name = "rust.path"
    path = prop_def(StringAttr)
    result = result_def()


@op_definition
class BinaryOp(IRDLOperation):
    """`lhs kind rhs` for + - * / % & | ^ << >> == != < <= > >= && ||."""

    name = "rust.binary"
    kind = prop_def(StringAttr)
    lhs = operand_def()
    rhs = operand_def()
    result = result_def()


@op_definition
class UnaryOp(IRDLOperation):
    """`-operand` or `!operand`."""

    name = "rust.unary"
    kind = prop_def(StringAttr)
    operand = operand_def()
    result = result_def()


@op_definition
class DerefOp(IRDLOperation):
    """`*operand`."""

    name = "rust.deref"
    operand = operand_def()
    result = result_def()


@op_definition
class RefOp(IRDLOperation):
    """`&operand` or `&mut operand`."""

    name = "rust.ref_of"
    mutable = opt_prop_def(UnitAttr)
    operand = operand_def()
    result = result_def()


@op_definition
class CastOp(IRDLOperation):
    """`operand as T`."""

    name = "rust.cast"
    operand = operand_def()
    result = result_def()


@op_definition
class CallOp(IRDLOperation):
    """`callee(args)`, callee a path such as `f`, `u32::from_le_bytes`, `Some`."""

    name = "rust.call"
    callee = prop_def(StringAttr)
    args = var_operand_def()
    result = result_def()


@op_definition
class MethodOp(IRDLOperation):
    """`receiver.method[::<turbofish>](args)`; operand 0 is the receiver."""

    name = "rust.method"
    method = prop_def(StringAttr)
    turbofish = opt_prop_def(StringAttr)
    operands_ = var_operand_def()
    result = result_def()


@op_definition
class MacroOp(IRDLOperation):
    """`callee!(args)`, e.g. `assert!`, `panic!`, `println!`; a format string is a `str` operand."""

    name = "rust.macro"
    callee = prop_def(StringAttr)
    args = var_operand_def()
    result = result_def()


@op_definition
class IndexOp(IRDLOperation):
    """`base[index]`; with a range index the result type is a slice."""

    name = "rust.index"
    base = operand_def()
    index = operand_def()
    result = result_def()


@op_definition
class RangeOp(IRDLOperation):
    """`lo..hi`, `lo..`, `..hi`, `..`, `lo..=hi`: operands are the bounds present, told by `has_lo` and `has_hi`."""

    name = "rust.range_of"
    has_lo = opt_prop_def(UnitAttr)
    has_hi = opt_prop_def(UnitAttr)
    inclusive = opt_prop_def(UnitAttr)
    bounds = var_operand_def()
    result = result_def()


@op_definition
class FieldOp(IRDLOperation):
    """`base.field` (a tuple index is a field too)."""

    name = "rust.field"
    field = prop_def(StringAttr)
    base = operand_def()
    result = result_def()


@op_definition
class ArrayOp(IRDLOperation):
    """`[a, b, c]`."""

    name = "rust.array_of"
    elements = var_operand_def()
    result = result_def()


@op_definition
class RepeatOp(IRDLOperation):
    """`[value; count]`."""

    name = "rust.repeat"
    count = prop_def(IntAttr)
    value = operand_def()
    result = result_def()


@op_definition
class StructLitOp(IRDLOperation):
    """`Name { field: value, … }`."""

    name = "rust.struct_lit"
    field_names = prop_def(ArrayAttr[StringAttr])
    values = var_operand_def()
    result = result_def()


@op_definition
class TupleOp(IRDLOperation):
    """`(a, b)`."""

    name = "rust.tuple_of"
    elements = var_operand_def()
    result = result_def()


STATEMENT_OPS = (
    LetOp,
    LetTupleOp,
    AssignOp,
    AssignOpOp,
    ExprOp,
    WhileOp,
    LoopOp,
    ForOp,
    BreakOp,
    ContinueOp,
    ReturnOp,
    CommentOp,
    YieldOp,
)
"""Always statements; `if`, `match`, `block` are statements when they have no result."""

_OPS: tuple[type[Operation], ...] = (
    *(FnOp, OutlineOp, StructOp, ConstOp, ModOp, UseOp, VerbatimOp),
    *STATEMENT_OPS,
    *(IfOp, MatchOp, BlockOp),
    *(
        LitOp,
        BoolOp,
        FloatOp,
        BytesOp,
        StrOp,
        PathOp,
        BinaryOp,
        UnaryOp,
        DerefOp,
        RefOp,
        CastOp,
        CallOp,
        MethodOp,
        MacroOp,
    ),
    *(IndexOp, RangeOp, FieldOp, ArrayOp, RepeatOp, StructLitOp, TupleOp),
)

Rust = Dialect("rust", list(_OPS), list(TYPES))


def is_statement(op: Operation) -> bool:
    """True for an op that stands at the root of a statement."""
    kind = type(op)  # by class: `isinstance` asks each of them in turn
    return kind in _STATEMENTS or (kind in _BLOCKS and not op.results)


_STATEMENTS = frozenset[type[Operation]](STATEMENT_OPS)
_BLOCKS = frozenset[type[Operation]]((IfOp, MatchOp, BlockOp))
