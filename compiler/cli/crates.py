"""Writing a crate: whole or not at all, and over nothing that is not ours.

    write_crate("out", {"Cargo.toml": …, "src/lib.rs": …})

A new folder is made beside its place and renamed into it. In a folder that holds an earlier crate of ours, `src` is exchanged as a whole;
what else is there (tests, a lock file, build results) stays. Refused: a folder of anything else, and a `src` with a file that we did not
write.
"""

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from compiler.cli.files import replace_file
from compiler.codes import Code
from compiler.diagnostics import CompileError, refusal
from compiler.source_text import reason

_MANIFEST = "Cargo.toml"


def write_crate(folder: str, files: Mapping[str, str]) -> None:
    target = Path(os.path.realpath(folder))
    try:
        if target.is_dir() and any(target.iterdir()):
            _replace(target, files, _previous(folder, target))
        else:
            _create(target, files)
    except (OSError, ValueError) as error:
        raise _unwritable(folder, reason(error)) from error


def package_of(folder: str) -> str:
    """The name that a crate in this folder gets."""
    return Path(os.path.realpath(folder)).name


def _create(target: Path, files: Mapping[str, str]) -> None:
    if target.exists() and not target.is_dir():
        raise NotADirectoryError(20, "is not a folder")
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        _write(unfinished, files)
        unfinished.replace(target)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def _replace(target: Path, files: Mapping[str, str], ours: frozenset[str]) -> None:
    source, old = target / "src", target / f".src.{os.getpid()}.old"
    if foreign := [path for path in _files_under(source, target) if path not in ours]:
        raise ValueError(f"`{foreign[0]}` was not written by c2rust-safe")
    unfinished = target / f".src.{os.getpid()}"
    try:
        _write(unfinished, {path.removeprefix("src/"): text for path, text in files.items() if path.startswith("src/")})
        if source.exists():
            source.rename(old)
        unfinished.rename(source)
    except BaseException:
        if old.exists() and not source.exists():
            old.rename(source)
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    replace_file(target / _MANIFEST, files[_MANIFEST].encode())
    shutil.rmtree(old, ignore_errors=True)


def _previous(folder: str, target: Path) -> frozenset[str]:
    """The files of the crate of ours that the folder holds."""
    import tomllib  # here: most crates are new, most translations no crate

    manifest: dict[str, Any] = {}
    with suppress(OSError, ValueError):
        manifest = tomllib.loads((target / _MANIFEST).read_text())
    try:
        return frozenset(manifest["package"]["metadata"]["c2rust-safe"]["files"])
    except (KeyError, TypeError):
        raise _unwritable(folder, "it is not empty, and no crate of c2rust-safe") from None


def _files_under(source: Path, target: Path) -> list[str]:
    return sorted(path.relative_to(target).as_posix() for path in source.rglob("*") if not path.is_dir())


def _write(folder: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=path != file.name, exist_ok=True)
        file.write_bytes(text.encode("utf-8", "replace"))


def _unwritable(folder: str, why: str) -> CompileError:
    return refusal(Code.OUTPUT_UNWRITABLE, None, f"cannot write `{folder}`: {why}")
