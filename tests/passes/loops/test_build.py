"""The builder: what it writes verifies, is located, and computes what it says."""

from __future__ import annotations

from typing import Any

import pytest
from xdsl.dialects.builtin import ModuleOp, f64, i32, i64
from xdsl.interpreter import Interpreter
from xdsl.interpreters import register_implementations
from xdsl.interpreters.shaped_array import ShapedArray
from xdsl.interpreters.utils.ptr import TypedPtr

from compiler.locations import location, unlocated
from compiler.passes.loops.build import LoopBuilder, array
from compiler.passes.loops.values import INDEX
from compiler.pipelines import new_context

PLACE = location("k.mlir", 1, 1)


def fresh() -> tuple[ModuleOp, LoopBuilder]:
    module = ModuleOp([])
    return module, LoopBuilder(module.body.block, PLACE)


def run(module: ModuleOp, name: str, *arguments: Any) -> tuple[Any, ...]:
    module.verify()
    assert not list(unlocated(module))
    interpreter = Interpreter(module)
    register_implementations(interpreter, new_context())
    return interpreter.call_op(name, arguments)


def floats(*values: float) -> ShapedArray[float]:
    return ShapedArray(TypedPtr.new_float64(values), [len(values)])


def test_a_sum_is_carried_through_a_range() -> None:
    module, b = fresh()
    with b.function("total", {"x": array(f64), "n": INDEX}, [f64]) as (x, n):
        with b.range(0, n, carry=(b.constant(0, f64),)) as loop:
            (total,) = loop.state
            loop.next(total + b.load(x, loop.index) * 2)
        b.return_(*loop.results)
    assert run(module, "total", floats(1, 2, 3.5), 3) == (13.0,)


def test_a_loop_ends_when_its_condition_fails() -> None:
    """The greatest common divisor, by subtraction."""
    module, b = fresh()
    with b.function("gcd", {"a": i64, "b": i64}, [i64]) as (x, y):
        with b.loop(x, y) as loop:
            x, y = loop.state
            loop.while_(x.ne(y))
            x, y = loop.state
            larger = x > y
            loop.next(larger.select(x - y, x), larger.select(y, y - x))
        b.return_(loop.results[0])
    assert run(module, "gcd", 48, 36) == (12,)


def test_a_condition_at_the_end_runs_the_body_once_at_least() -> None:
    module, b = fresh()
    with b.function("digits", {"n": i64}, [i64]) as (n,):
        with b.loop(n, b.constant(0, i64)) as loop:
            n, count = loop.state
            rest = n.shift_right_signed(1)
            loop.again_while(rest > 0, rest, count + 1)
        b.return_(loop.results[1])
    assert run(module, "digits", 0) == (1,)
    assert run(module, "digits", 9) == (4,)


@pytest.mark.parametrize(("x", "expected"), [(-3, 3), (4, 8)])
def test_a_choice_gives_what_its_branch_gives(x: int, expected: int) -> None:
    module, b = fresh()
    with b.function("pick", {"x": i64}, [i64]) as (value,):
        with b.if_(value < 0) as choice:
            choice.gives(-value)
        with choice.otherwise():
            choice.gives(value * 2)
        b.return_(*choice.results)
    assert run(module, "pick", x) == (expected,)


def test_numbers_take_the_type_of_the_other_operand() -> None:
    module, b = fresh()
    with b.function("f", {"i": INDEX, "k": i64, "n": i32}) as (i, k, n):
        assert (i + k).type == (k + i).type == INDEX
        assert (n + 1).type == i32 and n.to(INDEX).type == INDEX
        assert i.to(i32).type == i32 and n.to(f64).type == f64
        with pytest.raises(AssertionError, match="do not meet"):
            _ = n + k
    module.verify()


def test_constants_wrap_to_their_width() -> None:
    module, b = fresh()
    with b.function("f", {"k": i64}, [i64]) as (k,):
        b.return_(k * 0x9E3779B97F4A7C15)
    (product,) = run(module, "f", 3)
    assert product % 2**64 == 3 * 0x9E3779B97F4A7C15 % 2**64


def test_a_body_must_say_what_comes_next() -> None:
    _, b = fresh()
    with (
        pytest.raises(AssertionError, match="without `next`"),
        b.function("f", {"k": i64}) as (k,),
        b.range(0, 3, carry=(k,)),
    ):
        pass
