"""Leaving out what cannot be translated: an item, and everything that needs it.

    int f(union u x) {…}     refused         ->   (nothing)
    int g(void) { … f(x) }   needs f         ->   (nothing)
    int h(int x) {…}                              int h(int x) {…}

A variable that an item left out may write is left out as well: what remains would take it for a constant. So no function that remains
behaves otherwise than in the whole program.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from xdsl.dialects.builtin import FileLineColLoc, ModuleOp
from xdsl.ir import Operation

from compiler.diagnostics import CompileError, Diagnostic, Severity, Span
from compiler.dialects import minic
from compiler.locations import span_of
from compiler.passes.c_to_rust.drop_unreachable import mentioned

Item = minic.FuncOp | minic.GlobalOp | minic.StructOp | minic.DefineOp


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An item left out: because of findings of its own, or because it needs another one (`needs`)."""

    name: str
    span: Span | None
    is_function: bool
    is_external: bool
    findings: tuple[Diagnostic, ...]
    needs: str = ""


@dataclass(slots=True)
class Omissions:
    """What has been left out so far: by name in the program at hand, and `elsewhere`, in files that it was made of."""

    items: dict[str, LeftOut] = field(default_factory=dict[str, LeftOut])
    elsewhere: list[LeftOut] = field(default_factory=list[LeftOut])

    def all(self) -> list[LeftOut]:
        """By place."""
        found = [*self.elsewhere, *self.items.values()]
        return sorted(found, key=lambda item: (item.span.file, item.span.line) if item.span is not None else ("", 0))

    def findings(self) -> list[Diagnostic]:
        """Each finding once, though several items may have met it."""
        found = {_identity(each): each for item in reversed(self.all()) for each in reversed(item.findings)}
        return list(reversed(found.values()))

    def absorb(self, unit: Omissions) -> None:
        """Take over what was left out of one file: its internal names mean nothing outside of it."""
        self.elsewhere += unit.elsewhere
        for item in unit.items.values():
            if item.is_external:
                self.items.setdefault(item.name, item)
            else:
                self.elsewhere.append(item)

    def add(self, item: LeftOut) -> None:
        """One more; a declaration without a name is needed by nobody."""
        if not item.name:
            self.elsewhere.append(item)
            return
        self.items.setdefault(item.name, item)

    def refuse(self, module: ModuleOp, error: CompileError) -> None:
        """Leave out the items that the findings are about. Raises the error again when one belongs to none."""
        owners = _Owners(module)
        findings: dict[str, list[Diagnostic]] = {}
        for each in error.diagnostics:
            owner = owners.of(each.span)
            if owner is None:
                raise error
            findings.setdefault(owner, []).append(each)
        items = _items(module)
        for name, own in findings.items():
            self.add(_left_out(items[name], tuple(own)))

    def leave_out(self, module: ModuleOp, written: Iterable[str] = ()) -> None:
        """Take the items out of a module, with all that need them, and the variables that they (or `written`) may change."""
        items = _items(module)
        mentions = {name: set(mentioned(item)) for name, item in items.items()}
        gone = [name for name in items if name in self.items]
        for name in written:
            self._spread(name, "", items, gone)
        users = _users(mentions)
        for name in [*self.items, *gone]:
            self._leave_users(name, users, items, mentions)
        for name, item in items.items():
            if name in self.items:
                item.detach()
                item.erase(safe_erase=False)

    def _leave_users(
        self, name: str, users: dict[str, list[str]], items: dict[str, Item], mentions: dict[str, set[str]]
    ) -> None:
        waiting = [name]
        while waiting:
            at = waiting.pop()
            for user in users.get(at, ()):
                if user not in self.items:
                    self.add(_left_out(items[user], self.items[at].findings, at))
                    waiting.append(user)
            for other in sorted(mentions.get(at, ())):
                self._spread(other, at, items, waiting)

    def _spread(self, name: str, of: str, items: dict[str, Item], waiting: list[str]) -> None:
        """A variable goes with whoever may write it."""
        item = items.get(name)
        if isinstance(item, minic.GlobalOp) and item.is_const is None and name not in self.items:
            findings = self.items[of].findings if of else ()
            self.add(_left_out(item, findings, of))
            waiting.append(name)


def _left_out(item: Item, findings: tuple[Diagnostic, ...], needs: str = "") -> LeftOut:
    is_external = isinstance(item, minic.FuncOp | minic.GlobalOp) and item.exported is not None
    return LeftOut(item.sym_name.data, span_of(item), isinstance(item, minic.FuncOp), is_external, findings, needs)


def _items(module: ModuleOp) -> dict[str, Item]:
    return {op.sym_name.data: op for op in module.body.block.ops if isinstance(op, Item)}


def _users(mentions: dict[str, set[str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, others in mentions.items():
        for other in sorted(others):
            found.setdefault(other, []).append(name)
    return found


def warnings(omissions: Omissions) -> list[Diagnostic]:
    """The findings behind what was left out, each with what went with it."""
    names: dict[object, dict[str, None]] = {}
    for item in omissions.all():
        for each in item.findings:
            names.setdefault(_identity(each), {}).update({item.name: None} if item.is_function else {})
    return [
        replace(each, severity=Severity.WARNING, notes=(*each.notes, *_note(list(names[_identity(each)]))))
        for each in omissions.findings()
    ]


def _identity(finding: Diagnostic) -> object:
    return finding.code, finding.span, finding.message


def _note(names: list[str]) -> tuple[str, ...]:
    return (f"left out: {', '.join(f'`{name}`' for name in names)}",) if names else ()


class _Owners:
    """The item that a place in the source belongs to: the one with an op there, else the one that begins last before it."""

    def __init__(self, module: ModuleOp) -> None:
        self._exact: dict[Span, str] = {}
        self._heads: dict[str, list[tuple[int, str]]] = {}
        for name, item in _items(module).items():
            for span in _spans(item):
                self._exact.setdefault(span, name)
            if (head := span_of(item)) is not None:
                self._heads.setdefault(head.file, []).append((head.line, name))

    def of(self, span: Span | None) -> str | None:
        if span is None:
            return None
        exact = self._exact.get(Span(span.file, span.line, span.column))
        before = [each for each in self._heads.get(span.file, ()) if each[0] <= span.line]
        return exact or (max(before)[1] if before else None)


def _spans(item: Operation) -> Iterator[Span]:
    for op in item.walk():
        place = op.location
        if isinstance(place, FileLineColLoc):
            yield Span(place.filename.data, place.line.data, place.column.data)
