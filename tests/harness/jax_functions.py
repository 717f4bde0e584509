"""MLIR that nobody here wrote: functions lowered by JAX to StableHLO text, and a collector that times them.

costmodel collect jax_functions:COLLECTOR -o jax.jsonl.gz        (with this folder on PYTHONPATH)
"""

# pyright: reportUnknownLambdaType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# (JAX is no dependency, so its types are not known)

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from costmodel.collector import Options, Task
from costmodel.sample import Sample

Function = tuple[str, str, Callable[..., Any], tuple[Any, ...]]
"""Family, name, function, arguments."""

UNARY = "exp log sin cos tanh sqrt abs floor ceil sign negative square reciprocal log1p expm1 arctan sinh cosh cbrt rint".split()
BINARY = "add subtract multiply divide maximum minimum power arctan2 logaddexp equal less greater hypot".split()
REDUCTIONS = "sum max min mean prod argmax argmin std var any cumsum sort median linalg_norm".split()
SHAPES = ((1024,), (64, 96), (16, 24, 40), (512, 512))


def _jax() -> tuple[Any, Any]:
    """JAX and its NumPy, which are no dependency of ours."""
    return import_module("jax"), import_module("jax.numpy")


def functions() -> Iterator[Function]:
    """All of them, in a fixed order."""
    _, jnp = _jax()

    for shape in SHAPES:
        x = jnp.ones(shape, jnp.float32) * 0.5
        name = "x".join(map(str, shape))
        for op in UNARY:
            yield "unary", f"{op}-{name}", getattr(jnp, op), (x,)
        for op in BINARY:
            yield "binary", f"{op}-{name}", getattr(jnp, op), (x, x + 1)
        for op in REDUCTIONS:
            reduce: Callable[..., Any] = jnp.linalg.norm if op == "linalg_norm" else getattr(jnp, op)
            yield "reduction", f"{op}-{name}", lambda a, reduce=reduce: reduce(a, axis=-1), (x,)
    yield from _linear()
    yield from _layers()
    yield from _control()


def _linear() -> Iterator[Function]:
    jax, jnp = _jax()

    for n in (16, 40, 64, 128, 200, 256):
        a = jnp.eye(n, dtype=jnp.float32) + 0.01
        cases: dict[str, Callable[..., Any]] = {
            "matmul": lambda a: a @ a,
            "transposed": lambda a: a.T @ a,
            "chain": lambda a: a @ a @ a,
            "einsum": lambda a: jnp.einsum("ij,kj->ik", a, a),
            "outer": lambda a: jnp.outer(a[0], a[1]),
            "trace": jnp.trace,
            "cholesky": lambda a: jnp.linalg.cholesky(a @ a.T),
            "fft": lambda a: jnp.abs(jnp.fft.fft(a)),
            "kron": lambda a: jnp.kron(a[:8, :8], a[:8, :8]),
            "gradient": jax.grad(lambda a: jnp.sum(jnp.tanh(a @ a))),
        }
        for name, function in cases.items():
            yield "linear", f"{name}-{n}", function, (a,)


def _layers() -> Iterator[Function]:
    jax, jnp = _jax()

    def normed(x: Any) -> Any:
        return (x - x.mean(-1, keepdims=True)) / jnp.sqrt(x.var(-1, keepdims=True) + 1e-5)

    def attention(x: Any) -> Any:
        return jax.nn.softmax(x @ x.T / 8.0) @ x

    def convolution(x: Any) -> Any:
        image, kernel = x[None, None], jnp.ones((4, 1, 3, 3), x.dtype)
        return jax.lax.conv_general_dilated(image, kernel, (1, 1), "SAME")

    def pooling(x: Any) -> Any:
        return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (2, 2), (2, 2), "VALID")

    layers: dict[str, Callable[..., Any]] = {
        "softmax": jax.nn.softmax,
        "norm": normed,
        "attention": attention,
        "convolution": convolution,
        "pooling": pooling,
        "gelu": jax.nn.gelu,
        "relu": jax.nn.relu,
        "swish": jax.nn.silu,
        "gather": lambda x: x[jnp.arange(8) * 2],
        "scatter": lambda x: x.at[jnp.arange(8)].add(1.0),
        "pad": lambda x: jnp.pad(x, 3),
        "roll": lambda x: jnp.roll(x, 5, axis=1),
        "one-hot": lambda x: jax.nn.one_hot(x[0].astype(jnp.int32), 10),
        "where": lambda x: jnp.where(x > 0, x, 2 * x),
        "top-k": lambda x: jax.lax.top_k(x, 4)[0],
    }
    for n in (32, 64, 128):
        for dtype in (jnp.float32, jnp.bfloat16):
            x = jnp.ones((n, n), dtype) * 0.3
            for name, function in layers.items():
                yield "layer", f"{name}-{n}-{dtype.__name__}", function, (x,)


def _control() -> Iterator[Function]:
    jax, jnp = _jax()

    for n in (8, 32, 100):
        x = jnp.ones((n,), jnp.float32)
        yield "control", f"scan-{n}", lambda x: jax.lax.scan(lambda c, v: (c * 0.9 + v, c), 0.0, x), (x,)
        yield "control", f"while-{n}", lambda x, n=n: jax.lax.fori_loop(0, n, lambda i, s: s + x[i], 0.0), (x,)
        yield "control", f"cond-{n}", lambda x: jax.lax.cond(x[0] > 0, jnp.sin, jnp.cos, x), (x,)
        yield "control", f"random-{n}", lambda x: jax.random.normal(jax.random.key(0), x.shape), (x,)
        yield "control", f"mapped-{n}", jax.vmap(lambda v: v * v + 1), (x,)


def text(function: Callable[..., Any], arguments: tuple[Any, ...]) -> str:
    """The StableHLO text of a function."""
    jax, _ = _jax()
    return jax.jit(function).lower(*arguments).as_text()


@dataclass(frozen=True)
class Timed:
    """Labels: seconds of a call, the least of twenty in a row, three times over."""

    source: str = "jax"
    timed: bool = True

    def missing(self) -> str | None:
        return None if find_spec("jax") else "JAX (pip install jax)"

    def tasks(self, options: Options) -> Sequence[Task]:
        return [Task(f"{family}/{name}", {}) for family, name, _, _ in functions()][: options.limit]

    def run(self, task: Task) -> Sequence[Sample]:
        jax, _ = _jax()

        for family, name, function, arguments in functions():
            if f"{family}/{name}" == task.key:
                compiled = jax.jit(function).lower(*arguments).compile()
                repeats = [_best(compiled, arguments) for _ in range(3)]
                labels = {"seconds": min(repeats)}
                return [
                    Sample(
                        "jax",
                        "cpu-xla",
                        family,
                        task.key,
                        "only",
                        text(function, arguments),
                        labels,
                        repeats={"seconds": repeats},
                    )
                ]
        return []


def _best(compiled: Any, arguments: tuple[Any, ...]) -> float:
    jax, _ = _jax()

    times: list[float] = []
    for _ in range(20):
        start = time.perf_counter()
        jax.block_until_ready(compiled(*arguments))
        times.append(time.perf_counter() - start)
    return min(times)


COLLECTOR = Timed()
