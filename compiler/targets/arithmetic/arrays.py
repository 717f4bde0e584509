"""The arrays of a run: operands and constants in their containers, results and room, by the names of the parameters.

arrays = arrays_of(compiled.buffers, operands)
library.call("compute", arrays)
tensors(compiled, arrays)                        # as `evaluate` gives them
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects import func
from xdsl.ir import SSAValue

from compiler.arithmetic.formats import Format
from compiler.arithmetic.lookup import Codes, Nibbles, codes_of, nibbles_of
from compiler.arithmetic.rounding import Mode, round_to
from compiler.dialects.qarith_ops import element, shape_of
from compiler.passes.qarith_to_loops.buffers import Buffer, Role
from compiler.passes.qarith_to_loops.storage import storage_of
from compiler.targets.arithmetic.target import Compiled

Array = NDArray[Any]


def dtype_of(container: str) -> np.dtype[Any]:
    """NumPy's type of a container."""
    return np.dtype(container.replace("i", "int").replace("f64", "float64"))


def array_of(buffer: Buffer, operands: Sequence[Array | int]) -> Array | int:
    """What a parameter is given."""
    match buffer.role:
        case Role.OPERAND:
            given = operands[buffer.number]
            return given if isinstance(given, int) else in_container(given, buffer.container)
        case Role.PLANES:
            given = operands[buffer.number]
            assert not isinstance(given, int)
            bits, group, by_group, words, together = map(int, buffer.numbers)
            return in_container(codes_of(given, Codes(bits, group, bool(by_group), words, together)), buffer.container)
        case Role.NIBBLES:
            given = operands[buffer.number]
            assert not isinstance(given, int)
            return in_container(nibbles_of(given, Nibbles(*map(int, buffer.numbers))), buffer.container)
        case Role.CONSTANT:
            kind = np.float64 if buffer.container == "f64" else np.int64
            return in_container(np.array(buffer.numbers, kind), buffer.container)
        case Role.RESULT | Role.ROOM:
            return np.zeros(buffer.length, dtype_of(buffer.container))


def in_container(values: Array, container: str) -> Array:
    """Contiguous; an integer that its container holds without a sign keeps its bits."""
    return np.ascontiguousarray(values.reshape(-1).astype(dtype_of(container)))


def random_tensor(value: SSAValue, rng: np.random.Generator) -> Array:
    """For a parameter of a kernel: integers of the whole range, floats of a normal distribution, rounded to what the type holds."""
    of, shape = element(value), shape_of(value)
    integers = storage_of(of)
    if integers is not None:
        return rng.integers(integers.low, integers.high, shape, np.int64, endpoint=True)
    assert isinstance(of, Format)
    return round_to(of, rng.normal(size=shape), Mode.RN)


def tensors(compiled: Compiled, found: dict[str, Array]) -> list[Array]:
    """The results, from their parameters."""
    leave = compiled.kernel.function.body.block.last_op
    assert isinstance(leave, func.ReturnOp)
    by_number = {each.number: found[each.name] for each in compiled.buffers if each.role is Role.RESULT}
    return [_tensor(value, by_number[at]) for at, value in enumerate(leave.arguments)]


def _tensor(value: Any, flat: Array) -> Array:
    of, shape = element(value), shape_of(value)
    if isinstance(of, Format):
        return flat.reshape(shape)
    integers = storage_of(of)
    assert integers is not None
    unsigned = flat if integers.signed else flat.view(flat.dtype.name.replace("int", "uint"))
    return unsigned.astype(np.int64).reshape(shape)
