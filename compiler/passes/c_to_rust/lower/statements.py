"""Statements. Each C construct becomes the Rust construct that says the same, with labels only where a jump needs one.

    for (i = 0; i < n; i++)         for i in 0..n               when the loop is counted (`loops`)
    while (c) …                     while c …
    do … while (c)                  loop { …; if !c { break; } }
    switch                          match (`switches`)

A local becomes a `let` without a value where C gave none (`place-lets` finds it a home); a pointer that is an alias becomes nothing, or a
`let` that holds its offset; a cursor becomes an index variable.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from xdsl.ir import Attribute, Block, Operation, Region, SSAValue

from compiler.analysis.loops import constant_of
from compiler.analysis.paths import Base, BaseKind, Elem, Path
from compiler.analysis.provenance import PointerKind, points_to_const
from compiler.analysis.ranges import type_range
from compiler.analysis.variables import Variable, is_binding
from compiler.codes import Code
from compiler.diagnostics import CompileError, refusal
from compiler.dialects import minic, rust
from compiler.dialects.minic_types import FloatType, IntType, PlaceType, PtrType
from compiler.dialects.rust_build import Builder
from compiler.dialects.rust_types import U8, USIZE, NeverType, ref, slice_of
from compiler.dialects.walking import ops_at
from compiler.passes.c_to_rust.editing import erase_unused
from compiler.passes.c_to_rust.lower.calls import Calls
from compiler.passes.c_to_rust.lower.context import Analyses, placed_at
from compiler.passes.c_to_rust.lower.jumps import Jumps, Target
from compiler.passes.c_to_rust.lower.names import rust_name
from compiler.passes.c_to_rust.lower.segments import escaped
from compiler.passes.c_to_rust.lower.types import held_type, rust_type
from compiler.passes.c_to_rust.lower.values import OPERATORS


class Statements(Calls):
    """Layer 5: statements (loops and switches are in the layers above)."""

    def __init__(self, analyses: Analyses, name: str, builder: Builder) -> None:
        super().__init__(analyses, name, builder)
        self.jumps = Jumps(self.names)

    # --- blocks --------------------------------------------------------------------------------------------------------------

    def block(self, region: Region) -> Block:
        """The statements of a region as a Rust block."""
        made = Block()
        with self.b.inside(made):
            self.statements(region.block)
        return made

    def region_block(self, region: Region, finish: Callable[[SSAValue], None]) -> Block:
        made = Block()
        with self.b.inside(made):
            self.statements(region.block, finish)
        return made

    def statements(self, block: Block, finish: Callable[[SSAValue], None] | None = None) -> None:
        """Lower the statements of a block here; `finish` takes what it yields."""
        for op in ops_at(block):
            if isinstance(op, minic.YieldOp):
                assert finish is not None
                self.b.location = op.location
                finish(op.value)
            elif minic.is_statement(op):
                self.b.location = op.location
                self.statement(op)

    def statement(self, op: Operation) -> None:
        """Lower one statement here."""
        lower = self.LOWERINGS.get(type(op))
        assert lower is not None, op.name
        try:
            lower(self, op)
        except CompileError as error:
            raise placed_at(op, error) from None

    # --- variables -----------------------------------------------------------------------------------------------------------

    def _local(self, op: minic.LocalOp) -> None:
        variable = self.variable(op.place)
        if self.is_counter(variable):
            return
        if isinstance(variable.type, PtrType):
            self._pointer(op, variable)
            return
        name = self.variable_name(variable)
        kind = held_type(variable.type)
        init = None if op.init is None else self._root_value(op.init)
        self.bindings[op.place] = self.b.let(name, init, kind)

    def is_counter(self, variable: Variable) -> bool:
        """True for the variable of counted loops, which the `for` declares."""
        return self.facts.ranges.is_counter(variable)

    def _root_value(self, value: SSAValue) -> SSAValue:
        return self.root_call(value.owner) if isinstance(value.owner, minic.CallOp) else self.value(value)

    def _pointer(self, op: minic.LocalOp, variable: Variable) -> None:
        if not (variable.loads or variable.assigns or variable.updates):
            return
        pointer = self.facts.provenance.pointer(op.place)
        if pointer.kind is PointerKind.ALIAS:
            self._bind_alias(variable, pointer.path)
            return
        if pointer.kind is PointerKind.STATIC:
            text = None if op.init is None else self._static_value(op.init, variable)
            self.bindings[op.place] = self.b.let(self.variable_name(variable), text, ref(slice_of(U8)))
            return
        if pointer.kind is PointerKind.SLICE:
            assert op.init is not None
            self.bindings[op.place] = self.b.let(self.variable_name(variable), self.slice_at(op.init, False, op))
            return
        init = None
        if op.init is not None:
            self._bind_text(self.resolve(op.init).base, variable)
            elem = self.resolve(op.init).last_elem
            assert elem is not None
            init = self.offset(elem)
        self.bindings[op.place] = self.b.let(self.variable_name(variable), init, USIZE)

    def _bind_text(self, base: Base, variable: Variable) -> None:
        """Hold the literal that a pointer will move over, where it takes a computation to get it."""
        if base.kind is BaseKind.SLICE and base.place is not None and not is_binding(base.place):
            name = self.names.fresh(rust_name(f"{variable.name}_text"))
            self.bindings[base.place] = self.b.let(name, self.static_text(base.place))

    def _static_value(self, pointer: SSAValue, variable: Variable) -> SSAValue:
        """What is given to a variable that holds literals."""
        assert isinstance(variable.type, PtrType)
        if rust_type(variable.type.pointee) != U8:
            raise refusal(
                Code.TYPE_PUNNING, None, "a string literal is used as another type", help="make it a `char *`"
            )
        return self.static_text(pointer)

    def _bind_alias(self, variable: Variable, path: Path) -> None:
        """Hold the variable parts of an alias in `let`s, so that every use of it means what it meant here."""
        once = len(variable.loads) == 1
        for step in path.steps:
            if (
                isinstance(step, Elem)
                and step.terms
                and step.terms not in self.bound
                and not self._is_fixed(step, once)
            ):
                binding = self.b.let(self._alias_name(variable), self.offset(step))
                self.bound[step.terms] = (binding, step.constant)

    def _alias_name(self, variable: Variable) -> str:
        """`p_at`; a number is added where an enclosing block declares another `p`, whose own index must stay visible."""
        name = rust_name(f"{variable.name}_at")
        others = [
            other for other in self.facts.variables.values() if other.name == variable.name and other is not variable
        ]
        return (
            self.names.fresh(name) if any(_encloses(other, variable) for other in others) else self.names.reserve(name)
        )

    def _is_fixed(self, step: Elem, once: bool) -> bool:
        """The offset needs no `let`: it means the same wherever it stands, and is a plain variable or is used once."""
        simple = len(step.terms) == 1 and not step.terms[0].negative and self._is_plain_usize(step.terms[0].value)
        return (once or simple) and all(self._is_fixed_value(term.value) for term in step.terms)

    def _is_plain_usize(self, value: SSAValue) -> bool:
        binding = self.binding_of_load(self.unwidened(value))
        return binding is not None and binding.type == USIZE

    def _is_fixed_value(self, value: SSAValue) -> bool:
        """Made of constants and of variables that never change while the alias lives."""
        op = value.owner
        match op:
            case minic.ConstOp():
                return True
            case minic.LoadOp() if is_binding(op.place) and isinstance(value.type, IntType):
                variable = self.variable(op.place)
                return self.is_counter(variable) or variable.is_stable
            case minic.CastOp() | minic.BinaryOp() | minic.UnaryOp():
                return all(self._is_fixed_value(each) for each in op.operands)
            case _:
                return False

    # --- assignments ---------------------------------------------------------------------------------------------------------

    def _assign(self, op: minic.AssignOp) -> None:
        if isinstance(op.value.type, PtrType):
            self._assign_pointer(op)
            return
        if is_binding(op.place) and self.is_counter(self.variable(op.place)):
            return  # the initial value of a counted loop
        place = self._written_place(op.place, op)
        self.b.assign(place, self._root_value(op.value))

    def _written_place(self, place: SSAValue, op: Operation) -> SSAValue:
        if is_binding(place):
            return self.bindings[place]
        return self.place(self.path_of(place), op, written=True)

    def _assign_pointer(self, op: minic.AssignOp) -> None:
        if not is_binding(op.place):
            self._store_pointer(op)
            return
        if self.facts.provenance.pointer(op.place).kind is PointerKind.STATIC:
            self.b.assign(self.bindings[op.place], self._static_value(op.value, self.variable(op.place)))
            return
        path = self.resolve(op.value)
        if path.base.kind is BaseKind.SLICE and path.base.place not in self.bindings:
            raise self.refuse(
                Code.RETURNED_POINTER,
                op,
                "a pointer that moves is given a computed string",
                help="give it in its declaration",
            )
        elem = path.last_elem
        assert elem is not None
        self.b.assign(self.bindings[op.place], self.offset(elem))

    def _store_pointer(self, op: minic.AssignOp) -> None:
        """`s.p = q;`: the field takes a slice of what q points at."""
        place = self._written_place(op.place, op)
        assert isinstance(op.place.type, PlaceType)
        self.b.assign(place, self.slice_at(op.value, not points_to_const(op.place.type.of), op))

    def _update(self, op: minic.UpdateOp) -> None:
        if isinstance(op.compute, PtrType):
            self._move_pointer(op)
            return
        place = self._written_place(op.place, op)
        self._combine_into(op, place)

    def _combine_into(self, op: minic.UpdateOp, place: SSAValue) -> None:
        """`place kind= value` where Rust's compound assignment says the same, else the operation spelled out."""
        kind = op.kind.data
        held = _held(op.place)
        narrow = isinstance(held, IntType) and isinstance(op.compute, IntType) and held != op.compute
        if isinstance(held, FloatType) and held == op.compute:
            self.b.assign_op(OPERATORS[kind], place, self.value(op.value))
        elif narrow or not isinstance(op.compute, IntType):
            self._spelled_out(op, place)
        elif kind in ("shl", "shr"):
            self.b.assign_op(OPERATORS[kind], place, self._count(op.value))
        elif not op.compute.signed and kind in ("add", "sub", "mul") and self._update_wraps(op):
            self._wrapping_into(op, place)
        else:
            self.b.assign_op(OPERATORS[kind], place, self.value(op.value))

    def _update_wraps(self, op: minic.UpdateOp) -> bool:
        """The new value is not proven to fit."""
        if not is_binding(op.place):
            return True
        held, amount = self.facts.ranges.before(op), self.interval(op.value)
        if op.kind.data == "sub" and self.facts.ranges.covers(op):
            return False
        exact = {"add": lambda: held + amount, "sub": lambda: held - amount, "mul": lambda: held * amount}[
            op.kind.data
        ]()
        return not exact.within(type_range(op.compute))

    def _wrapping_into(self, op: minic.UpdateOp, place: SSAValue) -> None:
        again = self._written_place(op.place, op)
        method = {"add": "wrapping_add", "sub": "wrapping_sub", "mul": "wrapping_mul"}[op.kind.data]
        self.b.assign(place, self.b.method(method, again, self.value(op.value), ty=place.type))

    def _spelled_out(self, op: minic.UpdateOp, place: SSAValue) -> None:
        """The load converted to the type of the computation, the result converted back; narrow where that is exact."""
        held, compute = _held(op.place), op.compute
        load = minic.LoadOp.create(operands=[op.place], result_types=[held], location=op.location)
        block = op.parent
        assert block is not None
        made: list[Operation] = [load]
        left = load.result
        if held != compute:
            made.append(minic.CastOp.create(operands=[left], result_types=[compute], location=op.location))
            left = made[-1].results[0]
        made.append(
            minic.BinaryOp.create(
                operands=[left, op.value],
                result_types=[compute],
                properties={"kind": op.kind},
                location=op.location,
            )
        )
        block.insert_ops_before(made, op)
        made.append(minic.CastOp.create(operands=[made[-1].results[0]], result_types=[held], location=op.location))
        block.insert_op_before(made[-1], op)
        self.b.assign(place, self.value(made[-1].results[0]))
        for each in reversed(made):
            each.detach()
            each.erase()

    def _move_pointer(self, op: minic.UpdateOp) -> None:
        if not is_binding(op.place):
            self._move_field(op)
            return
        self.facts.provenance.pointer(op.place)
        cursor = self.bindings[op.place]
        forward = op.kind.data == "add"
        if forward and (constant_of(op.value) is not None or self.interval(op.value).is_nonnegative):
            self.b.assign_op("+", cursor, self.index(op.value))
            return
        method = "wrapping_add" if forward else "wrapping_sub"  # C programs do step to just before an array
        self.b.assign(cursor, self.b.method(method, cursor, self.index(op.value), ty=USIZE))

    def _move_field(self, op: minic.UpdateOp) -> None:
        """`s.p += n;` on a pointer to const: the field becomes the rest of its slice. Only forward: what is passed is gone."""
        assert isinstance(op.place.type, PlaceType)
        if op.kind.data != "add" or not self.interval(op.value).is_nonnegative or not points_to_const(op.place.type.of):
            raise self.refuse(
                Code.MOVED_FIELD,
                op,
                "a pointer in a struct is moved back, or moved while it can be written through",
                help="keep an index beside the pointer",
            )
        place = self._written_place(op.place, op)
        again = self._written_place(op.place, op)
        rest = self.b.index(again, self.b.range(self.index(op.value)))
        self.b.assign(place, self.b.ref(rest))

    # --- the rest ------------------------------------------------------------------------------------------------------------

    def _eval(self, op: minic.EvalOp) -> None:
        value = op.value.owner
        is_variable = isinstance(value, minic.LoadOp) and is_binding(value.place)  # `(void)x;`
        if not isinstance(op.value.type, PtrType) and not is_variable:
            self.b.expr(self._root_value(op.value))

    def _call(self, op: minic.CallStmtOp) -> None:
        self.call_statement(op)

    def _assert(self, op: minic.AssertOp) -> None:
        cond = self.cond(op.cond)
        known = _known_truth(cond)
        if known is None:
            self.b.expr(self.b.macro("assert", [cond]))
            return
        erase_unused(cond)
        if not known:
            self.b.expr(self.b.macro("panic", [self.b.str_(f"assertion failed: {escaped(op.text.data)}")], NeverType()))

    def _comment(self, op: minic.CommentOp) -> None:
        self.b.comment(op.text.data)

    def _scope(self, op: minic.ScopeOp) -> None:
        """A C block; a Rust block only where a name declared in it would otherwise be seen outside."""
        if self._leaks(op):
            self.b.block_(self.block(op.body))
        else:
            self.statements(op.body.block)

    def _leaks(self, op: minic.ScopeOp) -> bool:
        """Some name declared in the block is declared elsewhere in the function too."""
        names = [
            each.var_name.data for each in op.body.block.ops if isinstance(each, minic.LocalOp) and self._is_kept(each)
        ]
        everywhere = [variable.name for variable in self.facts.variables.values()]
        return any(everywhere.count(name) > 1 for name in names)

    def _is_kept(self, op: minic.LocalOp) -> bool:
        variable = self.variable(op.place)
        return not self.is_counter(variable)

    def _if(self, op: minic.IfOp) -> None:
        cond = self.cond(op.cond)
        self.b.if_(cond, self.block(op.then), self.block(op.orelse))

    def _return(self, op: minic.ReturnOp) -> None:
        if op.value is None:
            self.b.return_()
        elif isinstance(op.value.type, PtrType) and self.program.returns_literals(self.name):
            self.b.return_(self.static_text(op.value))
        elif isinstance(op.value.type, PtrType):
            raise self.refuse(
                Code.RETURNED_POINTER,
                op,
                "a pointer is returned",
                help="return an index into the array, or write through a parameter",
            )
        elif self.is_main and constant_of(op.value) == 0:
            self.b.return_()  # the status that a `main` ends with by itself
        elif self.is_main:
            self.b.expr(self.exit_with(self._root_value(op.value)))
        else:
            self.b.return_(self._root_value(op.value))

    @property
    def is_main(self) -> bool:
        """True for the program's entry."""
        return self.name == "main"

    def exit_with(self, status: SSAValue) -> SSAValue:
        """`std::process::exit(status)`."""
        return self.b.call("std::process::exit", [status], NeverType())

    def _labelled(self, op: minic.LabelledOp) -> None:
        target = Target("block", is_loop=False, name=rust_name(op.label.data))
        target.label = self.names.fresh(target.name)
        self.jumps.stack.append(target)
        body = self.block(op.body)
        self.jumps.stack.pop()
        self.b.block_(body, target.label)

    def _leave(self, op: minic.LeaveOp) -> None:
        self.b.break_(self.jumps.label(self.jumps.named(rust_name(op.label.data))))

    def _break(self, op: minic.BreakOp) -> None:
        target = self.jumps.innermost_break()
        self.b.break_(self.jumps.label_to(target))

    def _continue(self, op: minic.ContinueOp) -> None:
        loop = self.jumps.innermost_loop()
        if loop.continues is not None:
            self.b.break_(self.jumps.label(loop.continues))
        else:
            self.b.continue_(self.jumps.label_to(loop))

    def negated(self, value: SSAValue) -> SSAValue:
        """`!cond`, with comparisons turned round."""
        made = minic.NotOp.create(operands=[value], result_types=[value.type])
        result = self.cond(made.result)
        made.erase()
        return result

    def constant_truth(self, region: Region) -> bool | None:
        """The value of a condition that is a constant."""
        ops = list(region.block.ops)
        end = ops[-1]
        if not isinstance(end, minic.YieldOp) or any(minic.is_statement(each) for each in ops[:-1]):
            return None
        value = end.value
        if isinstance(value.owner, minic.TruthOp):
            value = value.owner.operand
        constant = constant_of(value)
        return None if constant is None else constant != 0

    LOWERINGS: ClassVar[dict[type[Operation], Callable[..., None]]] = {
        minic.LocalOp: _local,
        minic.AssignOp: _assign,
        minic.UpdateOp: _update,
        minic.EvalOp: _eval,
        minic.CallStmtOp: _call,
        minic.AssertOp: _assert,
        minic.CommentOp: _comment,
        minic.ScopeOp: _scope,
        minic.IfOp: _if,
        minic.ReturnOp: _return,
        minic.LabelledOp: _labelled,
        minic.LeaveOp: _leave,
        minic.BreakOp: _break,
        minic.ContinueOp: _continue,
    }


def _held(place: SSAValue) -> Attribute:
    """The type of what a place holds."""
    assert isinstance(place.type, PlaceType)
    return place.type.of


def _encloses(outer: Variable, inner: Variable) -> bool:
    """`outer` is declared in a block around the one that declares `inner`, or in the same one."""
    home = outer.place.owner
    block = home if isinstance(home, Block) else home.parent
    at = inner.place.owner
    here = at if isinstance(at, Block) else at.parent
    while here is not None:
        if here is block:
            return True
        parent = here.parent_op()
        here = parent.parent if parent is not None else None
    return False


def _known_truth(cond: SSAValue) -> bool | None:
    """The value of a Rust condition that is constant."""
    op = cond.owner
    match op:
        case rust.BoolOp():
            return op.value.data != 0
        case rust.BinaryOp() if op.kind.data == "&&":
            left, right = _known_truth(op.lhs), _known_truth(op.rhs)
            return left and right
        case _:
            return None
