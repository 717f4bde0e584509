"""Several minic modules become one.

    link([Unit("a", module_a), Unit("b", module_b)], by_file=False)

What headers gave to several units is there once; an internal item whose name another one has takes the name of its unit behind its own
(`helper_b`). The items stand in the order of the units. Findings of all kinds are raised together.
"""

from __future__ import annotations

from xdsl.dialects.builtin import ModuleOp, StringAttr

from compiler.diagnostics import CompileError
from compiler.passes.c_to_rust.link.externals import Externals
from compiler.passes.c_to_rust.link.likeness import Entry, alike
from compiler.passes.c_to_rust.link.renaming import rename
from compiler.passes.c_to_rust.link.units import Item, Unit, is_declaration, is_external


def link(units: list[Unit], *, by_file: bool) -> ModuleOp:
    """The program of all units. With `by_file` items are one only when they come from one file. Raises CompileError."""
    classes = alike(units, by_file=by_file)
    names = _names(units, classes)
    for number, unit in enumerate(units):
        found = {name: names[classes[number, name]] for name in unit.items if (number, name) in classes}
        new = {old: name for old, name in found.items() if old != name}
        for old in new:
            unit.items[old].properties.setdefault("c_name", StringAttr(old))
        rename(unit.items.values(), new)
    externals = Externals(units)
    if externals.findings:
        raise CompileError(*externals.findings)
    kept = _kept(units, classes, externals)
    for op in kept:
        op.detach()
    return ModuleOp(list(kept))


def _names(units: list[Unit], classes: dict[Entry, int]) -> dict[int, str]:
    """One name per class of internal items; external names are fixed."""
    taken = {name for unit in units for name, op in unit.items.items() if is_external(op)}
    names: dict[int, str] = {}
    for (number, name), kind in classes.items():
        if kind not in names:
            names[kind] = _free(name, units[number].stem, taken)
            taken.add(names[kind])
    return names


def _free(name: str, stem: str, taken: set[str]) -> str:
    if name not in taken:
        return name
    free = wanted = f"{name}_{stem}"
    count = 1
    while free in taken:
        count += 1
        free = f"{wanted}_{count}"
    return free


def _kept(units: list[Unit], classes: dict[Entry, int], externals: Externals) -> list[Item]:
    """The first member of each class, the definitions, and one declaration of what is defined nowhere."""
    kept: list[Item] = []
    seen: set[int | str] = set()
    for number, unit in enumerate(units):
        for name, op in unit.items.items():
            identity = name if is_external(op) else classes[number, name]
            superfluous = is_external(op) and is_declaration(op) and name in externals.definitions
            if identity not in seen and not superfluous:
                seen.add(identity)
                kept.append(op)
    return kept
