"""minic: C after type checking, as structured IR in which every expression carries its C type and every op its location.

    a[i++] = x + 1;        becomes      %t = minic.local "t" of %i ; minic.update %i ; minic.assign (minic.index %a, %t), %x + 1

What a reader, and every pass, may rely on (`Invariants` of minic):

1.  Conversions are explicit: promotions, usual arithmetic conversions, decay and assignment conversions are `cast`, `decay`, `truth`
    ops. Both operands of `binary` and `compare` have one type; a shift's right operand may have another integer type.
2.  Comparisons, `truth`, `not`, `logical` give `!minic.int<bool>`; where C uses such a value as an `int`, a `cast` makes it one.
3.  Expressions are trees: a result that is not a place made by `local` (or a parameter) has exactly one use, and the ops of one tree
    stand together, operands in evaluation order (left to right), directly before the statement op at its root.
4.  Expression ops have no side effect, except `call`. Assignments, updates and `++` inside C expressions have become statements of
    their own, with `local`s for the values they leave behind; the regions of `logical`, `select`, loops' `cond` may hold statements before `yield`.
5.  A tree with calls evaluates left to right. The front end chose that order; see its README.
6.  `break` and `continue` mean C's innermost loop or switch. `goto` has become `labelled`/`leave` (leaving blocks only).
7.  A `local` without initial value is uninitialised. Block-scope statics have become globals.

The front end refuses what minic cannot say: unions, function pointers, variable-length arrays, volatile, inline assembly, backward goto.
"""

from __future__ import annotations

from xdsl.dialects.builtin import (
    AnyFloat,
    ArrayAttr,
    FloatAttr,
    IntAttr,
    StringAttr,
    UnitAttr,
)
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
)
from xdsl.traits import NoTerminator, SymbolOpInterface

from compiler.dialects.minic_statements import (
    AssertOp,
    AssignOp,
    BreakOp,
    CallStmtOp,
    CommentOp,
    ContinueOp,
    DoWhileOp,
    EvalOp,
    ForOp,
    IfOp,
    LabelledOp,
    LeaveOp,
    ReturnOp,
    ScopeOp,
    SwitchOp,
    UpdateOp,
    WhileOp,
    YieldOp,
)
from compiler.dialects.minic_types import (
    ArrayType,
    FloatType,
    IntType,
    PlaceType,
    PtrType,
    StructType,
    VoidType,
)
from compiler.dialects.op_definition import op_definition

__all__ = ["Minic"]

# --- items ---------------------------------------------------------------------------------------------------------------------


@op_definition
class StructOp(IRDLOperation):
    """`struct sym_name { field_types[i] field_names[i]; … }`. Field types may be any minic type but void. `c_name`: how C spells it."""

    name = "minic.struct"
    sym_name = prop_def(StringAttr)
    c_name = opt_prop_def(StringAttr)
    field_names = prop_def(ArrayAttr[StringAttr])
    field_types = prop_def(ArrayAttr)
    field_offsets = prop_def(ArrayAttr[IntAttr])  # bytes
    size = prop_def(IntAttr)  # bytes
    doc = opt_prop_def(StringAttr)
    traits = traits_def(SymbolOpInterface())


@op_definition
class DefineOp(IRDLOperation):
    """A named constant: an object-like macro or an enumerator. `spelling` as in `const`; `group` names the enum, if one.

    `c_name` of this and the other items: the name in C, where linking gave the item another one.
    """

    name = "minic.define"
    sym_name = prop_def(StringAttr)
    c_name = opt_prop_def(StringAttr)
    value = prop_def(IntAttr)
    type = prop_def(IntType)
    spelling = opt_prop_def(StringAttr)
    group = opt_prop_def(StringAttr)
    doc = opt_prop_def(StringAttr)
    traits = traits_def(SymbolOpInterface())


@op_definition
class GlobalOp(IRDLOperation):
    """A file-scope (or block-scope static) variable of type `type`. `init` yields one constant value; without a `yield` it is zero.

    `is_const`: declared const. `exported`: external linkage. `extern`: declared, never defined here.
    """

    name = "minic.global"
    sym_name = prop_def(StringAttr)
    c_name = opt_prop_def(StringAttr)
    type = prop_def()
    is_const = opt_prop_def(UnitAttr)
    exported = opt_prop_def(UnitAttr)
    extern = opt_prop_def(UnitAttr)
    doc = opt_prop_def(StringAttr)
    init = region_def()
    traits = traits_def(SymbolOpInterface(), NoTerminator())


@op_definition
class FuncOp(IRDLOperation):
    """A function. Block arguments of `body` are the parameters as places; `result` is the C return type.

    A declaration without a body has an empty region. `exported`: external linkage. `variant_of`: the C function that this is a
    variant of, made by `specialise-aliases`.
    """

    name = "minic.func"
    sym_name = prop_def(StringAttr)
    c_name = opt_prop_def(StringAttr)
    param_names = prop_def(ArrayAttr[StringAttr])
    param_types = prop_def(ArrayAttr)
    result = prop_def()
    exported = opt_prop_def(UnitAttr)
    inline = opt_prop_def(UnitAttr)
    noreturn = opt_prop_def(UnitAttr)
    variant_of = opt_prop_def(StringAttr)
    doc = opt_prop_def(StringAttr)
    body = region_def()
    traits = traits_def(SymbolOpInterface(), NoTerminator())


# --- places --------------------------------------------------------------------------------------------------------------------


@op_definition
class LocalOp(IRDLOperation):
    """Declares a local variable (`synthetic`: a temporary of the front end). The only op whose result has many uses."""

    name = "minic.local"
    var_name = prop_def(StringAttr)
    synthetic = opt_prop_def(UnitAttr)
    init = opt_operand_def()
    place = result_def(PlaceType)


@op_definition
class GlobalRefOp(IRDLOperation):
    """The place of a global."""

    name = "minic.global_ref"
    symbol = prop_def(StringAttr)
    place = result_def(PlaceType)


@op_definition
class FieldOp(IRDLOperation):
    """`base.field`: from the place of a struct to the place of a field (`p->f` is `field(deref p)`)."""

    name = "minic.field"
    field = prop_def(StringAttr)
    base = operand_def(PlaceType)
    place = result_def(PlaceType)


@op_definition
class DerefOp(IRDLOperation):
    """`*pointer`."""

    name = "minic.deref"
    pointer = operand_def(PtrType)
    place = result_def(PlaceType)


@op_definition
class IndexOp(IRDLOperation):
    """`pointer[index]` = `*(pointer + index)`; index is any integer type, counted in elements."""

    name = "minic.index"
    pointer = operand_def(PtrType)
    index = operand_def(IntType)
    place = result_def(PlaceType)


@op_definition
class StringOp(IRDLOperation):
    """A string literal as the place of a `char` array; `bytes` is hexadecimal and includes the final NUL."""

    name = "minic.string"
    bytes = prop_def(StringAttr)
    place = result_def(PlaceType)


@op_definition
class TemporaryOp(IRDLOperation):
    """A compound literal: a fresh anonymous object holding `value`."""

    name = "minic.temporary"
    value = operand_def()
    place = result_def(PlaceType)


# --- values --------------------------------------------------------------------------------------------------------------------


@op_definition
class ConstOp(IRDLOperation):
    """An integer constant. `spelling`: `hex`, `char`, `bin` or absent (decimal). `symbol`: the `define` it was written as."""

    name = "minic.const"
    value = prop_def(IntAttr)
    spelling = opt_prop_def(StringAttr)
    symbol = opt_prop_def(StringAttr)
    result = result_def(IntType)


@op_definition
class FloatConstOp(IRDLOperation):
    """A floating constant (f64 attribute, exact)."""

    name = "minic.fconst"
    value = prop_def(FloatAttr[AnyFloat])
    result = result_def(FloatType)


@op_definition
class NullOp(IRDLOperation):
    """The null pointer."""

    name = "minic.null"
    result = result_def(PtrType)


@op_definition
class ZeroOp(IRDLOperation):
    """The all-zero value of any object type (what an initialiser leaves unsaid)."""

    name = "minic.zero"
    result = result_def()


@op_definition
class AggregateOp(IRDLOperation):
    """An array or struct value, elements in order. For arrays, elements beyond those given are zero; structs give every field."""

    name = "minic.aggregate"
    elements = var_operand_def()
    result = result_def(ArrayType | StructType)


@op_definition
class LoadOp(IRDLOperation):
    """Reads a place (scalar, pointer or struct; arrays decay instead, but an array is loaded where a struct value holds it)."""

    name = "minic.load"
    place = operand_def(PlaceType)
    result = result_def()


@op_definition
class AddrOp(IRDLOperation):
    """`&place`."""

    name = "minic.addr"
    place = operand_def(PlaceType)
    result = result_def(PtrType)


@op_definition
class DecayOp(IRDLOperation):
    """The place of an array as a pointer to its first element."""

    name = "minic.decay"
    place = operand_def(PlaceType)
    result = result_def(PtrType)


@op_definition
class PtrAddOp(IRDLOperation):
    """`pointer + index` in elements; with `negative`, `pointer - index`."""

    name = "minic.ptr_add"
    pointer = operand_def(PtrType)
    index = operand_def(IntType)
    negative = opt_prop_def(UnitAttr)
    result = result_def(PtrType)


@op_definition
class PtrDiffOp(IRDLOperation):
    """`lhs - rhs` in elements, an `isize`."""

    name = "minic.ptr_diff"
    lhs = operand_def(PtrType)
    rhs = operand_def(PtrType)
    result = result_def(IntType)


@op_definition
class BinaryOp(IRDLOperation):
    """`lhs kind rhs`, kind one of add sub mul div rem and or xor shl shr. Unsigned wraps; signed overflow is undefined in C."""

    name = "minic.binary"
    kind = prop_def(StringAttr)
    lhs = operand_def(IntType | FloatType)
    rhs = operand_def(IntType | FloatType)
    result = result_def(IntType | FloatType)


@op_definition
class UnaryOp(IRDLOperation):
    """`neg` (minus; wraps when unsigned) or `bitnot` (~)."""

    name = "minic.unary"
    kind = prop_def(StringAttr)
    operand = operand_def(IntType | FloatType)
    result = result_def(IntType | FloatType)


@op_definition
class CompareOp(IRDLOperation):
    """`lhs kind rhs`, kind one of eq ne lt le gt ge, on integers, floats or pointers (one of which may be `null`)."""

    name = "minic.compare"
    kind = prop_def(StringAttr)
    lhs = operand_def()
    rhs = operand_def()
    result = result_def(IntType)


@op_definition
class TruthOp(IRDLOperation):
    """`operand != 0` (or not null)."""

    name = "minic.truth"
    operand = operand_def()
    result = result_def(IntType)


@op_definition
class NotOp(IRDLOperation):
    """`!operand` on a bool."""

    name = "minic.not"
    operand = operand_def(IntType)
    result = result_def(IntType)


@op_definition
class LogicalOp(IRDLOperation):
    """`lhs && rhs` (kind `and`) or `lhs || rhs` (kind `or`): rhs is a region that yields a bool, run only if needed."""

    name = "minic.logical"
    kind = prop_def(StringAttr)
    lhs = operand_def(IntType)
    rhs = region_def("single_block")
    result = result_def(IntType)


@op_definition
class SelectOp(IRDLOperation):
    """`cond ? a : b`: two regions that yield values of the result type."""

    name = "minic.select"
    cond = operand_def(IntType)
    if_true = region_def("single_block")
    if_false = region_def("single_block")
    result = result_def()


@op_definition
class CastOp(IRDLOperation):
    """A conversion. To bool it is `!= 0`; between integers modulo 2^width; between pointers it changes the pointee type only."""

    name = "minic.cast"
    operand = operand_def()
    explicit = opt_prop_def(UnitAttr)  # the user wrote it
    result = result_def()


@op_definition
class CallOp(IRDLOperation):
    """A call of a function of this program or of the C library; no result when it returns void."""

    name = "minic.call"
    callee = prop_def(StringAttr)
    args = var_operand_def()
    result = opt_result_def()


PLACE_OPS = (LocalOp, GlobalRefOp, FieldOp, DerefOp, IndexOp, StringOp, TemporaryOp)
"""Ops that make places."""

STATEMENT_OPS = (
    LocalOp,
    AssignOp,
    UpdateOp,
    EvalOp,
    CallStmtOp,
    AssertOp,
    CommentOp,
    ScopeOp,
    IfOp,
    WhileOp,
    DoWhileOp,
    ForOp,
    SwitchOp,
    BreakOp,
    ContinueOp,
    LabelledOp,
    LeaveOp,
    ReturnOp,
    YieldOp,
)
"""Ops at the root of a statement: everything else in a block belongs to the tree of the next one."""

_OPS: tuple[type[Operation], ...] = (
    *(StructOp, DefineOp, GlobalOp, FuncOp),
    *PLACE_OPS,
    *(ConstOp, FloatConstOp, NullOp, ZeroOp, AggregateOp, LoadOp, AddrOp, DecayOp, PtrAddOp, PtrDiffOp),
    *(BinaryOp, UnaryOp, CompareOp, TruthOp, NotOp, LogicalOp, SelectOp, CastOp, CallOp),
    *STATEMENT_OPS[1:],
)

Minic = Dialect(
    "minic",
    list(_OPS),
    [IntType, FloatType, VoidType, PtrType, ArrayType, StructType, PlaceType],
)


_STATEMENTS = frozenset[type[Operation]](STATEMENT_OPS)


def is_statement(op: Operation) -> bool:
    """True for an op that stands at the root of a statement. By class: `isinstance` asks each of twenty in turn."""
    return type(op) in _STATEMENTS
