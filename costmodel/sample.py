"""One labelled program: the text of a module and what was measured of it. A line of a data set is one `Sample`.

    {"format": 1, "source": "loops", "target": "cpu-x86", "family": "matmul", "kernel": "matmul/plain-f32-64x64x64",
     "variant": "order=ikj,tile=0x0x32", "text": "func.func @…", "labels": {"seconds": 2.1e-05, "instructions": 181204}, …}

The unit of a label is part of its name's meaning and never varies: `UNITS`.
Refused, as a `ValueError` that names the field: another format, a missing or mistyped field, a label without a unit here, and a
label that is not a finite number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import TypeAlias, cast

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"

FORMAT = 1

UNITS: Mapping[str, str] = {
    "seconds": "s of one thread's processor time, for one execution",
    "cycles": "machine cycles, for one execution",
    "instructions": "executed instructions, for one execution",
    "registers": "physical registers used",
    "spills": "spills to the stack, static",
    "utilisation": "used share of the busiest resource, 0 to 1",
    "dram_bytes": "bytes moved to and from DRAM",
}
"""Every label there is, and its unit."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A module's text and its labels.

    `kernel` names what is computed (family and shape); samples of one kernel, target and configuration are alternatives to choose
    between, told apart by `variant`. `labels` holds one number a label; `repeats` the measurements behind it.
    """

    source: str
    target: str
    family: str
    kernel: str
    variant: str
    text: str
    labels: Mapping[str, float]
    config: Mapping[str, Json] = field(default_factory=dict[str, Json])
    analytical: Mapping[str, float] = field(default_factory=dict[str, float])
    repeats: Mapping[str, Sequence[float]] = field(default_factory=dict[str, Sequence[float]])
    tools: Mapping[str, str] = field(default_factory=dict[str, str])
    flags: Sequence[str] = ()
    seed: int = 1

    def as_json(self) -> dict[str, Json]:
        """The object of one line of a data set; equal samples give equal text, key for key."""
        return {
            "format": FORMAT,
            **{name: cast(str, getattr(self, name)) for name in _WORDS},
            "config": self.config,
            "text": self.text,
            "labels": self.labels,
            "analytical": self.analytical,
            "repeats": self.repeats,
            "tools": self.tools,
            "flags": list(self.flags),
            "seed": self.seed,
        }

    @staticmethod
    def from_json(value: Json) -> "Sample":
        """The sample that a line's object describes; ValueError, naming the field, when it is none."""
        if not isinstance(value, Mapping):
            raise ValueError("a sample is an object")
        if value.get("format") != FORMAT:
            raise ValueError(f"`format` is {value.get('format')!r}, this program reads {FORMAT}")
        return Sample(
            **{name: _word(value, name) for name in (*_WORDS, "text")},
            labels=_labels(value, "labels"),
            config=_object(value, "config"),
            analytical=_labels(value, "analytical"),
            repeats={name: _numbers(name, each) for name, each in _object(value, "repeats").items()},
            tools={name: str(each) for name, each in _object(value, "tools").items()},
            flags=_flags(value),
            seed=_seed(value),
        )


_WORDS = ("source", "target", "family", "kernel", "variant")


def _word(value: Mapping[str, Json], name: str) -> str:
    word = value.get(name)
    if not isinstance(word, str) or not word:
        raise ValueError(f"`{name}` must be a string that says something")
    return word


def _object(value: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    found = value.get(name, {})
    if not isinstance(found, Mapping):
        raise ValueError(f"`{name}` must be an object")
    return found


def _labels(value: Mapping[str, Json], name: str) -> dict[str, float]:
    labels = {key: _number(f"{name}.{key}", each) for key, each in _object(value, name).items()}
    if unknown := sorted(labels.keys() - UNITS.keys()):
        raise ValueError(f"`{name}.{unknown[0]}` is none of {', '.join(UNITS)}")
    return labels


def _number(name: str, value: Json) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise ValueError(f"`{name}` is {value!r}, not a finite number")
    return value


def _numbers(name: str, value: Json) -> list[float]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise ValueError(f"`repeats.{name}` must be a list of numbers")
    return [_number(f"repeats.{name}", each) for each in value]


def _flags(value: Mapping[str, Json]) -> tuple[str, ...]:
    flags = value.get("flags", ())
    if isinstance(flags, str) or not isinstance(flags, Sequence):
        raise ValueError("`flags` must be a list of words")
    return tuple(str(each) for each in flags)


def _seed(value: Mapping[str, Json]) -> int:
    seed = value.get("seed", 1)
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise ValueError("`seed` must be a whole number")
    return seed
