"""Every op x every format over all bit patterns, in every mode of every pair of formats: what the default run has no time for. Prints a table.

    python tests/realworld/every_pattern.py                     all ops; minutes
    python tests/realworld/every_pattern.py round matmul

The interpreter's results are held against exact rational numbers (`tests/harness/exact_rows.py`); the first that differs ends the run.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from time import process_time

sys.path.insert(0, str(Path(__file__).parents[1] / "harness"))

from exact_cells import holds
from exact_rows import ROWS, computed


def main() -> None:
    names = [op.name.partition(".")[2] for op in ROWS]
    parser = ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("ops", nargs="*", choices=[*names, []], help="all, if none is named")
    asked = parser.parse_args().ops or names
    for name, row in zip(names, ROWS.values(), strict=True):
        if name not in asked:
            continue
        started, cells, results = process_time(), 0, 0
        for batch in row(True):
            holds(batch, computed(batch))
            cells, results = cells + len(batch.cells), results + batch.patterns
        said = f"{name:13} {cells:6} cells {results:13,} results, all exact  {process_time() - started:6.1f} s\n"
        sys.stdout.write(said)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
