"""The code of modules from an earlier start: two hundred and fifty files fewer to look for, open and check at each start.

    with KeptModules(memory):           importing asks the memory first
        import …                        and what it did not know is kept for the next start

Kept are modules inside the packages that a translation imports, not the packages themselves, so where they are found is Python's own matter.
A module is taken from the memory where Python would take its `.pyc`: the source has the time and the size that it had. The folder has to
have its time too, as another file in it may be what Python would find now.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import CodeType, ModuleType

from compiler.cli.start_memory import StartMemory

_PACKAGES = ("compiler", "pycparser", "xdsl")
_KEY = "code"

_Kept = tuple[str, str, tuple[int, int, int], CodeType]
"""The source file, the file of its bytecode, what `stat` says of it and of its folder, the code."""


class KeptModules:
    """A finder of modules (`sys.meta_path`), from the beginning to the end of the block."""

    def __init__(self, memory: StartMemory, packages: Sequence[str] = _PACKAGES) -> None:
        self._memory = memory
        self._packages = frozenset(packages)
        self._before: set[str] = set()
        self._folders: dict[str, int] = {}
        """When something was added to each folder, or taken away: asked once."""

    def __enter__(self) -> None:
        self._before = set(sys.modules)
        sys.meta_path.insert(0, self)

    def __exit__(self, *_: object) -> None:
        sys.meta_path.remove(self)
        self._folders.clear()
        for name, kept in self._found_without():
            group = _group(name)
            self._memory.group(group)[_KEY] = kept
            self._memory.changed(group)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """None: ask the next finder."""
        if path is None or len(path) != 1 or not self._is_inside(fullname):
            return None
        kept: _Kept | None = self._memory.group(_group(fullname)).get(_KEY)
        if kept is None:
            return None
        file, cached, times, code = kept
        folder = os.path.dirname(file)
        is_package = file.endswith("__init__.py")
        if path[0] != (os.path.dirname(folder) if is_package else folder) or self._times(file, path[0]) != times:
            return None
        spec = ModuleSpec(fullname, _KeptLoader(fullname, file, code), origin=file)
        spec.submodule_search_locations = [folder] if is_package else None
        spec.has_location = True
        spec.cached = cached
        return spec

    def _found_without(self) -> Iterator[tuple[str, _Kept]]:
        """The modules that Python's own finder found."""
        for name in sorted(set(sys.modules) - self._before):
            spec = sys.modules[name].__spec__ if self._is_inside(name) else None
            if spec is None or type(spec.loader) is not SourceFileLoader or not spec.origin or not spec.cached:
                continue
            folder = os.path.dirname(spec.origin)
            times = self._times(spec.origin, os.path.dirname(folder) if spec.submodule_search_locations else folder)
            code = spec.loader.get_code(name)
            if times and code:
                yield name, (spec.origin, spec.cached, times, code)

    def _is_inside(self, name: str) -> bool:
        package, dot, _ = name.partition(".")
        return bool(dot) and package in self._packages

    def _times(self, file: str, folder: str) -> tuple[int, int, int] | None:
        try:
            of_folder = self._folders.get(folder)
            if of_folder is None:
                of_folder = self._folders[folder] = os.stat(folder).st_mtime_ns
            found = os.stat(file)
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, of_folder


class _KeptLoader(SourceFileLoader):
    """What it says of a module is what Python's loader says; it has the code at hand."""

    def __init__(self, fullname: str, path: str, code: CodeType) -> None:
        super().__init__(fullname, path)
        self._code = code

    def get_code(self, fullname: str) -> CodeType:
        return self._code


def _group(name: str) -> str:
    return f"module {name}"
