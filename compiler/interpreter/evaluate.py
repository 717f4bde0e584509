"""Runs a function of a module on arrays: constants, doubles, calls, time loops, and the ops of `qarith`.

    module = from_text(text, "block.mlir", new_context())
    (y,) = evaluate(module, "block", x, w)

A tensor of floats is a float64 array of values, one of integers or quantised numbers an int64 array; an index is an int, as a
parameter too. Operands that do not have their parameter's size or hold what its type does not are refused. The definition, not a fast
implementation.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects import arith, func, scf
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, FloatAttr, IndexType, IntegerAttr, ModuleOp, TensorType
from xdsl.ir import Attribute, Block, Operation, SSAValue

from compiler.arithmetic.formats import FP64, Format
from compiler.codes import Code
from compiler.diagnostics import refusal
from compiler.dialects.qarith_ops import text
from compiler.dialects.qarith_types import Element, Integer, Quantised, element_of
from compiler.interpreter.operations import OPERATIONS
from compiler.locations import span_of

Array = NDArray[Any]
Values = dict[SSAValue, Any]

_PLAIN: dict[type[Operation], Callable[..., Any]] = {
    arith.AddfOp: np.add,
    arith.SubfOp: np.subtract,
    arith.MulfOp: np.multiply,
    arith.DivfOp: np.divide,
    arith.NegfOp: np.negative,
    arith.AddiOp: operator.add,
    arith.MuliOp: operator.mul,
}


def evaluate(module: ModuleOp, name: str, *operands: Array | int) -> list[Array]:
    """The results of a function."""
    function = _function(module, name)
    block = function.body.block
    values: Values = dict(zip(block.args, checked_operands(function, operands), strict=True))
    with np.errstate(all="ignore"):  # infinities and what is no number are results, as on every target
        return _run(block, values)


def checked_operands(function: func.FuncOp, operands: Sequence[Array | int]) -> list[Array | int]:
    """Operands as they are computed with: float64, int64, int. Refused: those that do not fit their parameters."""
    parameters = function.body.block.args
    if len(operands) != len(parameters):
        message = f"`{function.sym_name.data}` takes {len(parameters)} operands, not {len(operands)}"
        raise refusal(Code.OPERAND_COUNT, span_of(function), message, help="see the function's parameters")
    return [_operand_of(function, *each) for each in zip(parameters, operands, strict=True)]


def _operand_of(function: func.FuncOp, parameter: SSAValue, operand: Array | int) -> Any:
    return int(operand) if isinstance(parameter.type, IndexType) else _operand(function, parameter, np.asarray(operand))


def _function(module: ModuleOp, name: str) -> func.FuncOp:
    functions = [op for op in module.body.block.ops if isinstance(op, func.FuncOp)]
    for op in functions:
        if op.sym_name.data == name:
            return op
    known = ", ".join(op.sym_name.data for op in functions) or "none at all"
    raise refusal(Code.UNDECLARED, None, f"there is no function `{name}`", help=f"the module has {known}")


def _operand(function: func.FuncOp, parameter: SSAValue, given: Array) -> Array:
    kind = cast(TensorType[Attribute], parameter.type)
    assert isinstance(parameter.type, TensorType), "a function of tensors"
    shape = tuple(kind.get_shape())
    if given.shape != shape:
        message = f"an operand is {text(given.shape)}, but its parameter {text(shape)}"
        raise refusal(Code.OPERAND_SHAPE, span_of(function), message, help="give an array of the parameter's size")
    element = element_of(kind.get_element_type())
    assert element is not None
    held = _as_held(element, given)
    if held is None:
        message = f"an operand holds values that {kind.get_element_type()} does not"
        raise refusal(Code.OPERAND_VALUE, span_of(function), message, help="round or clamp the array first")
    return held


def _as_held(element: Element, given: Array) -> Array | None:
    """The array as it is computed with; None if it holds what the element does not."""
    match element:
        case Format():
            values = given.astype(np.float64)
            if element == FP64:
                return values
            if not element.holds_negative_zero:
                values = values + 0.0  # the negative zero is zero there
            finite = values[np.isfinite(values)]
            fits = bool((np.abs(finite) <= element.max).all()) and _has_what_is_no_number(element, values)
            return values if fits and np.array_equal(element.decode(element.encode(finite)), finite) else None
        case Integer() | Quantised():
            storage = element if isinstance(element, Integer) else element.storage
            numbers = given.astype(np.int64)
            fits = np.array_equal(numbers, given) and (numbers >= storage.low).all() and (numbers <= storage.high).all()
            return numbers if fits else None


def _has_what_is_no_number(element: Format, values: Array) -> bool:
    return (element.holds_nan or not np.isnan(values).any()) and (element.holds_infinity or not np.isinf(values).any())


def _run(block: Block, values: Values) -> list[Any]:
    """The values that the block's terminator gives."""
    for op in block.ops:
        operands = [values[each] for each in op.operands]
        if isinstance(op, func.ReturnOp | scf.YieldOp):
            return operands
        for result, value in zip(op.results, _results(op, operands, values), strict=True):
            values[result] = value
    return []


def _results(op: Operation, operands: Sequence[Any], values: Values) -> Sequence[Any]:
    if run := OPERATIONS.get(type(op)):
        return [run(op, *operands)]
    if plain := _PLAIN.get(type(op)):
        return [plain(*operands)]
    match op:
        case arith.ConstantOp():
            return [_constant(op)]
        case func.CallOp():
            return _call(op, operands)
        case scf.ForOp():
            return _loop(op, operands, values)
        case _:
            message = f"the interpreter does not know `{op.name}`"
            raise refusal(
                Code.IR_INVALID, span_of(op), message, help="it takes qarith, arith on f64, scf.for and func.call"
            )


def _call(op: func.CallOp, operands: Sequence[Any]) -> Sequence[Any]:
    module = op.get_toplevel_object()
    assert isinstance(module, ModuleOp)
    block = _function(module, op.callee.string_value()).body.block
    return _run(block, dict(zip(block.args, operands, strict=True)))


def _constant(op: arith.ConstantOp) -> Any:
    match op.value:
        case DenseIntOrFPElementsAttr() as dense:
            it: Any = dense
            shape = tuple(it.type.get_shape())
            element = element_of(it.type.get_element_type())
            numbers = np.array(it.get_values(), np.float64 if isinstance(element, Format) else np.int64)
            return np.resize(numbers, shape)
        case IntegerAttr() | FloatAttr() as scalar:
            number: Any = scalar
            return number.value.data
        case _:
            raise AssertionError(f"a constant of {op.value.name}")


def _loop(op: scf.ForOp, operands: Sequence[Any], values: Values) -> Sequence[Any]:
    low, high, step, *carried = operands
    for index in range(low, high, step):
        values.update(zip(op.body.block.args, [index, *carried], strict=True))
        carried = _run(op.body.block, values)
    return carried
