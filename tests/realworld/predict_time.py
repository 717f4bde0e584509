"""How long the shipped model takes from text to number: one nest alone, and a candidate among 256 of its kernel.

    python tests/realworld/predict_time.py [--kernels 20]

Processor time, warm (the model loaded, candidates of three other kernels predicted before in six calls, after which what is called often
is compiled thoroughly), each text for the first time. One kernel of each family is drawn; its candidates are schedules of it. Alone: eight
of them, one call each; the median over all. In a batch: one call; the mean.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from statistics import mean, median

import costmodel
from compiler.tuning.loops.families import families
from compiler.tuning.loops.kernels import Kernel, draw_kernels
from compiler.tuning.loops.schedules import draw_variants
from compiler.tuning.loops.text import kernel_text

BATCH, ALONE, WARM = 256, 8, 3
SEED = 77


def drawn(count: int) -> list[Kernel]:
    """A kernel of each of so many families."""
    return [draw_kernels(forms, 2, SEED)[-1] for forms in list(families().values())[: count + WARM]]


def texts_of(kernel: Kernel) -> list[str]:
    """Different schedules of a kernel: those that are predicted alone, then the batch."""
    return [kernel_text(kernel, variant) for variant in draw_variants(kernel, BATCH + ALONE, SEED)]


def seconds(model: costmodel.CostModel, texts: Sequence[str]) -> float:
    """Processor time of one prediction of some texts."""
    begin = time.process_time()
    model.predict(texts, "seconds", target="cpu-x86")
    return time.process_time() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kernels", type=int, default=len(families()) - WARM, help="families (default all)")
    options = parser.parse_args()
    model = costmodel.load()
    kernels = [texts_of(kernel) for kernel in drawn(options.kernels)]
    for texts in kernels[:WARM]:
        seconds(model, texts[:BATCH])
        seconds(model, texts[: BATCH // 2])
        for text in texts[:ALONE]:
            seconds(model, [text])
    alone = [seconds(model, [text]) for texts in kernels[WARM:] for text in texts[:ALONE]]
    batches = [seconds(model, texts[ALONE:]) / len(texts[ALONE:]) for texts in kernels[WARM:]]
    print(f"one nest: {1e3 * median(alone):.2f} ms (slowest {1e3 * max(alone):.2f}), {len(alone)} nests")
    print(
        f"of {BATCH}: {1e6 * mean(batches):.0f} us a candidate (slowest {1e6 * max(batches):.0f}), {len(batches)} kernels"
    )


if __name__ == "__main__":
    main()
