"""A whole function body: parameters in, the end out; and constant expressions, which have no function around them."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.ir import Block, Operation, SSAValue

from compiler.analysis.interval import Interval
from compiler.analysis.library import library_function
from compiler.analysis.paths import Path
from compiler.analysis.provenance import PointerKind, Provenance, is_argument_vector
from compiler.analysis.ranges import Ranges
from compiler.codes import Code
from compiler.dialects import minic
from compiler.dialects.minic_types import IntType, PtrType, VoidType
from compiler.dialects.rust_build import Builder, Param
from compiler.dialects.rust_types import I32, U8, USIZE, named, slice_of
from compiler.passes.c_to_rust.lower.context import Analyses
from compiler.passes.c_to_rust.lower.loops import Loops
from compiler.passes.c_to_rust.lower.names import rust_name
from compiler.passes.c_to_rust.lower.types import zero_value


class FunctionLowering(Loops):
    """The lowering of one function."""

    def parameters(self, function: minic.FuncOp, body: Block, params: Sequence[Param]) -> None:
        """Bind the parameters; a pointer that moves gets an index variable beside its slice."""
        for place, argument in zip(function.body.block.args, body.args, strict=True):
            self.bindings[place] = argument
        for place, param in zip(function.body.block.args, params, strict=True):
            variable = self.variable(place)
            if isinstance(variable.type, PtrType) and variable.loads:
                self._pointer_parameter(place, param)

    def program_arguments(self, function: minic.FuncOp) -> None:
        """`argc` and `argv`, where they are used."""
        used = [place for place in function.body.block.args if _is_read(place)]
        counts = [place for place in used if isinstance(self.variable(place).type, IntType)]
        vectors = [place for place in used if is_argument_vector(place)]
        if len(counts) + len(vectors) < len(used):
            raise self.refuse(
                Code.UNMAPPED_FUNCTION,
                function,
                "`main` takes more than `argc` and `argv`",
                help="call `getenv` from Rust",
            )
        for place in vectors:
            name = self.variable_name(self.variable(place))
            self.bindings[place] = self.b.let(name, self.cstd("args", []), slice_of(slice_of(U8)))
        for place in counts:
            count = self.b.call("std::env::args_os", [], named("std::env::ArgsOs"))
            length = self.b.method("len", self.bindings[vectors[0]] if vectors else count, ty=USIZE)
            self.bindings[place] = self.b.let(self.variable_name(self.variable(place)), self.b.cast(length, I32), I32)

    def _pointer_parameter(self, place: SSAValue, param: Param) -> None:
        if self.facts.provenance.pointer(place).kind is PointerKind.CURSOR:
            name = self.names.fresh(rust_name(f"{param.name}_at"))
            self.bases[place] = self.bindings[place]
            self.bindings[place] = self.b.let(name, self.b.lit(0, USIZE), USIZE)

    def finish(self, function: minic.FuncOp) -> None:
        """What happens when control reaches the closing brace: C leaves the result undefined, `main` returns 0."""
        if self.is_main or isinstance(function.result, VoidType) or not _falls_through(function.body.block):
            return
        self.b.return_(zero_value(self.b, function.result, self.program))

    def exit_main(self) -> SSAValue:
        """The status of a `main` that ends without one."""
        return self.exit_with(self.b.lit(0, I32))


class Constants(Loops):
    """Values of globals: the layers of expressions, with nothing known but types."""

    def __init__(self, analyses: Analyses, builder: Builder, item: Operation) -> None:
        self.analyses = analyses
        self.program = analyses.program
        self.name = ""
        self.b = builder
        self._provenance = Provenance(item, {})
        self._ranges = Ranges()
        self.bound = {}

    def resolve(self, value: SSAValue) -> Path:
        return self._provenance.resolve(value)

    def path_of(self, place: SSAValue) -> Path:
        return self._provenance.place(place)

    def interval(self, value: SSAValue) -> Interval:
        return self._ranges.of(value)

    def at_least(self, lhs: SSAValue, rhs: SSAValue) -> bool:
        return False

    def binding_of_load(self, value: SSAValue) -> SSAValue | None:
        return None

    def table_text(self, pointer: SSAValue) -> SSAValue:
        """The type of the table makes slices of arrays."""
        op = pointer.owner
        while isinstance(op, minic.CastOp):
            op = op.operand.owner
        if not isinstance(op, minic.DecayOp) or not isinstance(op.place.owner, minic.StringOp):
            return zero_value(self.b, pointer.type, self.program)
        return self.b.bytes_(bytes.fromhex(op.place.owner.bytes.data))


def _is_read(place: SSAValue) -> bool:
    """The variable is used for more than `(void)argc`."""
    users = (use.operation for use in place.uses)
    return any(not (isinstance(user, minic.LoadOp) and _is_dropped(user.result)) for user in users)


def _is_dropped(value: SSAValue) -> bool:
    use = value.get_unique_use()
    return use is not None and isinstance(use.operation, minic.EvalOp)


def _falls_through(block: Block) -> bool:
    """Control may reach the end of the block."""
    last = block.last_op
    while last is not None and isinstance(last, minic.CommentOp):
        last = last.prev_op
    return last is None or not _diverges(last)


def _diverges(op: Operation) -> bool:
    match op:
        case minic.ReturnOp() | minic.LeaveOp() | minic.BreakOp() | minic.ContinueOp():
            return True
        case minic.CallStmtOp():
            known = library_function(op)
            return known is not None and known.diverges
        case minic.IfOp():
            return not _falls_through(op.then.block) and not _falls_through(op.orelse.block)
        case minic.ScopeOp():
            return not _falls_through(op.body.block)
        case minic.WhileOp() | minic.ForOp():
            return _is_endless(op)
        case minic.SwitchOp():
            return _all_leave(op)
        case _:
            return False


def _is_endless(op: minic.WhileOp | minic.ForOp) -> bool:
    end = op.cond.block.last_op
    assert isinstance(end, minic.YieldOp)
    value = end.value.owner
    if isinstance(value, minic.TruthOp):
        value = value.operand.owner
    constant = isinstance(value, minic.ConstOp) and value.value.data != 0
    return constant and not any(isinstance(each, minic.BreakOp | minic.LeaveOp) for each in op.body.walk())


def _all_leave(op: minic.SwitchOp) -> bool:
    if op.default_section.data < 0 or any(isinstance(each, minic.BreakOp) for each in op.walk()):
        return False
    falls = [flag.data for flag in op.falls.data]
    ends = [not _falls_through(section.block) for section in op.sections]
    return all(end or fall for end, fall in zip(ends, falls, strict=True)) and ends[-1]
