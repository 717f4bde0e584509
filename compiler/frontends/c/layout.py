"""Where the members of a struct lie: the System V ABI, bit-fields included.

    struct { char a; unsigned b : 3, c : 7; long d; }

    a at 0, bits 8 to 10 and 11 to 17 in the unit of four bytes at 0, d at 8; size 16
    minic fields:   a: u8 @0    b_c: u16 @1    d: i64 @8          the bit-fields that share bytes share one field

A bit-field never crosses a unit of its own type; width 0 begins a new unit. minic knows no bits: the field that stores them is an
unsigned integer, and `bit_fields` masks and shifts. Bits that fill three bytes are stored in four, of which the last may be another
member's in C: that matters only to who looks at the bytes of the struct, and offsets tell (`field_offsets` then overlap).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from compiler.frontends.c import ctypes as c

_STORAGE = {1: c.UCHAR, 2: c.USHORT, 4: c.UINT, 8: c.ULONG, 16: c.UINT128}


@dataclass(frozen=True, slots=True)
class Declared:
    """A member as declared; `width` of a bit-field, which may have no name."""

    name: str | None
    ctype: c.CType
    width: int | None = None


@dataclass(slots=True)
class _Group:
    """Bit-fields that share bytes: members with the positions of their first bits."""

    start: int
    end: int
    members: list[tuple[Declared, int]]

    @property
    def size(self) -> int:
        """Bytes of the integer that holds them all."""
        covered = self.end - self.start
        return next(size for size in _STORAGE if size >= covered)


@dataclass(slots=True)
class _Layout:
    position: int = 0
    align: int = 1
    members: list[c.Member] = field(default_factory=list[c.Member])
    fields: list[c.Field] = field(default_factory=list[c.Field])
    groups: list[_Group] = field(default_factory=list[_Group])
    names: set[str | None] = field(default_factory=set[str | None])

    def plain(self, declared: Declared) -> None:
        assert declared.name is not None
        align = c.align_of(declared.ctype)
        self.position = _round_up(self.position, 8 * align)
        offset = self.position // 8
        self.members.append(c.Member(declared.name, declared.ctype, offset))
        self.fields.append(c.Field(declared.name, declared.ctype, offset))
        self.position += 8 * c.size_of(declared.ctype)
        self.align = max(self.align, align)

    def bits(self, declared: Declared) -> None:
        unit = 8 * c.size_of(declared.ctype)
        width = declared.width or 0
        if width == 0 or self.position % unit + width > unit:
            self.position = _round_up(self.position, unit)
        if declared.name is not None:
            self.align = max(self.align, c.align_of(declared.ctype))
            self._group(declared, width)
        self.position += width

    def _group(self, declared: Declared, width: int) -> None:
        first, end = self.position // 8, (self.position + width + 7) // 8
        last = self.groups[-1] if self.groups else None
        if last is not None and first < last.start + last.size:
            last.end = max(last.end, end)
            last.members.append((declared, self.position))
        else:
            self.groups.append(_Group(first, end, [(declared, self.position)]))

    def close_run(self) -> None:
        """The bit-fields up to here are known: give each group its field."""
        for group in self.groups:
            self._store(group)
        self.groups = []

    def _store(self, group: _Group) -> None:
        storage = _STORAGE[group.size]
        name = self._storage_name([declared.name or "" for declared, _ in group.members])
        self.fields.append(c.Field(name, storage, group.start))
        for declared, position in group.members:
            bits = c.Bits(name, storage, position - 8 * group.start, declared.width or 0)
            self.members.append(c.Member(declared.name or "", declared.ctype, group.start, bits))

    def _storage_name(self, names: list[str]) -> str:
        if len(names) == 1:
            return names[0]
        name = "_".join(names) if len(names) <= 3 else f"{names[0]}_to_{names[-1]}"
        while name in self.names:
            name += "_bits"
        self.names.add(name)
        return name


def lay_out(definition: c.StructDefinition, declared: list[Declared]) -> None:
    """Complete the definition."""
    layout = _Layout(names={each.name for each in declared})
    for each in declared:
        if each.width is None:
            layout.close_run()
            layout.plain(each)
        else:
            layout.bits(each)
    layout.close_run()
    definition.align = layout.align
    definition.size = _round_up(layout.position, 8 * layout.align) // 8
    definition.members = tuple(layout.members)
    definition.fields = tuple(layout.fields)


def _round_up(position: int, step: int) -> int:
    return -(-position // step) * step
