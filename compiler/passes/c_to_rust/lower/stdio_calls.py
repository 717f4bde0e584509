"""stdio.h: printing to stdout, stderr and into arrays.

    printf("%d of %s\\n", i, name)      print!("{} of ", i);
                                       cstd::print_str(&name);
                                       println!();
    putchar(alive ? '#' : '.')         print!("{}", if alive { "#" } else { "." });
    sprintf(buf, "%d", n)              cstd::sprintf(&mut buf, format!("{}", n).as_bytes());

C computes all arguments before it prints: calls among them keep their place before the first output.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xdsl.ir import Block, SSAValue

from compiler.analysis.library import STREAMS
from compiler.analysis.loops import constant_of
from compiler.analysis.paths import Base
from compiler.analysis.program import Call
from compiler.codes import Code
from compiler.dialects import minic
from compiler.dialects.minic_types import PtrType
from compiler.dialects.rust_types import BOOL, I32, USIZE, named
from compiler.passes.c_to_rust.lower.formatting import Formatting
from compiler.passes.c_to_rust.lower.memory_calls import BYTES
from compiler.passes.c_to_rust.lower.segments import Build, Formatted, Raw, Segment, Shown


@dataclass(frozen=True, slots=True)
class _Stream:
    """An output: the macros that print to it, whose names are also the first part of those of the functions that do."""

    macro: str


_STDOUT = _Stream("print")
_STDERR = _Stream("eprint")
_STREAMS = {"stdout": _STDOUT, "stderr": _STDERR}


class StdioCalls(Formatting):
    """Layer 4e: stdio.h."""

    # --- printing ------------------------------------------------------------------------------------------------------------

    def printf(self, op: Call) -> None:
        self._print(_STDOUT, self.segments(op, 0))

    def fprintf(self, op: Call) -> None:
        stream = self._stream(op, op.args[0])
        self._print(stream, self.segments(op, 1))

    def puts(self, op: Call) -> None:
        self._print(_STDOUT, self.joined([self._text_piece(op.args[0], op), b"\n"]))

    def fputs(self, op: Call) -> None:
        stream = self._stream(op, op.args[1])
        self._print(stream, self.joined([self._text_piece(op.args[0], op)]))

    def putchar(self, op: Call) -> None:
        """putchar, putc and fputc."""
        stream = self._stream(op, op.args[1]) if len(op.args) > 1 else _STDOUT
        self._print(stream, self.joined([self._character_piece(op.args[0])]))

    def fwrite(self, op: Call) -> None:
        """Bytes as they are."""
        stream = self._stream(op, op.args[3])
        unit, count = self.number(op.args[1]), op.args[2]
        if unit != 1:
            unit, count = self.number(op.args[2]), op.args[1]
        memory = self.memory(op.args[0], op)
        text, length = self._bytes_of_literal(op.args[0]), self.number(count)
        if unit == 1 and text is not None and length is not None and length <= len(text):
            self._print(stream, self.joined([text[:length]]))
            return
        if unit != 1 or not self.is_bytes(memory):
            raise self.unmapped(
                op, "`fwrite` of elements that are not bytes", help="print them, or write them byte by byte"
            )
        size = self.elements(count, 1, op)
        part = Raw(lambda: self.as_reference(self.bytes_range(memory.path, size, op, written=False)))
        self._print(stream, [part])

    def _bytes_of_literal(self, pointer: SSAValue) -> bytes | None:
        """All bytes of a string literal, NULs included."""
        path = self.resolve(pointer)
        literal = path.base.place.owner if path.base.place is not None else None
        at_start = path.last_elem is not None and path.last_elem.is_zero
        return bytes.fromhex(literal.bytes.data) if isinstance(literal, minic.StringOp) and at_start else None

    def fflush(self, op: Call) -> None:
        """Nothing is to be done for stderr, which std does not buffer."""
        if self._is_null(op.args[0]) or self._stream(op, op.args[0]) is _STDOUT:
            self.b.expr(self.cstd("flush", []))

    def _is_null(self, pointer: SSAValue) -> bool:
        op = pointer.owner
        while isinstance(op, minic.CastOp):
            op = op.operand.owner
        return isinstance(op, minic.NullOp)

    def _text_piece(self, pointer: SSAValue, op: Call) -> bytes | Shown | Raw:
        text = self.literal_text(pointer)
        if text is not None:
            return text
        if self.is_choice(pointer):
            return Shown(pointer, lambda: self.choice(pointer))
        return self.c_string(pointer, op)

    def _character_piece(self, value: SSAValue) -> bytes | Shown | Raw:
        constant = constant_of(value)
        if constant is not None:
            return bytes([constant & 255])
        if self.is_ascii(value):
            return Shown(value, lambda: self.ascii_character(value))
        return self.one_byte(value)

    def resolve_stream(self, pointer: SSAValue) -> str | None:
        """`stdout`, `stderr` or `stdin`; None for any other pointer."""
        op = pointer.owner
        place = op.place.owner if isinstance(op, minic.LoadOp) else None
        symbol = place.symbol.data if isinstance(place, minic.GlobalRefOp) else ""
        item = self.program.globals.get(symbol)
        return symbol if symbol in STREAMS and item is not None and item.extern is not None else None

    def _stream(self, op: Call, pointer: SSAValue) -> _Stream:
        found = self.resolve_stream(pointer)
        if found is None or found not in _STREAMS:
            raise self.refuse(
                Code.FILE_STREAM,
                op,
                f"`{op.callee.data}` to a stream that is not stdout or stderr",
                help="files are not translated",
            )
        return _STREAMS[found]

    def _print(self, stream: _Stream, segments: list[Segment]) -> None:
        self._settle(segments)
        for segment in segments:
            if isinstance(segment, Formatted):
                self._print_text(stream, segment)
            elif segment.string is not None:
                self.b.expr(self.cstd(f"{stream.macro}_str", [segment.string()]))
            else:
                self.b.expr(self.cstd(f"{stream.macro}_bytes", [segment.build()]))

    def _print_text(self, stream: _Stream, segment: Formatted) -> None:
        name = stream.macro
        if segment.ends_line:
            name += "ln"
            last = segment.parts.pop()
            assert isinstance(last, str)
            segment.add(last[:-1])
        if segment.parts or name.endswith("ln"):
            self.b.expr(self.format_macro(name, segment))

    # --- reading -------------------------------------------------------------------------------------------------------------

    def getchar(self, op: Call) -> SSAValue:
        """getchar, and getc and fgetc of stdin."""
        if op.args:
            self._stdin(op, op.args[0])
        return self.cstd("getchar", [], I32)

    def fgets(self, op: Call) -> None:
        self.b.expr(self.read_line(op))

    def read_line(self, op: Call) -> SSAValue:
        """`cstd::fgets(&mut line[..n])`: whether there was one."""
        self._stdin(op, op.args[2])
        memory = self.memory(op.args[0], op, written=True)
        if not self.is_bytes(memory):
            raise self.refuse(
                Code.TYPE_PUNNING, op, "`fgets` to memory that is not bytes", help="pass an array of char"
            )
        room = self.bytes_range(memory.path, self.elements(op.args[1], 1, op), op, written=True)
        return self.cstd("fgets", [self.b.ref(room, True)], BOOL)

    def _stdin(self, op: Call, pointer: SSAValue) -> None:
        if self.resolve_stream(pointer) != "stdin":
            raise self.refuse(
                Code.FILE_STREAM,
                op,
                f"`{op.callee.data}` of a stream that is not stdin",
                help="files are not translated",
            )

    # --- the order of evaluation ---------------------------------------------------------------------------------------------

    def _settle(self, segments: list[Segment]) -> None:
        """Give names to values that must be computed before others: calls before any output, and what C reads before a later call that
        may change it."""
        values = list(_values(segments))
        several = len(segments) > 1
        late = [i for i, each in enumerate(values) if (self.calls if several else self._writes)(each.source)]
        if late and (several or any(not self.calls(each.source) for each in values[: late[-1]])):
            for i, each in enumerate(values[: late[-1] + several]):
                self._hold(i, each)

    def _hold(self, index: int, shown: Shown) -> None:
        """The value under a name, which no other value of the statement has."""
        if constant_of(shown.source) is None:
            binding = self.b.let(self.names.reserve(f"value_{index + 1}" if index else "value"), shown.build())
            shown.build = lambda: binding

    def _writes(self, value: SSAValue) -> bool:
        """The expression calls a function that writes through a pointer."""
        return any(
            isinstance(argument.type, PtrType) and footprint.written
            for call in self._user_calls(value)
            for argument, footprint in zip(call.args, self.analyses.footprints.of(call.callee.data), strict=True)
        )

    def calls(self, value: SSAValue) -> bool:
        """The expression calls a function of the program."""
        return any(True for _ in self._user_calls(value))

    def _user_calls(self, value: SSAValue) -> Iterator[Call]:
        op = value.owner
        if isinstance(op, Block):
            return
        for each in (op, *(inner for region in op.regions for inner in region.walk())):
            if isinstance(each, minic.CallOp | minic.CallStmtOp) and each.callee.data in self.program.functions:
                yield each
        for operand in op.operands:
            yield from self._user_calls(operand)

    # --- into arrays ---------------------------------------------------------------------------------------------------------

    def sprintf(self, op: Call) -> None:
        self.b.expr(self.sprintf_value(op))

    def sprintf_value(self, op: Call) -> SSAValue:
        """sprintf; the value is the length of the text."""
        self._keep_strings_apart(op, 2)
        text = self._stored(op, self.segments(op, 1))
        target = self.byte_slice(op.args[0], op, mutable=True)
        return self.cstd("sprintf", [target, text()], I32)

    def snprintf(self, op: Call) -> None:
        self.b.expr(self.snprintf_value(op))

    def snprintf_value(self, op: Call) -> SSAValue:
        """snprintf; the value is the length that the whole text has."""
        path = self.resolve(op.args[0])
        if path.is_null:
            segments = self.segments(op, 2)
            self._settle(segments)
            return self.b.cast(self.b.method("len", self._bytes(segments), ty=USIZE), I32)
        self._keep_strings_apart(op, 3)
        text = self._stored(op, self.segments(op, 2))
        memory = self.memory(op.args[0], op)
        if not self.is_bytes(memory):
            raise self.refuse(
                Code.TYPE_PUNNING, op, "`snprintf` to memory that is not bytes", help="pass an array of char"
            )
        room = self.bytes_range(memory.path, self.elements(op.args[1], 1, op), op, written=True)
        return self.cstd("snprintf", [self.b.ref(room, True), text()], I32)

    def _keep_strings_apart(self, op: Call, first: int) -> None:
        for argument in op.args[first:]:
            if isinstance(argument.type, PtrType):
                self.keep_apart(op, op.args[0], argument)

    def _stored(self, op: Call, segments: list[Segment]) -> Build:
        """The text that is stored, under a name of its own where rustc must see it made before its target is borrowed."""
        self._settle(segments)
        base = self.resolve(op.args[0]).base
        if not any(self.calls(each.source) or self._reads_from(each.source, base) for each in _values(segments)):
            return lambda: self._bytes(segments)
        binding = self.b.let(self.names.fresh("text"), self._owned(segments))
        return lambda: self.b.ref(binding)

    def _reads_from(self, value: SSAValue, base: Base) -> bool:
        """The expression reads memory of that base."""
        op = value.owner
        if isinstance(op, minic.LoadOp) and not isinstance(op.result.type, PtrType):
            return self.facts.provenance.place(op.place).base == base
        return any(self._reads_from(each, base) for each in getattr(op, "operands", ())) or bool(
            getattr(op, "regions", ())
        )

    def _bytes(self, segments: list[Segment]) -> SSAValue:
        """The text as a `&[u8]`."""
        if not segments:
            return self.b.bytes_(b"")
        return self._part(segments[0]) if len(segments) == 1 else self.b.ref(self._joined_parts(segments))

    def _owned(self, segments: list[Segment]) -> SSAValue:
        """The text as a `Vec<u8>`."""
        only = segments[0] if len(segments) == 1 else None
        if isinstance(only, Formatted):
            return self.b.method("into_bytes", self.format_macro("format", only), ty=_VEC)
        return self._joined_parts(segments)

    def _joined_parts(self, segments: list[Segment]) -> SSAValue:
        parts = [self._part(each, as_slice=True) for each in segments]
        return self.b.method("concat", self.b.array(parts, BYTES), ty=_VEC)

    def _part(self, segment: Segment, *, as_slice: bool = False) -> SSAValue:
        if isinstance(segment, Formatted) and segment.text is None:
            return self.b.method("as_bytes", self.format_macro("format", segment), ty=BYTES)
        made = self.b.bytes_((segment.text or "").encode()) if isinstance(segment, Formatted) else segment.build()
        if as_slice and made.type != BYTES:
            return self.b.method("as_slice", made, ty=BYTES)
        return made


def _values(segments: list[Segment]) -> Iterator[Shown]:
    """The values in what is printed, in C's order."""
    for segment in segments:
        parts = [segment.value] if isinstance(segment, Raw) else segment.parts
        yield from (part for part in parts if isinstance(part, Shown))


_VEC = named("Vec<u8>")
