"""Puts the checkout that this script belongs to on the import path, whatever folder it is started from."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

for _folder in (ROOT / "tests" / "harness", ROOT):
    if str(_folder) not in sys.path:
        sys.path.insert(0, str(_folder))
