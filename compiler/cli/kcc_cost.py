"""Who chooses among schedules: what `--cost-model` names.

    none          the target's first schedule
    analytical    bounds of each resource
    FILE          a model that `costmodel fit` wrote
    (not given)   the learned model that ships, where there is one for the target; else the analytical one

A file that is no model, or one that knows nothing of the target, is refused before anything runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from compiler.codes import Code
from compiler.diagnostics import refusal
from compiler.targets.target import Target
from compiler.tuning.analytical import Analytical
from compiler.tuning.choose import Cost, FirstListed
from compiler.tuning.learned import Learned, default_cost
from costmodel import CostModelRefusal, load
from costmodel.refusals import UnreadableError

if TYPE_CHECKING:
    from costmodel.model import CostModel


def cost_named(name: str | None, target: Target) -> Cost:
    """The judge of that name."""
    match name:
        case None:
            return default_cost(target.name)
        case "none":
            return FirstListed()
        case "analytical":
            return Analytical()
        case file:
            return _from_file(file, target)


def arithmetic_cost_named(name: str | None, target: str) -> Cost:
    """The same for arithmetic kernels."""
    from compiler.tuning import arithmetic  # nothing of it is needed for matrices

    match name:
        case None:
            return arithmetic.default_arithmetic_cost(target)
        case "none":
            return FirstListed()
        case "analytical":
            return arithmetic.ArithmeticAnalytical()
        case file:
            return arithmetic.learned_arithmetic_cost(_model_from(file, arithmetic.model_target(target)), target)


def _from_file(file: str, target: Target) -> Learned:
    return Learned(_model_from(file, target.name), target.name)


def _model_from(file: str, target: str) -> CostModel:
    try:
        model = load(file)
        model.expert([], target)
    except UnreadableError as error:
        raise refusal(Code.INPUT_UNREADABLE, None, str(error).removeprefix("error: ")) from None
    except CostModelRefusal as error:
        message = str(error).replace(": error: ", ": ", 1).removeprefix("error: ")
        help = "`--cost-model none` and `--cost-model analytical` need no file"
        raise refusal(Code.COST_MODEL, None, message, help=help) from None
    return model
