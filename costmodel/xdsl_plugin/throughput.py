"""An implementation of xDSL's `BlockThroughputCostModel` that asks the learned model instead of running llvm-mca.

    LearnedBlockThroughputCostModel("skylake").estimate_throughput(block)    # cycles per iteration, or None

It works on the block's IR (`arith`, `math`, `memref`, `vector`, …), before instructions are selected, so no assembler is needed and
any dialect that the tokenizer reads will do. Where the block is unlike all that the model learned from, the answer is None: the
interface has a word for "no estimate", and a guess is not one.
"""

from dataclasses import dataclass

from xdsl.backend.block_throughput_cost_model import BlockThroughputCostModel
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Block, Operation, Region, SSAValue
from xdsl.traits import IsTerminator

import costmodel
from costmodel.model import CostModel

MOST_FOREIGN = 1.0


@dataclass(frozen=True)
class LearnedBlockThroughputCostModel(BlockThroughputCostModel):
    """For one core; `model` is by default the one that ships. CostModelRefusal where the model does not know the core."""

    core: str
    model: CostModel | None = None

    def estimate_throughput(self, block: Block) -> float | None:
        """Cycles per iteration of the block, its terminator left out."""
        model = self.model or costmodel.load()
        (estimate,) = model.predict([block_text(block)], "cycles", target=self.core)
        return estimate.value if estimate.foreign <= MOST_FOREIGN else None


def block_text(block: Block) -> str:
    """The block as a function of its own; what it uses from outside becomes arguments. The block stays as it is."""
    free = _free_values(block)
    body = Block(arg_types=[value.type for value in free])
    mapped: dict[SSAValue, SSAValue] = dict(zip(free, body.args, strict=True))
    body.add_ops([op.clone(mapped) for op in block.ops if not op.has_trait(IsTerminator)])
    body.add_op(ReturnOp())
    return str(FuncOp("block", ([value.type for value in free], []), Region(body)))


def _free_values(block: Block) -> list[SSAValue]:
    """The block's arguments, then the values from outside in the order of their use."""
    used = (value for op in block.walk() if not _ends(op, block) for value in op.operands)
    return list(dict.fromkeys([*block.args, *(value for value in used if not _inside(value, block))]))


def _ends(op: Operation, block: Block) -> bool:
    return op is block.last_op and op.has_trait(IsTerminator)


def _inside(value: SSAValue, block: Block) -> bool:
    owner = value.owner
    return owner is not block and block.is_ancestor(owner)
