"""The cost model on MLIR that nobody here wrote: functions of jax, lowered to StableHLO.

    python tests/realworld/stablehlo.py [--cache FOLDER] [--model FILE] [--texts FILE]

A virtual environment with jax is made in the cache (a package that is not installed otherwise), `jax_lowering.py` runs in it, and every
text is tokenised and predicted. Printed: how many texts were read, the share of operations out of vocabulary and their names, Spearman's
correlation and the median error of predicted against measured seconds, overall and among texts that the model does not call foreign.
Ends with a status other than 0 when a text cannot be read, or more than one operation in two hundred is out of vocabulary. jax fuses
operations into kernels; the model, which learned from loop nests, has never seen one of these texts.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import costmodel
from costmodel.model import CostModel
from costmodel.tokens.lines import read_lines
from costmodel.tokens.vocabulary import OpClass, classify

JAX = "jax==0.10.2"
LOWERING = Path(__file__).with_name("jax_lowering.py")
MOST_UNKNOWN = 0.005
FEWEST = 300


@dataclass(frozen=True, slots=True)
class Lowered:
    name: str
    text: str
    seconds: float


def lowered_functions(cache: Path) -> list[Lowered]:
    """What `jax_lowering.py` prints, kept in the cache."""
    texts = cache / "jax_texts.jsonl"
    if not texts.exists():
        python = cache / "jax" / "bin" / "python"
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", str(cache / "jax")], check=True)
            subprocess.run([str(python), "-m", "pip", "install", "--quiet", JAX], check=True)
        texts.write_text("\n".join(lowered_by(python)) + "\n")
    return read_texts(texts)


def lowered_by(python: Path) -> list[str]:
    """Lines that hold a text; functions that take the process down are passed over."""
    lines: list[str] = []
    first = 0
    while True:
        done = subprocess.run([str(python), str(LOWERING), "--first", str(first)], capture_output=True, text=True)
        printed = done.stdout.splitlines()
        lines += [line for line in printed if line.startswith("{") and line.endswith("}")]
        numbers = [int(line) for line in printed if line.isdigit()]
        if done.returncode == 0 or not numbers:
            return lines
        print(f"function {numbers[-1]} took jax down: status {done.returncode}", file=sys.stderr)
        first = numbers[-1] + 1


def read_texts(path: Path) -> list[Lowered]:
    return [Lowered(**json.loads(line)) for line in path.read_text().splitlines()]


def unknown_operations(functions: Sequence[Lowered]) -> tuple[int, Counter[str]]:
    """Operations in all texts, and those whose class is not known, by name."""
    names = [line.name for function in functions for line in read_lines(function.text) if line.name]
    return len(names), Counter(name for name in names if classify(name) is OpClass.OTHER)


def report(functions: Sequence[Lowered], model: CostModel) -> bool:
    """Prints the table; whether what must hold does."""
    total, unknown = unknown_operations(functions)
    share = sum(unknown.values()) / max(1, total)
    estimates = costmodel.predict(model, [each.text for each in functions], "seconds", "cpu-x86")
    print(f"{len(functions)} functions, {total} operations, all read; out of vocabulary {share:.3%}  {dict(unknown)}")
    known = [at for at, each in enumerate(estimates) if each.foreign <= 1]
    for name, chosen in (("all", list(range(len(functions)))), ("not foreign", known)):
        _print_quality(name, [estimates[at].value for at in chosen], [functions[at].seconds for at in chosen])
    return len(functions) >= FEWEST and share <= MOST_UNKNOWN


def _print_quality(name: str, predicted: Sequence[float], measured: Sequence[float]) -> None:
    if len(predicted) < 3:
        print(f"{name}: {len(predicted)} texts")
        return
    logs = np.abs(np.log(np.asarray(predicted) / np.asarray(measured)))
    ranks = [np.argsort(np.argsort(values)) for values in (predicted, measured)]
    correlation = float(np.corrcoef(ranks[0], ranks[1])[0, 1])
    print(f"{name}: {len(predicted)} texts, Spearman {correlation:.2f}, median error {np.expm1(np.median(logs)):.0%}")


def main() -> int:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, help="keeps jax and the texts")
    parser.add_argument("--model", help="a model file; by default the one that ships")
    parser.add_argument("--texts", type=Path, help="texts of an earlier run instead of jax")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        cache = arguments.cache or Path(folder)
        cache.mkdir(parents=True, exist_ok=True)
        functions = read_texts(arguments.texts) if arguments.texts else lowered_functions(cache)
    return 0 if report(functions, costmodel.load(arguments.model)) else 1


if __name__ == "__main__":
    sys.exit(main())
