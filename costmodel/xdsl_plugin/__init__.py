"""The cost model for users of xDSL: the pass `cost-annotate` in `xdsl-opt`, and a `BlockThroughputCostModel`.

    xdsl-opt -p cost-annotate{target=cpu-x86} kernel.mlir

xDSL finds `UNIVERSE` through the entry point `splitwood` of the group `xdsl.universe`; the pass is imported when it is first asked for.
"""

from xdsl.passes import ModulePass
from xdsl.universe import Universe


def _cost_annotate() -> type[ModulePass]:
    from costmodel.xdsl_plugin.cost_annotate import CostAnnotate

    return CostAnnotate


UNIVERSE = Universe(all_passes={"cost-annotate": _cost_annotate})
