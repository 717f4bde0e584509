"""`costmodel fit`: a data set to a model, an expert for each source and target in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from costmodel.dataset import Dataset, read
from costmodel.features.reading import Reading
from costmodel.model import CostModel
from costmodel.models.expert import Expert
from costmodel.models.fitting import Options, fit_table, table_of
from costmodel.refusals import RequestError
from costmodel.shipping import shipped_data

FEWEST = 2


def data_or_shipped(paths: list[Path]) -> Dataset:
    """The named data sets, or those of the package."""
    chosen = paths or shipped_data()
    if not chosen:
        raise RequestError("no data set is named, and none comes with this installation")
    return read(chosen)


def fit(data: Dataset, options: Options | None = None, progress: Callable[[str], None] = lambda _: None) -> CostModel:
    """The model of a data set; experts with fewer than `FEWEST` samples are refused, by name."""
    experts: list[Expert] = []
    known: dict[str, Reading] = {}
    for source, target in data.experts:
        name, samples = f"{source}/{target}", data.of(source, target).samples
        if len(samples) < FEWEST:
            raise RequestError(f"{name} has {len(samples)} sample; a model needs at least {FEWEST}")
        table = table_of(samples, known)
        experts.append(fit_table(table, options or Options(), lambda what, name=name: progress(f"{name}: {what}")))
    return CostModel(tuple(experts))
