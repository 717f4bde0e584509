"""Experts of a fit that was interrupted: each is kept beside the model as soon as it is there, and taken up by the same fit, run again.

    kept = Unfinished(Path("loops.costmodel"))
    kept.expert(key, fit)                        what loops.costmodel.<key>.unfinished holds; or what `fit` makes, kept there
    kept.forget()                                the model is saved

A key is a digest of the samples, of the options, and of what computes: this package's source and the libraries' versions. So what is taken
up is what fitting again would give, to the byte; a file that cannot be read, or is of another fit, is as if it were not there.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from costmodel import artifact
from costmodel.model import CostModel
from costmodel.refusals import CostModelRefusal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from costmodel.models.expert import Expert
    from costmodel.models.table import Options
    from costmodel.sample import Sample

_LIBRARIES = ("lightgbm", "numpy", "scikit-learn")


@dataclass(frozen=True, slots=True)
class Unfinished:
    """The finished experts of a model that is not there yet."""

    model: Path

    def expert(self, key: str, fit: Callable[[], Expert]) -> Expert:
        """The expert of this key. Raises ArtifactError where the model's folder takes no file."""
        path = self.model.with_name(f"{self.model.name}.{key}.unfinished")
        try:
            return artifact.load(path).experts[0]
        except CostModelRefusal:
            expert = fit()
        artifact.save(path, CostModel((expert,)))
        return expert

    def count(self) -> int:
        """How many are kept."""
        return len(self._files())

    def forget(self) -> None:
        """Those of this model, of whatever fit."""
        for path in self._files():
            path.unlink(missing_ok=True)

    def _files(self) -> list[Path]:
        beginning = f"{self.model.name}."
        return [path for path in self.model.parent.glob("*.unfinished") if path.name.startswith(beginning)]


def key_of(samples: Sequence[Sample], options: Options) -> str:
    """The key of an expert, sixteen characters."""
    digest = hashlib.sha256(f"{_program()} {options!r}".encode())
    for sample in samples:
        digest.update(json.dumps(sample.as_json(), sort_keys=True).encode())
    return digest.hexdigest()[:16]


@lru_cache(maxsize=1)
def _program() -> str:
    digest = hashlib.sha256(" ".join(version(each) for each in _LIBRARIES).encode())
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
