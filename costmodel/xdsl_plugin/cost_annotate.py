"""`cost-annotate`: every function with a body gets what the model predicts for it, as an attribute.

    func.func @f(…) attributes {costmodel.estimate = {foreign = 3.1e-01 : f64,
                                                      seconds = {high = …, low = …, value = 2.1e-05 : f64}}} { … }

Values are in the units of `costmodel.sample.UNITS`; `low` to `high` holds the truth nine times in ten; `foreign` above 1 says that the
function is unlike all that the model learned from. An estimate that is there already is replaced, and not read. Nothing else changes.
Refused, as xDSL's `PassFailedException`: a model that cannot be read, a target that it does not know.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import DictionaryAttr, FloatAttr, ModuleOp, f64
from xdsl.dialects.func import FuncOp
from xdsl.passes import ModulePass
from xdsl.utils.exceptions import PassFailedException

import costmodel
from costmodel.model import CostModel, Estimate
from costmodel.refusals import CostModelRefusal

ESTIMATE = "costmodel.estimate"


@dataclass(frozen=True)
class CostAnnotate(ModulePass):
    """Options: `model`, a file, by default the one that ships; `target`, by default that of the expert who knows such texts best."""

    name = "cost-annotate"

    model: str | None = None
    target: str | None = None

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        functions = [each for each in op.walk() if isinstance(each, FuncOp) and each.body.blocks]
        for function in functions:
            function.attributes.pop(ESTIMATE, None)
        try:
            estimates = _estimates(costmodel.load(self.model), [str(function) for function in functions], self.target)
        except CostModelRefusal as refused:
            raise PassFailedException(str(refused)) from None
        for function, found in zip(functions, estimates, strict=True):
            function.attributes[ESTIMATE] = _attribute(found)


def _estimates(model: CostModel, texts: Sequence[str], target: str | None) -> list[list[Estimate]]:
    """All labels of each text, by one expert."""
    if not texts:
        return []
    expert = model.expert(texts, target)
    by_label = [model.predict(texts, head.label, target=expert.name) for head in expert.heads]
    return [list(each) for each in zip(*by_label, strict=True)]


def _attribute(estimates: Sequence[Estimate]) -> DictionaryAttr:
    labels = {
        each.label: DictionaryAttr({"value": _number(each.value), "low": _number(each.low), "high": _number(each.high)})
        for each in estimates
    }
    return DictionaryAttr({**labels, "foreign": _number(estimates[0].foreign)})


def _number(value: float) -> FloatAttr:
    return FloatAttr(value, f64)
