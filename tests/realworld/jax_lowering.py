"""Functions of jax that others wrote, as StableHLO text with their time on this machine: JSON lines on standard output.

Every public function of jax.numpy, jax.nn, jax.scipy and jax.lax that takes one, two or three arrays of floats is lowered for two sizes,
compiled, and timed: the least of five bursts. What does not take such arguments, or gives no array, is left out. A line with a number
says which function comes next, so that after a function that takes the process down one can go on with `--first`. Runs in any Python
that has jax; `stablehlo.py` makes one.
"""

# pyright: reportMissingImports=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false, reportUnknownLambdaType=false

import json
import time
import warnings
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from typing import Any

SIZES = (48, 320)
MOST_OPERATIONS = 2e9
"""Operations of a call, as XLA counts them; what needs more is left out."""
SHAPES: tuple[tuple[str, ...], ...] = (
    ("nn",),
    ("nn", "nn"),
    ("n",),
    ("n", "n"),
    ("nn", "n"),
    ("nn", "nn", "nn"),
)
MODULES = (
    "jax.numpy",
    "jax.numpy.linalg",
    "jax.numpy.fft",
    "jax.nn",
    "jax.scipy.special",
    "jax.scipy.linalg",
    "jax.scipy.signal",
    "jax.scipy.stats.norm",
    "jax.scipy.stats.logistic",
    "jax.scipy.stats.gamma",
    "jax.lax",
)


def candidates() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Name and function, each function once."""
    from importlib import import_module

    seen: set[int] = set()
    for module in MODULES:
        found = import_module(module)
        for name in sorted(dir(found)):
            each = getattr(found, name)
            if callable(each) and not isinstance(each, type) and not name.startswith("_") and id(each) not in seen:
                seen.add(id(each))
                yield f"{module}.{name}", each


def lowers(function: Callable[..., Any], arguments: Sequence[Any]) -> bool:
    """Whether the function takes such arguments and gives arrays."""
    import jax

    try:
        return bool(jax.tree.leaves(jax.eval_shape(function, *arguments)))
    except Exception:  # what a function of another's refuses, and how, is up to it
        return False


def lowered(function: Callable[..., Any], arguments: Sequence[Any]) -> tuple[str, float] | None:
    """Text and seconds a call; None when the function cannot be compiled after all."""
    import jax

    try:
        lowering = jax.jit(function).lower(*arguments)
        compiled = lowering.compile()
        if (compiled.cost_analysis() or {}).get("flops", 0) > MOST_OPERATIONS:
            return None
        jax.block_until_ready(compiled(*arguments))
    except Exception:
        return None
    return lowering.as_text(), seconds_of(lambda: jax.block_until_ready(compiled(*arguments)))


def arrays(shapes: Sequence[str], size: int) -> list[Any]:
    import numpy as np

    random = np.random.default_rng(1)
    return [random.uniform(0.1, 0.9, (size,) * len(shape)).astype(np.float32) for shape in shapes]


def seconds_of(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    once = time.perf_counter() - start
    calls = max(1, int(0.002 / max(once, 1e-7)))
    return min(_burst(call, calls) for _ in range(5))


def _burst(call: Callable[[], object], calls: int) -> float:
    start = time.perf_counter()
    for _ in range(calls):
        call()
    return (time.perf_counter() - start) / calls


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=0, help="the number of the first function")
    first = parser.parse_args().first
    warnings.simplefilter("ignore")
    for number, (name, function) in enumerate(candidates()):
        if number >= first:
            print(number, flush=True)
            print_texts(name, function)


def print_texts(name: str, function: Callable[..., Any]) -> None:
    shapes = next((each for each in SHAPES if lowers(function, arrays(each, 8))), None)
    for size in SIZES if shapes else ():
        if found := lowered(function, arrays(shapes or (), size)):
            print(json.dumps({"name": f"{name}-{size}", "text": found[0], "seconds": found[1]}), flush=True)


if __name__ == "__main__":
    main()
