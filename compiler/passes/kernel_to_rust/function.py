"""One function of the loop language as a Rust function.

    scf.for %i = %0 to %n step %1 iter_args(%s = %zero)        let total = 0.0;
      { … scf.yield %t }                                       for i in 0..n { …; total += …; }

What a loop carries is a variable, assigned at the end of each round; a loop that is the only user of an outer variable goes
on with that variable. What an `if` gives is its value, or a tuple. Nothing is `mut` yet, and no type is written.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any

from xdsl.dialects import arith, func, memref, scf
from xdsl.dialects.builtin import ArrayAttr, MemRefType
from xdsl.ir import Attribute, Block, Operation, SSAValue

from compiler.analysis.loop_trees import continues_variable, ended_by, inlined
from compiler.dialects import cpu
from compiler.dialects.rust_build import Builder, Param
from compiler.dialects.rust_keywords import RESERVED
from compiler.dialects.rust_types import UNIT, USIZE, RangeType, TupleType, named, ref
from compiler.passes.kernel_to_rust.expressions import CONVERSIONS, EXPRESSIONS, WRITERS
from compiler.passes.kernel_to_rust.sliced_loops import Elements, is_number, runs_of_stores, sliced
from compiler.passes.kernel_to_rust.types import nothing, rust_type, scalar

_ACCUMULATES = {arith.AddfOp: "+", arith.OrIOp: "|", arith.AddiOp: "+"}

_MOST_PARAMETERS = 7
"""Clippy's idea of many; arrays of several matrices are more."""
ITERATOR = named("_")
"""The type of iterators and of what they may give, which the code never names."""


class Function:
    """One function while it is written; `written` tells the arrays that functions write, by their numbers."""

    def __init__(self, b: Builder, op: func.FuncOp, written: dict[str, frozenset[int]]) -> None:
        self.b, self.op, self.written = b, op, written
        self._bound: dict[SSAValue, SSAValue] = {}
        self._scopes: list[set[str]] = [set(RESERVED)]
        self._inlined = inlined(op, EXPRESSIONS)
        self._elements: set[Operation] = set()
        """Loads that a loop over a slice does by itself."""
        self._places: dict[memref.StoreOp, SSAValue] = {}
        """The elements that a loop over a slice writes."""
        self._held: dict[Operation, SSAValue] = {}
        """Loads of such elements."""
        self._parts: dict[memref.StoreOp, SSAValue] = {}
        self._runs: dict[memref.StoreOp, tuple[list[memref.StoreOp], int]] = {}
        """Of neighbouring stores, all of them and which one it is."""

    def write(self) -> None:
        """The `fn`."""
        arguments = self.op.body.block.args
        mine = self.written[self.op.sym_name.data]
        kinds = [rust_type(each.type, each.index in mine) for each in arguments]
        params = [Param(self._fresh(each), kind) for each, kind in zip(arguments, kinds, strict=True)]
        body = Block(arg_types=kinds)
        self._bound.update(zip(arguments, body.args, strict=True))
        with self._inside(body):
            self._block(self.op.body.block)
        outputs = list(self.op.function_type.outputs)
        public = self.op.sym_visibility is None
        result = rust_type(outputs[0]) if outputs else UNIT
        allow = ["clippy::too_many_arguments"] if len(params) > _MOST_PARAMETERS else []
        apart = not public and _has_loop_in_loop(self.op)
        self.b.fn(self.op.sym_name.data, params, result, body, public=public, inline_never=apart, allow=allow)

    # --- names and values ---------------------------------------------------------------------------------------------------

    def _fresh(self, value: SSAValue, otherwise: str = "x") -> str:
        """A name that nothing in this function has."""
        return self._named(value.name_hint or otherwise)

    def _named(self, wanted: str) -> str:
        """A name that nothing visible here has."""
        taken = set[str]().union(*self._scopes)
        names = (wanted if again == 1 else f"{wanted}_{again}" for again in count(1))
        found = next(name for name in names if name not in taken)
        self._scopes[-1].add(found)
        return found

    @contextmanager
    def _inside(self, block: Block) -> Generator[Block]:
        """In a block; what is named there is not known outside."""
        self._scopes.append(set())
        with self.b.inside(block):
            yield block
        self._scopes.pop()

    def _value(self, value: SSAValue) -> SSAValue:
        """Write a value here: a binding, or the expression it is."""
        owner = value.owner
        if isinstance(owner, Operation) and owner in self._inlined:
            return self._expression(owner)
        return self._bound[value]

    def _expression(self, op: Operation) -> SSAValue:
        if op in self._held:
            return self.b.deref(self._held[op])
        if isinstance(op, cpu.RestOp):
            part = self.b.index(self._value(op.array), self.b.range(lo=self._value(op.start)))
            return self.b.ref(part, self._is_written(op.result))
        shift = isinstance(op, arith.ShLIOp | arith.ShRUIOp)

        def operand(at: int) -> SSAValue:
            value = op.operands[at]
            return self._value(self._unconverted(value) if shift and at == 1 else value)

        return WRITERS[type(op)](self.b, op, operand)

    def _unconverted(self, value: SSAValue) -> SSAValue:
        """What a distance has been converted from."""
        owner = value.owner
        while isinstance(owner, CONVERSIONS) and owner in self._inlined:
            value = owner.operands[0]
            owner = value.owner
        return value

    def _is_written(self, array: SSAValue) -> bool:
        """Whether something writes through this array."""
        for use in array.uses:
            match use.operation:
                case memref.StoreOp() if use.index == 1:
                    return True
                case cpu.RestOp() if self._is_written(use.operation.result):
                    return True
                case func.CallOp() if use.index in self.written[use.operation.callee.string_value()]:
                    return True
                case _:
                    pass
        return False

    def _let(self, value: SSAValue, init: SSAValue) -> None:
        self._bound[value] = self.b.let(self._fresh(value), init)

    # --- statements ---------------------------------------------------------------------------------------------------------

    def _block(self, block: Block) -> None:
        for run in runs_of_stores(block):
            self._runs.update({each: (run, at) for at, each in enumerate(run)})
        for op in block.ops:
            if op not in self._inlined and op not in self._elements:
                self._statement(op)

    def _statement(self, op: Operation) -> None:
        match op:
            case memref.StoreOp():
                self._store(op)
            case memref.AllocaOp():
                kind = op.memref.type
                assert isinstance(kind, MemRefType)
                self._let(op.memref, self.b.repeat(nothing(self.b, kind.element_type), kind.get_shape()[0]))
            case scf.ForOp():
                self._for(op)
            case scf.WhileOp():
                self._while(op)
            case scf.IfOp():
                self._if(op)
            case func.CallOp():
                self._call(op)
            case cpu.PrefetchOp():
                self._read_early(op)
            case func.ReturnOp() if op.arguments:
                self.b.yield_(self._value(op.arguments[0]))
            case scf.YieldOp() | scf.ConditionOp() | func.ReturnOp():
                pass  # written by what they end
            case _:
                assert type(op) in EXPRESSIONS, f"{op.name} has no Rust"
                self._let(op.results[0], self._expression(op))

    def _read_early(self, op: cpu.PrefetchOp) -> None:
        """Safe Rust cannot fetch: it reads the element, if there is one, so that the compiler must. What follows it would cost as much again."""
        element = self.b.method("get", self._value(op.array), self._value(op.position), ty=ITERATOR)
        read = self.b.method("copied", element, ty=ITERATOR)
        self.b.expr(self.b.call("std::hint::black_box", [read], ITERATOR))

    def _store(self, op: memref.StoreOp) -> None:
        more = self._more(op)
        place = self._place(op)
        if more is None:
            self.b.assign(place, self._value(op.value))
        else:
            self.b.assign_op(more[0], place, self._value(more[1]))

    def _place(self, op: memref.StoreOp) -> SSAValue:
        """Where a store goes: an element of its array, of a part of it, or the one that a loop is at."""
        if op in self._places:
            return self.b.deref(self._places[op])
        if op not in self._runs:
            return self.b.index(self._value(op.memref), self._value(op.indices[0]))
        run, at = self._runs[op]
        if at == 0:
            self._places_of(run)
        return self.b.index(self._parts[run[0]], self.b.lit(at, USIZE))

    def _places_of(self, run: list[memref.StoreOp]) -> None:
        """A slice for neighbouring stores."""
        b, start = self.b, run[0].indices[0]
        array = self._value(run[0].memref)
        low = self._value(start)
        places = b.range(low, b.binary("+", self._value(start), b.lit(len(run), USIZE)))
        self._parts[run[0]] = b.let(self._named("part"), b.ref(b.index(array, places), mutable=True))

    def _more(self, op: memref.StoreOp) -> tuple[str, SSAValue] | None:
        """Of `a[i] = a[i] + more`: the operator and what is more."""
        found = self._accumulated(op.value)
        held = found[1].owner if found is not None else None
        if found is None or not isinstance(held, memref.LoadOp) or held not in self._inlined:
            return None
        same = held.memref is op.memref and held.indices[0] is op.indices[0]
        return (found[0], found[2]) if same else None

    def _accumulated(self, value: SSAValue) -> tuple[str, SSAValue, SSAValue] | None:
        """Of a sum that stands where it is used: operator, left and right. Integers that wrap have none."""
        owner = value.owner
        if not isinstance(owner, Operation) or owner not in self._inlined:
            return None
        wraps = isinstance(owner, arith.AddiOp) and scalar(value.type).kind.data != "usize"
        operator = next((kind for each, kind in _ACCUMULATES.items() if isinstance(owner, each)), None)
        return None if operator is None or wraps else (operator, owner.operands[0], owner.operands[1])

    def _call(self, op: func.CallOp) -> None:
        found = self.b.call(
            op.callee.string_value(),
            [self._value(each) for each in op.arguments],
            rust_type(op.res[0].type) if op.res else UNIT,
        )
        if op.res:
            self._let(op.res[0], found)
        else:
            self.b.expr(found)

    # --- what loops carry -----------------------------------------------------------------------------------------------------

    def _carry(self, starts: Sequence[SSAValue], inside: Sequence[SSAValue], results: Sequence[SSAValue]) -> None:
        """The variables of what a loop carries, declared with their first values."""
        for start, value, result in zip(starts, inside, results, strict=True):
            if self._continues(start, result):
                self._bound[value] = self._bound[start]
            else:
                value.name_hint = value.name_hint or result.name_hint
                self._let(value, self._value(start))
            self._bound[result] = self._bound[value]

    def _continues(self, start: SSAValue, result: SSAValue) -> bool:
        """A variable of the block that the loop stands in, which nothing but the loop reads."""
        loop = result.owner
        assert isinstance(loop, Operation)
        return start in self._bound and continues_variable(start, loop)

    def _assign(self, places: Sequence[SSAValue], values: Sequence[SSAValue]) -> None:
        """All at once: what one assignment changes, no other reads changed."""
        todo = [(place, value) for place, value in zip(places, values, strict=True) if not self._holds(place, value)]
        done: set[SSAValue] = set()
        for place, value in todo:
            if done & self._read_by(value):
                break
            done.add(place)
        else:
            for place, value in todo:
                self._assign_one(place, value)
            return
        kept = [(place, self.b.let(self._fresh(value, "next"), self._value(value))) for place, value in todo]
        for place, value in kept:
            self.b.assign(place, value)

    def _holds(self, place: SSAValue, value: SSAValue) -> bool:
        return value in self._bound and self._bound[value] is place

    def _read_by(self, value: SSAValue) -> set[SSAValue]:
        """The bindings in the expression that a value is."""
        owner = value.owner
        if not isinstance(owner, Operation) or owner not in self._inlined:
            return {self._bound[value]}
        return set[SSAValue]().union(*(self._read_by(each) for each in owner.operands))

    def _assign_one(self, place: SSAValue, value: SSAValue) -> None:
        found = self._accumulated(value)
        if found is not None and self._holds(place, found[1]):
            self.b.assign_op(found[0], place, self._value(found[2]))
        else:
            self.b.assign(place, self._value(value))

    # --- control ------------------------------------------------------------------------------------------------------------

    def _for(self, op: scf.ForOp) -> None:
        index, *state = op.body.block.args
        self._carry(op.iter_args, state, op.res)
        carried = [self._bound[each] for each in state]
        arrays = sliced(op, self.written[self.op.sym_name.data])
        if arrays:
            self._for_elements(op, arrays, carried)
            return
        bounds = self.b.range(self._value(op.lb), self._value(op.ub))
        if not is_number(op.step, 1):
            bounds = self.b.method("step_by", bounds, self._value(op.step), ty=RangeType(rust_type(index.type)))
        body = Block(arg_types=[rust_type(index.type)])
        self._bound[index] = body.args[0]
        self._scopes.append(set())
        name = self._fresh(index, "i")
        self._body(body, op.body.block, carried)
        self._scopes.pop()
        self.b.for_([name], bounds, body)

    def _for_elements(self, op: scf.ForOp, arrays: Mapping[SSAValue, Elements], carried: list[SSAValue]) -> None:
        """Over one slice, or over two side by side."""
        over = self._slices(op, arrays)
        self._scopes.append(set())
        names = [self._element_name(each) for each in arrays]
        body = Block(arg_types=[_element_type(array, each) for array, each in arrays.items()])
        for element, each in zip(body.args, arrays.values(), strict=True):
            self._places.update(dict.fromkeys(each.stores, element))
            if each.stores:
                self._held.update(dict.fromkeys(each.loads, element))
                continue
            self._inlined.difference_update(each.loads)
            self._elements.update(each.loads)
            self._bound.update({load.res: element for load in each.loads})
        self._body(body, op.body.block, carried)
        self._scopes.pop()
        self.b.for_(names, over, body, derefs=[not each.stores for each in arrays.values()])

    def _slices(self, op: scf.ForOp, arrays: Mapping[SSAValue, Elements]) -> SSAValue:
        """What the loop runs over."""
        (first, elements), *others = arrays.items()
        if not others:
            return self.b.ref(self._part(first, op), bool(elements.stores))
        for bound in (op.lb, op.ub):
            if bound not in self._bound and not isinstance(bound.owner, arith.ConstantOp):
                self._let(bound, self._value(bound))
                self._inlined.discard(bound.owner)  # type: ignore[arg-type]
        iterator = self.b.method("iter_mut" if elements.stores else "iter", self._part(first, op), ty=ITERATOR)
        ((second, elements),) = others
        return self.b.method("zip", iterator, self.b.ref(self._part(second, op), bool(elements.stores)), ty=ITERATOR)

    def _part(self, array: SSAValue, op: scf.ForOp) -> SSAValue:
        rest = array.owner
        if isinstance(rest, cpu.RestOp) and rest in self._inlined and is_number(op.lb, 0):
            end = self.b.binary("+", self._value(rest.start), self._value(op.ub))
            return self.b.index(self._value(rest.array), self.b.range(self._value(rest.start), end))
        place = self._value(array)
        low = None if is_number(op.lb, 0) else self._value(op.lb)
        return self.b.index(place, self.b.range(low, self._value(op.ub)))

    def _element_name(self, array: SSAValue) -> str:
        """`b_indices` has an index, `b_values` a value."""
        plural = (array.name_hint or "").rpartition("_")[2]
        return self._named({"indices": "index", "values": "value"}.get(plural, "item"))

    def _body(self, body: Block, block: Block, carried: list[SSAValue]) -> None:
        with self._inside(body):
            self._block(block)
            self._assign(carried, ended_by(block))

    def _while(self, op: scf.WhileOp) -> None:
        head, after = op.before_region.block, op.after_region.block
        end = head.last_op
        assert isinstance(end, scf.ConditionOp)
        self._carry(op.arguments, head.args, op.res)
        carried = [self._bound[each] for each in head.args]
        self._bound.update(zip(after.args, carried, strict=True))
        simple = all(each in self._inlined for each in head.ops if each is not end)
        body = Block()
        if simple and list(end.args) == list(head.args):
            self._body(body, after, carried)
            with self._inside(Block()) as condition:
                self.b.yield_(self._value(end.condition))
            self.b.while_(condition, body)
            return
        with self._inside(body):
            self._block(head)
            self._leave_unless(end, carried)
            self._block(after)
            self._assign(carried, ended_by(after))
        self.b.loop(body)

    def _leave_unless(self, end: scf.ConditionOp, carried: list[SSAValue]) -> None:
        """`if !condition { break; }`, after what the loop passes on has been assigned."""
        reads = self._read_by(end.condition)
        if reads & {place for place, each in zip(carried, end.args, strict=True) if not self._holds(place, each)}:
            condition = self.b.let(self._named("more"), self._value(end.condition))
            self._assign(carried, end.args)
        else:
            self._assign(carried, end.args)
            condition = self._value(end.condition)
        with self._inside(Block()) as leaving:
            self.b.break_()
        self.b.if_(self.b.unary("!", condition), leaving)

    def _if(self, op: scf.IfOp) -> None:
        kinds = [rust_type(each.type) for each in op.output]
        condition = self._value(op.cond)
        then = self._branch(op.true_region.block)
        other = self._branch(op.false_region.block) if op.false_region.blocks else None
        if not kinds:
            self.b.if_(condition, then, other)
            return
        assert other is not None
        if len(kinds) == 1:
            self._let(op.output[0], self.b.if_value(condition, then, other, kinds[0]))
            return
        chosen = self.b.if_value(condition, then, other, TupleType(ArrayAttr(kinds)))
        names = [self._fresh(each) for each in op.output]
        self._bound.update(zip(op.output, self.b.let_tuple(names, chosen), strict=True))

    def _branch(self, block: Block) -> Block:
        """The block, then its value."""
        with self._inside(Block()) as body:
            self._block(block)
            given = ended_by(block)
            if len(given) == 1:
                self.b.yield_(self._value(given[0]))
            elif given:
                self.b.yield_(self.b.tuple_(*(self._value(each) for each in given)))
        return body


def _element_type(array: SSAValue, elements: Elements) -> Attribute:
    """What the loop is given of an array: a number, or a place to write one to."""
    kind: Any = array.type
    number = rust_type(kind.element_type)
    return ref(number, is_mut=True) if elements.stores else number


def _has_loop_in_loop(function: func.FuncOp) -> bool:
    """Such a function wants the registers for itself: inlined, it would share them with the lengths of its caller's slices."""
    loops = [op for op in function.walk() if isinstance(op, scf.ForOp | scf.WhileOp)]
    return any(inner is not outer and outer.is_ancestor(inner) for outer in loops for inner in loops)
