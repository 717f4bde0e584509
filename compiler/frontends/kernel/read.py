"""From .mlir text to a kernel that everything after may rely on.

    kernel = read_kernel(text, "spgemm.mlir", context)
    kernel.form, kernel.module

Whatever was written, `module` holds one function of one block: its arguments are the kernel's operands in order, each once,
then the kernel, then the return of its result. `binding` says which argument of the user's function each operand is: A * A
may be written with one. Refused: text that does not parse or verify, any number of kernels but one, anything else that
computes, a kernel on something that is no argument.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects import func
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, BlockArgument, Operation, Region, SSAValue

from compiler.codes import Code
from compiler.diagnostics import Span, refusal
from compiler.dialects.spgemm import KernelOp
from compiler.dialects.spgemm_kernel import KernelForm
from compiler.frontends.kernel.checks import check_meaning
from compiler.frontends.kernel.upstream import as_kernel, is_product
from compiler.ir_text import from_text
from compiler.locations import span_of


@dataclass(frozen=True, slots=True)
class Kernel:
    """A kernel in its plain form; see the head of the file."""

    module: ModuleOp
    function: func.FuncOp
    op: KernelOp
    form: KernelForm
    binding: tuple[int, ...]
    """For each operand of the kernel, the argument of the user's function that it is."""

    @property
    def name(self) -> str:
        return self.function.sym_name.data

    @property
    def span(self) -> Span | None:
        return span_of(self.op)


def read_kernel(text: str, file: str, context: Context) -> Kernel:
    """The kernel that a file holds. Raises CompileError where it holds none, or another program."""
    return kernel_in(from_text(text, file, context), file)


def kernel_in(module: ModuleOp, file: str) -> Kernel:
    """The kernel of a module that has been read."""
    found = _product(module, file)
    function = found.parent_op()
    if not isinstance(function, func.FuncOp):
        raise refusal(Code.KERNEL_OPERATION, span_of(found), "a kernel stands in a function, directly")
    check_meaning(function, found)
    op = found if isinstance(found, KernelOp) else as_kernel(found)
    return _plain(function, op)


def kernel_of(module: ModuleOp) -> Kernel:
    """A module that is in plain form already, as a kernel."""
    (op,) = (each for each in module.walk() if isinstance(each, KernelOp))
    function = op.parent_op()
    assert isinstance(function, func.FuncOp)
    return Kernel(module, function, op, KernelForm.of(op), tuple(range(len(op.operands))))


def _product(module: ModuleOp, file: str) -> Operation:
    """The one op that computes."""
    found = [op for op in _written(module) if isinstance(op, KernelOp) or is_product(op)]
    if not found:
        message = "there is no kernel: an op of the spgemm dialect, or `linalg.matmul` on sparse tensors"
        raise refusal(Code.KERNEL_COUNT, Span(file, 1), message, help="`examples/kernels/` has some")
    if len(found) > 1:
        raise refusal(Code.KERNEL_COUNT, span_of(found[1]), "a second kernel: each is compiled from a file of its own")
    for op in _written(module):
        if not isinstance(op, (func.FuncOp, func.ReturnOp)) and op is not found[0] and op.name not in _SHAPES:
            raise refusal(Code.KERNEL_OPERATION, span_of(op), f"`{op.name}` has no place beside a kernel")
    return found[0]


_SHAPES = ("tensor.empty", "tensor.dim", "arith.constant")
"""What MLIR needs to say how large the result of a product is; here the operands say it."""


def _written(op: Operation) -> Iterator[Operation]:
    """The ops inside, but for the bodies that MLIR's products bring along."""
    for region in op.regions:
        for inner in (each for block in region.blocks for each in block.ops):
            yield inner
            if not is_product(inner):
                yield from _written(inner)


def _plain(function: func.FuncOp, op: KernelOp) -> Kernel:
    """One argument for each operand."""
    binding = tuple(_argument(op, value, at) for at, value in enumerate(op.operands))
    block = Block(arg_types=[value.type for value in op.operands])
    for argument, value in zip(block.args, op.operands, strict=True):
        argument.name_hint = value.name_hint
    kernel = _rebuilt(op, block.args)
    kernel.location = op.location
    leave = func.ReturnOp(kernel.result)
    leave.location = op.location
    block.add_ops([kernel, leave])
    inputs = [value.type for value in op.operands]
    new = func.FuncOp(function.sym_name.data, (inputs, [kernel.result.type]), Region(block))
    new.location = function.location
    module = ModuleOp([new])
    module.location = function.location
    module.verify()
    return Kernel(module, new, kernel, KernelForm.of(kernel), binding)


def _rebuilt(op: KernelOp, operands: Sequence[SSAValue]) -> KernelOp:
    made = type(op).create(
        operands=operands,
        result_types=[op.result.type],
        properties=op.properties,
        attributes=op.attributes,
    )
    made.result.name_hint = op.result.name_hint
    return made


def _argument(op: KernelOp, value: SSAValue, at: int) -> int:
    """Which argument of its function an operand is."""
    if isinstance(value, BlockArgument):
        return value.index
    message = f"operand {at + 1} of the kernel is computed here; operands are arguments of the function"
    raise refusal(Code.KERNEL_OPERATION, span_of(op), message)
