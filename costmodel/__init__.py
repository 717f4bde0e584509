"""The learned cost model: the text of an IR module in, numbers out.

    import costmodel

    model = costmodel.fit(["data.jsonl.gz"])            or costmodel.load("model.costmodel"), or load() for the one that ships
    costmodel.predict(model, [text])                    estimates with intervals
    costmodel.rank(model, [text_a, text_b])             indices, the cheapest first

What the user gives that cannot be served raises `CostModelRefusal`; its `str` says what and where.
"""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from costmodel.refusals import CostModelRefusal as CostModelRefusal

if TYPE_CHECKING:
    from costmodel.model import CostModel, Estimate

__all__ = ["CostModelRefusal", "fit", "load", "predict", "rank"]


def load(path: "str | PathLike[str] | None" = None) -> "CostModel":
    """The model in a file; without one, the model that ships."""
    from costmodel import artifact
    from costmodel.shipping import DEFAULT_MODEL

    return artifact.load(Path(path) if path is not None else DEFAULT_MODEL)


def fit(paths: "Sequence[str | PathLike[str]]" = (), seed: int = 1) -> "CostModel":
    """The model of some data sets; without any, of those that ship."""
    from costmodel.models.table import Options
    from costmodel.training import data_or_shipped
    from costmodel.training import fit as fitted

    return fitted(data_or_shipped([Path(path) for path in paths]), Options(seed=seed))


def predict(
    model: "CostModel", texts: Sequence[str], label: str | None = None, target: str | None = None
) -> "list[Estimate]":
    """Estimates of a label (by default the time or cycles that choices are made by), one a text."""
    return model.predict(texts, label, target=target)


def rank(model: "CostModel", texts: Sequence[str], target: str | None = None, looks: int = 0) -> list[int]:
    """Indices of alternatives, the cheapest first; equal costs in the order given. The best `looks` of nests are compiled and compared again."""
    return model.look(texts, looks, target).order
