"""One text read: its lines, its nest, and what its attributes say. Every model starts from this."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from costmodel.features.grams import grams
from costmodel.features.running import running
from costmodel.features.streams import Floats
from costmodel.tokens.descriptors import describe
from costmodel.tokens.lines import Line, read_line, split
from costmodel.tokens.nest import Nest, read_nest
from costmodel.tokens.placed import Body
from costmodel.tokens.quick import Met, quick_bodies
from costmodel.tokens.stream import Scheme, Tokens, tokens


@dataclass(eq=False)  # nobody changes it; frozen it takes three times as long to make
class Reading:
    """What a text says, computed when asked for."""

    text: str
    met: Met = field(default_factory=dict[Any, Any], repr=False)
    """Bodies of the texts read beside it."""

    @cached_property
    def parts(self) -> list[str]:
        """The text, cut into operations."""
        return list(split(self.text))

    @cached_property
    def lines(self) -> list[Line]:
        """The operations."""
        return [line for part in self.parts if (line := read_line(part)) is not None]

    @cached_property
    def nest(self) -> Nest:
        """Its loops."""
        return read_nest(self.lines)

    @property
    def bodies(self) -> tuple[Body, ...]:
        """Its bodies, as columns are computed from them. Kept as a cached property keeps them, whose lock takes a tenth of the time that
        reading most texts does."""
        found: tuple[Body, ...] | None = self.__dict__.get("_bodies")
        if found is None:
            found = quick_bodies(self.text, self.met)
            found = tuple(body.summed() for body in self.nest.bodies) if found is None else found
            self.__dict__["_bodies"] = found
        return found

    @property
    def loops(self) -> bool:
        """Whether there are any."""
        return any(body.path for body in self.bodies)

    @cached_property
    def described(self) -> tuple[Mapping[str, float], Set[str]]:
        """Numbers and words of its attributes."""
        return describe(self.parts)

    @cached_property
    def _grams(self) -> dict[Scheme, dict[str, float]]:
        return {}

    def grams(self, scheme: Scheme) -> Mapping[str, float]:
        """Runs of its tokens."""
        found = self._grams.get(scheme)
        if found is None:
            found = self._grams[scheme] = grams(self.tokens(scheme))
        return found

    @cached_property
    def running(self) -> Floats:
        """Columns of its tokens by running products."""
        return np.array(running(self.tokens(Scheme.RUNNING)))

    def tokens(self, scheme: Scheme = Scheme.DISTANCE) -> Tokens:
        """Its tokens."""
        return tokens(self.lines, self.nest, scheme)
