"""Generated matrices by name, for command lines: `smash16k`, `rmat:12,32768`, `uniform:100,200,5,seed=7`.

    generate("poisson2d:64")

Arguments are those of the functions in `runtime/sparse/generators.py`, in order, then by name.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from runtime.faults import MatrixError
from runtime.sparse import generators
from runtime.sparse.containers import Csr

GENERATORS: dict[str, Callable[..., Csr]] = {
    "smash16k": generators.smash16k,
    "rmat": generators.rmat,
    "poisson2d": generators.poisson2d,
    "poisson3d": generators.poisson3d,
    "banded": generators.banded,
    "smallworld": generators.small_world,
    "uniform": generators.uniform,
    "blocks": generators.block_diagonal,
    "powerlaw": generators.power_law,
    "denserow": generators.dense_row,
    "densecolumn": generators.dense_column,
    "empty": generators.empty,
}
"""What a name stands for; the suite's names stand for its matrices too."""

LARGEST = 1 << 28
"""No argument is larger: a matrix of more rows or entries does not come from a command line."""


def usage() -> str:
    """The names with their arguments."""
    return ", ".join(_signature(name, function) for name, function in GENERATORS.items())


def generate(text: str) -> Csr:
    """The matrix that a text names."""
    if text in generators.SUITE:
        return generators.SUITE[text]()
    name, _, rest = text.partition(":")
    if name not in GENERATORS:
        raise MatrixError(f"{text}: error: no such generator; there are {usage()}")
    positional, named = _arguments(text, rest)
    try:
        bound = inspect.signature(GENERATORS[name]).bind(*positional, **named)
    except TypeError:
        raise MatrixError(f"{text}: error: expected {_signature(name, GENERATORS[name])}") from None
    try:
        return GENERATORS[name](*bound.args, **bound.kwargs)
    except (ValueError, TypeError, OverflowError, MemoryError) as error:
        raise MatrixError(f"{text}: error: {error or type(error).__name__}") from None


def _arguments(text: str, rest: str) -> tuple[list[Any], dict[str, Any]]:
    positional: list[Any] = []
    named: dict[str, Any] = {}
    for item in filter(None, rest.split(",")):
        key, equals, value = item.rpartition("=")
        if equals:
            named[key.strip()] = _value(text, value)
        else:
            positional.append(_value(text, value))
    return positional, named


def _value(text: str, value: str) -> Any:
    word = value.strip()
    if word in ("true", "false"):
        return word == "true"
    try:
        number = float(word)
        found = int(word) if word.lstrip("+-").isdigit() else number
    except ValueError:
        raise MatrixError(f"{text}: error: `{word}` is no number") from None
    if not 0 <= number <= LARGEST:
        raise MatrixError(f"{text}: error: {word} is outside 0 to {LARGEST}")
    return found


def _signature(name: str, function: Callable[..., Csr]) -> str:
    parameters = inspect.signature(function).parameters.values()
    needed = [each.name.upper() for each in parameters if each.default is inspect.Parameter.empty]
    return f"{name}:{','.join(needed)}" if needed else name
