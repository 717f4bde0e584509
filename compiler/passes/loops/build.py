"""Writes functions of the loop language: `func`, `scf`, `arith`, `memref`, `math`, read like the algorithm.

    b = LoopBuilder(module.body.block, location)
    with b.function("rows_of", {"pointers": array(i64), "work": array(i64), "rows": INDEX}) as (pointers, work, rows):
        with b.range(0, rows) as i:                                     # scf.for
            b.store(b.load(pointers, i + 1) - b.load(pointers, i), work, i)

Loops that carry values, and decisions that give some:

    with b.range(0, n, carry=(zero,)) as loop:                          # scf.for iter_args
        (total,) = loop.state
        loop.next(total + b.load(x, loop.index))
    (total,) = loop.results

    with b.loop(slot) as loop:                                          # scf.while
        (slot,) = loop.state
        loop.while_(b.load(keys, slot).ne(key))                         # ... before it: the condition
        loop.next((slot + 1) & mask)                                    # ... after it: the body
    (slot,) = loop.results

    with b.if_(found) as choice:                                        # scf.if
        choice.gives(value)
    with choice.otherwise():
        choice.gives(value.like(0))
    (value,) = choice.results

The builder knows no target: `compiler/dialects/piuma.py` and `omp` ops go in by `write`. Every op is located. What it
refuses, it refuses by assertion: a body without the `next` or `gives` that its results need.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from xdsl.dialects import arith, func, memref, scf, vector
from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    AnyFloat,
    DenseIntOrFPElementsAttr,
    FloatAttr,
    IndexType,
    IntegerAttr,
    IntegerType,
    LocationAttr,
    MemRefType,
    NoneAttr,
    VectorType,
    i64,
)
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue

from compiler.passes.loops.values import INDEX, Operand, Value, width_of


def array(element: Attribute, space: Attribute | None = None, size: int = DYNAMIC_INDEX) -> MemRefType[Attribute]:
    """A one-dimensional memref: `array(f64)` is `memref<?xf64>`."""
    return MemRefType(element, [size], NoneAttr(), space or NoneAttr())


def lanes_of(element: IntegerType, count: int) -> VectorType[IntegerType]:
    """A vector of integers: `lanes_of(i8, 32)` is `vector<32xi8>`."""
    return VectorType(element, [count])


def element_of(ref: Value) -> Attribute:
    """What a memref is of."""
    kind: Any = ref.type
    assert isinstance(ref.type, MemRefType), f"{kind} is no memref"
    return kind.element_type


class Loop:
    """A loop while it is written: `index`, `state` inside; `results` after it."""

    def __init__(self, builder: LoopBuilder, state: Sequence[Value], index: Value | None = None) -> None:
        self._builder = builder
        self._index = index
        self._yielded: Sequence[Value] | None = None if state or index is None else ()
        self.state: tuple[Value, ...] = tuple(state)
        self.results: tuple[Value, ...] = ()
        self.after: Block | None = None

    @property
    def index(self) -> Value:
        """The counter of a `range`."""
        assert self._index is not None, "a `loop` has no counter"
        return self._index

    def next(self, *values: Operand) -> None:
        """What the next iteration starts with: the last thing written in the body."""
        assert self._yielded is None and len(values) == len(self.state), "`next` once, with a value for each"
        self._yielded = [now.like(new) for now, new in zip(self.state, values, strict=True)]
        self._builder.write_all(scf.YieldOp(*(each.ssa for each in self._yielded)))

    def while_(self, condition: Value, *values: Operand) -> None:
        """End the head of a `loop`: go on with the body while the condition holds.

        `values` (by default the state) are what the body's state and the results are.
        """
        assert self._index is None and self.after is None, "`while_` once, in a `loop`"
        passed = [now.like(new) for now, new in zip(self.state, values or self.state, strict=True)]
        self._builder.write_all(scf.ConditionOp(condition.ssa, *(each.ssa for each in passed)))
        self.after = Block(arg_types=[each.type for each in passed])
        self._builder.stand_in(self.after)
        self.state = tuple(Value(each, self._builder) for each in self.after.args)

    def again_while(self, condition: Value, *values: Operand) -> None:
        """End a `loop` whose condition stands at the end: all of the body is its head."""
        self.while_(condition, *values)
        self.next(*self.state)

    def finish(self) -> None:
        """Called at the end of the body."""
        assert self._yielded is not None, "the body ends without `next`"
        if self._index is not None and not self.state:
            self._builder.write_all(scf.YieldOp())


class Choice:
    """A decision while it is written."""

    def __init__(self, builder: LoopBuilder) -> None:
        self._builder = builder
        self.op: scf.IfOp | None = None
        self.given: Sequence[Value] = ()
        self.results: tuple[Value, ...] = ()

    def gives(self, *values: Operand) -> None:
        """The results of this branch; in the first branch they must be values, for their types."""
        if self.op is None:
            self.given = [each for each in values if isinstance(each, Value)]
            assert len(self.given) == len(values), "the first branch gives the types"
        else:
            self.given = [now.like(new) for now, new in zip(self.results, values, strict=True)]

    @contextmanager
    def otherwise(self) -> Generator[None]:
        """The other branch."""
        assert self.op is not None and not self.op.false_region.blocks, "`otherwise` once, after the first branch"
        self.given = ()
        block = Block()
        with self._builder.inside(block):
            yield
            assert len(self.given) == len(self.results), "both branches give the same"
            self._builder.write_all(scf.YieldOp(*(each.ssa for each in self.given)))
        self.op.false_region.add_block(block)


class LoopBuilder:
    """The pen: every op is appended where the builder stands."""

    def __init__(self, block: Block, location: LocationAttr) -> None:
        self.block = block
        self.location = location

    # --- ops ----------------------------------------------------------------------------------------------------------------

    def write_all(self, op: Operation) -> tuple[Value, ...]:
        """Append an op; its results."""
        op.location = self.location
        self.block.add_op(op)
        return tuple(Value(each, self) for each in op.results)

    def write(self, op: Operation) -> Value:
        """Append an op that has one result."""
        (result,) = self.write_all(op)
        return result

    def constant(self, number: float, kind: Attribute) -> Value:
        """A number of an integer, index or floating-point type, or in every lane of a vector; an integer wraps to its width."""
        if isinstance(kind, VectorType):
            lanes: Any = kind  # pyright: ignore[reportUnknownVariableType]
            return self.write(arith.ConstantOp(DenseIntOrFPElementsAttr.from_list(lanes, [int(number)])))
        if isinstance(kind, AnyFloat):
            return self.write(arith.ConstantOp(FloatAttr(float(number), kind)))
        assert isinstance(number, int), f"{number} as {kind}"
        bits = width_of(kind)
        wrapped = (number + (1 << bits - 1)) % (1 << bits) - (1 << bits - 1) if bits > 1 else -(number & 1)
        value: IntegerAttr = IntegerAttr(wrapped, INDEX if isinstance(kind, IndexType) else IntegerType(bits))
        return self.write(arith.ConstantOp(value))

    def index(self, number: int) -> Value:
        """A constant of type `index`."""
        return self.constant(number, INDEX)

    # --- memory -------------------------------------------------------------------------------------------------------------

    def load(self, ref: Value, at: Operand) -> Value:
        """The element of a one-dimensional memref."""
        return self.write(memref.LoadOp.get(ref.ssa, [self._position(at)]))

    def load_index(self, ref: Value, at: Operand) -> Value:
        """The same, a non-negative integer, as an index."""
        return self.load(ref, at).unsigned_to(INDEX)

    def store(self, value: Operand, ref: Value, at: Operand) -> None:
        """Store, converting an index to the element's integer type."""
        element = element_of(ref)
        stored = value if isinstance(value, Value) else self.constant(value, element)
        stored = stored.to(element) if isinstance(stored.type, IndexType) else stored
        self.write_all(memref.StoreOp.get(stored.ssa, ref.ssa, [self._position(at)]))

    def load_lanes(self, ref: Value, at: Operand, lanes: VectorType[IntegerType]) -> Value:
        """Elements of a memref from one on, as a vector."""
        return self.write(vector.LoadOp(ref.ssa, [self._position(at)], lanes))

    def store_lanes(self, value: Value, ref: Value, at: Operand) -> None:
        """Store a vector as elements from one on."""
        self.write_all(vector.StoreOp(value.ssa, ref.ssa, [self._position(at)]))

    def local(
        self, element: Attribute, size: int, space: Attribute | None = None, *, alignment: int | None = None
    ) -> Value:
        """An array of the function's own, of a fixed size, with undefined contents; aligned to so many bytes."""
        kind = array(element, space, size)
        aligned = {} if alignment is None else {"alignment": IntegerAttr(alignment, i64)}
        return self.write(memref.AllocaOp.build(operands=[[], []], result_types=[kind], properties=aligned))

    def _position(self, at: Operand) -> SSAValue:
        return (at.to(INDEX) if isinstance(at, Value) else self.constant(at, INDEX)).ssa

    # --- control ------------------------------------------------------------------------------------------------------------

    def stand_in(self, block: Block) -> None:
        """Go on writing in another block."""
        self.block = block

    @contextmanager
    def inside(self, block: Block) -> Generator[Block]:
        """Write in a block, then come back."""
        outer, self.block = self.block, block
        try:
            yield block
        finally:
            self.block = outer

    @contextmanager
    def range(
        self, low: Operand, high: Operand, step: int | Value = 1, *, carry: Sequence[Value] = ()
    ) -> Generator[Loop]:
        """`for index in range(low, high, step)`, step positive, all of type `index`."""
        bounds = (self._position(low), self._position(high), self._position(step))
        body = Block(arg_types=[INDEX, *(each.type for each in carry)])
        index, *state = (Value(each, self) for each in body.args)
        loop = Loop(self, state, index)
        with self.inside(body):
            yield loop
            loop.finish()
        loop.results = self.write_all(scf.ForOp(*bounds, [each.ssa for each in carry], Region(body)))

    @contextmanager
    def loop(self, *start: Value) -> Generator[Loop]:
        """`while`: a head up to `while_`, then a body that ends in `next`."""
        head = Block(arg_types=[each.type for each in start])
        loop = Loop(self, [Value(each, self) for each in head.args])
        with self.inside(head):
            yield loop
            loop.finish()
        assert loop.after is not None, "a `loop` without `while_`"
        kinds = loop.after.arg_types
        loop.results = self.write_all(
            scf.WhileOp([each.ssa for each in start], kinds, Region(head), Region(loop.after))
        )

    @contextmanager
    def if_(self, condition: Value) -> Generator[Choice]:
        """The branch taken when the condition holds."""
        choice = Choice(self)
        block = Block()
        with self.inside(block):
            yield choice
            self.write_all(scf.YieldOp(*(each.ssa for each in choice.given)))
        op = scf.IfOp(condition.ssa, [each.type for each in choice.given], Region(block))
        choice.results = self.write_all(op)
        choice.op = op

    # --- functions ----------------------------------------------------------------------------------------------------------

    @contextmanager
    def function(
        self, name: str, parameters: Mapping[str, Attribute], results: Sequence[Attribute] = ()
    ) -> Generator[tuple[Value, ...]]:
        """`func.func`; its parameters. A function without results returns at the end of its body."""
        op = func.FuncOp(name, (list(parameters.values()), list(results)))
        body = op.body.block
        for argument, hint in zip(body.args, parameters, strict=True):
            argument.name_hint = hint
        self.write_all(op)
        with self.inside(body):
            yield tuple(Value(each, self) for each in body.args)
            if not results:
                self.return_()

    def return_(self, *values: Value) -> None:
        """The end of a function."""
        self.write_all(func.ReturnOp(*(each.ssa for each in values)))

    def call(self, name: str, arguments: Sequence[Value], results: Sequence[Attribute] = ()) -> tuple[Value, ...]:
        """Call a function of the module."""
        return self.write_all(func.CallOp(name, [each.ssa for each in arguments], list(results)))
