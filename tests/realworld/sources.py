"""Debian source packages by name: from a cache folder where they lie already, else through `apt-get source`.

    tarball = fetch("nss", cache)        folder = unpack(tarball, into, "*/nss/lib/freebl/verified/*")

Source packages need a `deb-src` entry. A temporary list is made of the machine's own `deb` entries, so that nothing of the system is changed
and no root is needed.
"""

from __future__ import annotations

import fnmatch
import re
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

APT = Path("/etc/apt")


class NotFetched(Exception):
    """The package cannot be had here; the text says why."""


def fetch(package: str, cache: Path) -> Path:
    """The upstream tarball of a source package."""
    cache.mkdir(parents=True, exist_ok=True)
    found = _tarball(package, cache)
    if found is None:
        _download(package, cache)
        found = _tarball(package, cache)
    if found is None:
        raise NotFetched(f"`apt-get source {package}` gave no upstream tarball")
    return found


def _tarball(package: str, cache: Path) -> Path | None:
    return next(iter(sorted(cache.glob(f"{package}_*.orig.tar.*"))), None)


def _download(package: str, cache: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for each in ("lists/partial", "archives/partial"):
            (folder / each).mkdir(parents=True)
        (folder / "sources.list").write_text("\n".join(_one_line_entries()) + "\n")
        where = {
            "Dir::Etc::sourcelist": folder / "sources.list",
            "Dir::Etc::sourceparts": "-",
            "Dir::State::lists": folder / "lists",
            "Dir::Cache": folder,
        }
        options = [part for key, value in where.items() for part in ("-o", f"{key}={value}")]
        _apt([*options, "update", "-q"], cache)
        _apt([*options, "source", "-q", "--download-only", package], cache)


def _apt(arguments: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(
            ["apt-get", *arguments], cwd=folder, capture_output=True, text=True, timeout=900, check=False
        )
    except FileNotFoundError:
        raise NotFetched("there is no apt-get here") from None
    if done.returncode != 0:
        raise NotFetched(f"apt-get {arguments[-1]}: {done.stderr.strip()[-500:]}")


def _one_line_entries() -> Iterator[str]:
    """Every Debian archive that the machine knows, as a `deb-src` line."""
    for path in [APT / "sources.list", *sorted((APT / "sources.list.d").glob("*"))]:
        if not path.is_file():
            continue
        text = path.read_text()
        entries = _deb822(text) if path.suffix == ".sources" else _classic(text)
        yield from (entry for entry in entries if re.search(r"/debian(-security)?/? ", entry))


def _classic(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if match := re.match(r"deb(-src)?\s+(.*)", line):
            yield f"deb-src {match[2]}"


def _deb822(text: str) -> Iterator[str]:
    for paragraph in re.split(r"\n\s*\n", text):
        fields = {key.lower(): value.strip() for key, value in re.findall(r"^([\w-]+):(.*)$", paragraph, re.MULTILINE)}
        signed = f"[signed-by={fields['signed-by']}] " if fields.get("signed-by", "").startswith("/") else ""
        for uri in fields.get("uris", "").split():
            for suite in fields.get("suites", "").split():
                yield f"deb-src {signed}{uri} {suite} {fields.get('components', 'main')}"


def unpack(tarball: Path, into: Path, *patterns: str) -> Path:
    """Extracts the members that match a pattern; `into` is made."""
    into.mkdir(parents=True, exist_ok=True)
    with tarfile.open(tarball, "r|*") as archive:
        for member in archive:
            if any(fnmatch.fnmatch(member.name, pattern) for pattern in patterns):
                archive.extract(member, into, filter="data")
    return into
