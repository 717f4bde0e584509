"""The statements of minic. Part of the dialect `minic`, which see."""

from __future__ import annotations

from xdsl.dialects.builtin import ArrayAttr, IntAttr, StringAttr
from xdsl.irdl import (
    IRDLOperation,
    operand_def,
    opt_operand_def,
    opt_prop_def,
    prop_def,
    region_def,
    traits_def,
    var_operand_def,
    var_region_def,
)
from xdsl.traits import IsTerminator, NoTerminator

from compiler.dialects.minic_types import IntType, PlaceType
from compiler.dialects.op_definition import op_definition


@op_definition
class AssignOp(IRDLOperation):
    """`place = value`."""

    name = "minic.assign"
    place = operand_def(PlaceType)
    value = operand_def()


@op_definition
class UpdateOp(IRDLOperation):
    """`place kind= value`, the place evaluated once: the load is converted to `compute`, combined with `value` (already of that type,
    a shift count excepted), converted back. `kind` as in `binary`. On pointers: add/sub of an integer, `compute` being the pointer type."""

    name = "minic.update"
    kind = prop_def(StringAttr)
    compute = prop_def()
    place = operand_def(PlaceType)
    value = operand_def()


@op_definition
class EvalOp(IRDLOperation):
    """An expression evaluated for its calls; the value is dropped."""

    name = "minic.eval"
    value = operand_def()


@op_definition
class CallStmtOp(IRDLOperation):
    """A call statement whose result, if any, is dropped."""

    name = "minic.call_stmt"
    callee = prop_def(StringAttr)
    args = var_operand_def()


@op_definition
class AssertOp(IRDLOperation):
    """`assert(cond)`; `text` is the source of the condition."""

    name = "minic.assert"
    text = prop_def(StringAttr)
    cond = operand_def(IntType)


@op_definition
class CommentOp(IRDLOperation):
    """A comment that stood on its own above the next statement; lines joined by newline, decoration removed."""

    name = "minic.comment"
    text = prop_def(StringAttr)


@op_definition
class ScopeOp(IRDLOperation):
    """A C block."""

    name = "minic.scope"
    body = region_def()
    traits = traits_def(NoTerminator())


@op_definition
class IfOp(IRDLOperation):
    """`if`; an absent else is an empty block."""

    name = "minic.if"
    cond = operand_def(IntType)
    then = region_def()
    orelse = region_def()
    traits = traits_def(NoTerminator())


@op_definition
class WhileOp(IRDLOperation):
    """`while`; `cond` yields a bool."""

    name = "minic.while"
    cond = region_def("single_block")
    body = region_def()
    traits = traits_def(NoTerminator())


@op_definition
class DoWhileOp(IRDLOperation):
    """`do body while (cond)`."""

    name = "minic.do_while"
    body = region_def()
    cond = region_def("single_block")
    traits = traits_def(NoTerminator())


@op_definition
class ForOp(IRDLOperation):
    """`for (; cond; step)`: the initialisation stands before it (inside one `scope`, when it declares). `cond` yields a bool (an absent
    condition yields constant true); `step` is statements; `continue` in `body` goes to `step`."""

    name = "minic.for"
    cond = region_def("single_block")
    step = region_def()
    body = region_def()
    traits = traits_def(NoTerminator())


@op_definition
class SwitchOp(IRDLOperation):
    """`switch (value)`. `labels[i]` are the case values of section i (sections in source order); `default_section` is the index of the
    section that holds `default`, or -1. `falls[i]` is 1 when the end of section i falls into section i + 1; a `break` that ended a
    section has been removed, others remain. Declarations that stood between sections have been moved before the switch. `names[i]` are the
    `define`s that the labels of section i were written as ("" for none)."""

    name = "minic.switch"
    labels = prop_def(ArrayAttr[ArrayAttr[IntAttr]])
    names = opt_prop_def(ArrayAttr[ArrayAttr[StringAttr]])
    falls = prop_def(ArrayAttr[IntAttr])
    default_section = prop_def(IntAttr)
    value = operand_def(IntType)
    sections = var_region_def()
    traits = traits_def(NoTerminator())


@op_definition
class BreakOp(IRDLOperation):
    """`break`."""

    name = "minic.break"


@op_definition
class ContinueOp(IRDLOperation):
    """`continue`."""

    name = "minic.continue"


@op_definition
class LabelledOp(IRDLOperation):
    """A block that `leave` with the same label leaves at its end: the `goto`s that C had, and the statements they skip."""

    name = "minic.labelled"
    label = prop_def(StringAttr)
    body = region_def()
    traits = traits_def(NoTerminator())


@op_definition
class LeaveOp(IRDLOperation):
    """Jumps to the end of the enclosing `labelled` of that label."""

    name = "minic.leave"
    label = prop_def(StringAttr)


@op_definition
class ReturnOp(IRDLOperation):
    """`return value`."""

    name = "minic.return"
    value = opt_operand_def()


@op_definition
class YieldOp(IRDLOperation):
    """The value of a region of `logical`, `select`, a loop's `cond` or a global's `init`."""

    name = "minic.yield"
    value = operand_def()
    traits = traits_def(IsTerminator())
