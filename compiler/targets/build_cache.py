"""What has been compiled for this processor, kept in a folder of the user's (`$XDG_CACHE_HOME/splitwood`), or a temporary one.

    built([text, *command, version(name)], ".so", make)        # the path; `make(place)` writes it where there is none

The name of an entry is a hash of what it was made from, this processor included. Entries appear whole or not at all.
"""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path


def built(made_from: Sequence[str], suffix: str, make: Callable[[Path], Path]) -> Path:
    """The entry; `make` builds one in a folder of its own and tells its path there."""
    key = hashlib.sha256("\0".join([*made_from, _processor()]).encode()).hexdigest()
    target = _folder() / f"{key[:32]}{suffix}"
    if not target.exists():
        with tempfile.TemporaryDirectory(dir=target.parent) as place:
            os.replace(make(Path(place)), target)
    return target


@cache
def version(name: str) -> str:
    """What a compiler says it is."""
    return subprocess.run([name, "--version"], capture_output=True, text=True, check=False).stdout


@cache
def _processor() -> str:
    """What `-march=native` depends on."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return "\n".join(sorted({line for line in lines if line.startswith(("model name", "flags", "Features"))}))


@cache
def _folder() -> Path:
    """Where compiled kernels are kept."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    folder = Path(base) / "splitwood"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return Path(tempfile.mkdtemp(prefix="splitwood-"))
