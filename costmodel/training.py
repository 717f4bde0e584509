"""`costmodel fit`: a data set to a model, an expert for each source and target in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from costmodel.dataset import Dataset, read
from costmodel.features.reading import Reading
from costmodel.model import CostModel
from costmodel.models.expert import Expert
from costmodel.models.fitting import fit_table
from costmodel.models.table import Options, table_of
from costmodel.refusals import RequestError
from costmodel.sample import Sample
from costmodel.shipping import shipped_data
from costmodel.unfinished import Unfinished, key_of

FEWEST = 2


def data_or_shipped(paths: list[Path]) -> Dataset:
    """The named data sets, or those of the package."""
    chosen = paths or shipped_data()
    if not chosen:
        raise RequestError("no data set is named, and none comes with this installation")
    return read(chosen)


def fit(
    data: Dataset,
    options: Options | None = None,
    progress: Callable[[str], None] = lambda _: None,
    kept: Unfinished | None = None,
) -> CostModel:
    """The model of a data set; experts with fewer than `FEWEST` samples are refused, by name.

    With `kept`, experts are kept one by one, and those that an interrupted fit kept are not fitted again.
    """
    options = options or Options()
    known: dict[str, Reading] = {}
    experts: list[Expert] = []
    for source, target in data.experts:
        name, samples = f"{source}/{target}", data.of(source, target).samples
        if len(samples) < FEWEST:
            raise RequestError(f"{name} has {len(samples)} sample; a model needs at least {FEWEST}")
        fitted = partial(_fitted, name, samples, known, options, progress)
        experts.append(kept.expert(key_of(samples, options), fitted) if kept else fitted())
    return CostModel(tuple(experts))


def _fitted(
    name: str, samples: Sequence[Sample], known: dict[str, Reading], options: Options, progress: Callable[[str], None]
) -> Expert:
    return fit_table(table_of(samples, known), options, lambda what: progress(f"{name}: {what}"))
