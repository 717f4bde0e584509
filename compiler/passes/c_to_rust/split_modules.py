"""Pass `split-modules`: one Rust module for each file that items come from.

    fn f() { g() }   (of a.c)                pub mod a { use crate::b::g; fn f() { g() } }
    fn g() { }       (of b.c)                pub mod b { pub(crate) fn g() { } }

Input: rust as one file, every item with its place. Output: `rust.mod`s of items and, where another module's items are named, `rust.use`;
what is used from elsewhere is at least `pub(crate)`. The file that has `main` stays at the root, which is `main.rs` then.

Why here: last. The passes before it see the whole program, and only now is it settled which names and types are written out.
"""

from __future__ import annotations

import os.path
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ArrayAttr, FileLineColLoc, ModuleOp, StringAttr, UnitAttr
from xdsl.ir import Attribute, Block, Operation, Region

from compiler.dialects import rust
from compiler.passes.c_to_rust.module_names import module_names
from compiler.passes.c_to_rust.rust_mentions import (
    bound_names,
    names_in,
    outlined,
    rename_mentions,
    renamed_structs,
    structs_in,
)

_Item = rust.FnOp | rust.OutlineOp | rust.StructOp | rust.ConstOp
_ROOT = ""
_INLINE_MODULE = re.compile(r"^(?:pub )?mod (\w+)", re.MULTILINE)


def _ignore(places: Mapping[str, tuple[str, str]]) -> None:
    """Nobody asked."""


@dataclass(frozen=True, slots=True)
class SplitModules:
    """The pass. `own_names` are the names that items would have if they stood alone: two files may each have an item of that name.
    `done` is given each item's module and name there, by the name that it came with."""

    name: ClassVar[str] = "split-modules"
    own_names: Mapping[str, str] = field(default_factory=dict[str, str], compare=False)
    done: Callable[[Mapping[str, tuple[str, str]]], None] = field(default=_ignore, compare=False)

    def apply(self, ctx: Context, op: ModuleOp, /) -> None:
        modules = _assigned(op)
        homes = {name: module for module in modules.values() for name in module.defined}
        for module in modules.values():
            _connect(module, homes)
        imported = {name for module in modules.values() for names in module.imports.values() for name in names}
        places = {name: (home.name, name) for name, home in homes.items()}
        for module in modules.values():
            local = _restore(module, {old: new for old, new in self.own_names.items() if old not in imported})
            places |= {old: (module.name, new) for old, new in local.items()}
        self.done(places)
        _rebuild(op, modules, is_program="main" in homes)


@dataclass(slots=True)
class _Module:
    """A module in the making: its ops, and the names it takes from other modules."""

    name: str
    ops: list[Operation] = field(default_factory=list[Operation])
    imports: dict[str, set[str]] = field(default_factory=dict[str, set[str]])

    @property
    def items(self) -> Iterator[_Item]:
        return (op for op in self.ops if isinstance(op, _Item))

    @property
    def defined(self) -> Iterator[str]:
        """The names that the module defines, those of its inline modules included."""
        yield from (item.sym_name.data for item in self.items)
        for op in self.ops:
            if isinstance(op, rust.VerbatimOp):
                yield from _INLINE_MODULE.findall(op.text.data)

    @property
    def path(self) -> str:
        return f"crate::{self.name}" if self.name else "crate"


def _assigned(module: ModuleOp) -> dict[str, _Module]:
    """The items by module, modules by name."""
    ops = list(module.body.block.ops)
    files = list(dict.fromkeys(map(_origin, ops)))
    main = next(
        (_origin(op) for op in ops if isinstance(op, rust.FnOp | rust.OutlineOp) and op.sym_name.data == "main"), None
    )
    structs = {op.sym_name.data for op in ops if isinstance(op, rust.StructOp)}
    names = module_names([file for file in files if file not in (main, _ROOT)], structs if main is not None else ())
    names |= {main or _ROOT: _ROOT, _ROOT: _ROOT}
    found: dict[str, _Module] = {}
    for op in ops:
        name = names[_origin(op)]
        found.setdefault(name, _Module(name)).ops.append(op)
    return found


def _origin(op: Operation) -> str:
    """The file that an op comes from; support code comes from none and belongs to the root."""
    place = op.location
    if isinstance(op, rust.VerbatimOp):
        return _ROOT
    return os.path.normpath(place.filename.data) if isinstance(place, FileLineColLoc) else "module"


def _connect(module: _Module, homes: dict[str, _Module]) -> None:
    """Note what the module needs from others, and make it visible there."""
    written: set[str] = set()
    met: set[str] = set()
    for item in module.items:
        _note_names(item, written, met)
    for name in sorted(written | met):
        home = homes.get(name)
        if home is None or home is module:
            continue
        _expose(home, name)
        if name in written:
            module.imports.setdefault(home.path, set()).add(name)


def _restore(module: _Module, own_names: Mapping[str, str]) -> dict[str, str]:
    """Give items that only their module knows the names that they have there, where nothing else has them; tell which."""
    wanted = {name: own_names[name] for name in module.defined if name in own_names}
    if not wanted:
        return {}
    taken = {*module.defined, *(name for names in module.imports.values() for name in names)}
    taken |= {name for item in module.items for name in bound_names(item)}
    names = {old: new for old, new in wanted.items() if new not in taken}
    types = renamed_structs(names)
    for item in module.items:
        for op in item.walk():
            types.change(op)
            rename_mentions(op, names)
        item.properties["sym_name"] = StringAttr(names.get(item.sym_name.data, item.sym_name.data))
    return names


def _expose(home: _Module, name: str) -> None:
    if home.name == _ROOT:
        return  # a module sees what is private in those around it
    item = next(item for item in home.items if item.sym_name.data == name)
    if item.public is None:
        item.properties["crate_public"] = UnitAttr()


def _rebuild(op: ModuleOp, modules: dict[str, _Module], *, is_program: bool) -> None:
    block = op.body.block
    for inner in list(block.ops):
        inner.detach()
    root = modules.get(_ROOT, _Module(_ROOT))
    for name in sorted(modules):
        if name != _ROOT:
            block.add_op(_mod_op(modules[name], op, public=not is_program))
    for inner in (*_use_ops(root, op), *root.ops):
        block.add_op(inner)


def _mod_op(module: _Module, around: ModuleOp, *, public: bool) -> rust.ModOp:
    body = Block([*_use_ops(module, around), *module.ops])
    properties: dict[str, Attribute] = {"sym_name": StringAttr(module.name)}
    if public and any(item.public is not None for item in module.items):
        properties["public"] = UnitAttr()
    return rust.ModOp.create(properties=properties, regions=[Region(body)], location=module.ops[0].location)


def _use_ops(module: _Module, around: ModuleOp) -> Iterator[rust.UseOp]:
    location = module.ops[0].location if module.ops else around.location
    for path, names in sorted(module.imports.items(), key=_use_order):
        properties = {"path": StringAttr(path), "names": ArrayAttr([StringAttr(name) for name in sorted(names)])}
        yield rust.UseOp.create(properties=properties, location=location)


def _use_order(entry: tuple[str, set[str]]) -> tuple[int, str]:
    """rustfmt's order of `use` lines: by segments, small letters first, braces last."""
    path, names = entry
    if path != "crate":
        return 0, path.removeprefix("crate::")
    if len(names) > 1:
        return 3, ""
    (name,) = names
    return (0 if name[0].islower() else 2 if name.isupper() else 1), name


# --- names that an item mentions ---------------------------------------------------------------------------------------------


def _note_names(item: _Item, written: set[str], met: set[str]) -> None:
    """Add the names that stand in the item's text to `written`, the structs whose fields it may use to `met`."""
    if isinstance(item, rust.OutlineOp):
        written.update(outlined(item.written))
        met.update(outlined(item.met))
    for ty in _signature(item):
        written.update(structs_in(ty))
    for op in item.walk():
        written.update(names_in(op))
        explicit = type(op) in _SPELLING or "annotate" in op.properties
        for result in op.results:
            (written if explicit else met).update(structs_in(result.type))


_SPELLING = frozenset((rust.CastOp, rust.StructLitOp))
"""The ops whose text names their type."""


def _signature(item: _Item) -> Iterator[Attribute]:
    match item:
        case rust.FnOp():
            yield item.result
            yield from (argument.type for argument in item.body.block.args)
        case rust.StructOp():
            yield from item.field_types
        case rust.ConstOp():
            yield item.type
        case rust.OutlineOp():
            pass


def mentions_of(function: rust.FnOp) -> dict[str, list[str]]:
    """What another process has to know of a function."""
    written: set[str] = set()
    met: set[str] = set()
    _note_names(function, written, met)
    return {"written": sorted(written), "met": sorted(met), "bound": sorted(set(bound_names(function)))}
