"""Memory is asked for before it is taken: a run that this computer cannot hold is refused with a word.

    require(bytes_needed, "the product")       # raises CompileError [C0708] beforehand, instead of being killed later

`available` is what Linux says can be taken without swapping (`MemAvailable`), or the address-space limit of the process
where that is less; elsewhere nothing is known and nothing refused.
"""

from __future__ import annotations

import resource
from pathlib import Path

from compiler.codes import Code
from compiler.diagnostics import refusal
from compiler.targets import kept_memory

SHARE = 0.9
"""Of what is available: the rest is for what nobody counts."""


def available() -> int | None:
    """Bytes that may still be taken; None where the system does not say."""
    found = [each for each in (_system(), _limit()) if each is not None]
    return min(found) if found else None


def fits(needed: int) -> bool:
    """Whether so much may be taken now."""
    free = available()
    return free is None or needed <= SHARE * free


def require(needed: int, what: str) -> None:
    """Refuse what does not fit, even when all that is kept for later is given back."""
    if fits(needed):
        return
    kept_memory.release()
    free = available()
    if free is not None and needed > SHARE * free:
        message = f"{what} may take {_text(needed)} of memory, but only {_text(free)} are available"
        raise refusal(Code.MEMORY, None, message)


def _system() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return None
    kilobytes = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
    return int(kilobytes[0]) * 1024 if kilobytes else None


def _limit() -> int | None:
    """What is left under `ulimit -v`."""
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY:
        return None
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return max(0, limit - pages * resource.getpagesize())


def _text(size: int) -> str:
    for unit, shift in (("GiB", 30), ("MiB", 20), ("KiB", 10)):
        if size >= 1 << shift:
            return f"{size / (1 << shift):.1f} {unit}"
    return f"{size} bytes"
