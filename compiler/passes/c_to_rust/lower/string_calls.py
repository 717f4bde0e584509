"""C strings: arrays of bytes with a NUL somewhere, as slices.

    strlen(s)               cstd::c_str(&s).len()
    strcmp(a, "yes") == 0   cstd::c_str(&a).cmp(b"yes") as i32 == 0       (`simplify-expressions`: cstd::c_str(&a) == b"yes")
    strcpy(a, "yes")        a[..4].copy_from_slice(b"yes\\0")
    strcpy(a, b)            cstd::strcpy(&mut a, &b)

`cstd` is the module that `add-cstd` puts below the code. The order of two strings is -1, 0 or 1: C promises the sign only.
"""

from __future__ import annotations

from collections.abc import Callable

from xdsl.ir import Attribute, SSAValue

from compiler.analysis.interval import Interval
from compiler.analysis.library import choices, selection
from compiler.analysis.paths import BaseKind, Path
from compiler.analysis.program import Call
from compiler.analysis.representation import Shape
from compiler.codes import Code
from compiler.dialects import minic
from compiler.dialects.minic_types import INTS
from compiler.dialects.rust_build import STR
from compiler.dialects.rust_types import BOOL, I32, SCALAR, U8, UNIT, USIZE, SliceType
from compiler.passes.c_to_rust.lower.memory_calls import BYTES, ORDERING, MemoryCalls
from compiler.passes.c_to_rust.lower.types import rust_type
from compiler.report import Rung

_I64 = SCALAR["i64"]


class StringCalls(MemoryCalls):
    """Layer 4b: string.h."""

    # --- strings as slices ---------------------------------------------------------------------------------------------------

    def literal_text(self, pointer: SSAValue) -> bytes | None:
        """The bytes of a string literal up to its NUL; None for any other string."""
        if selection(pointer) is not None:
            return None
        path = self.resolve(pointer)
        elem = path.last_elem
        if path.base.kind is not BaseKind.STRING or elem is None or elem.terms:
            return None
        assert path.base.place is not None and isinstance(path.base.place.owner, minic.StringOp)
        data = bytes.fromhex(path.base.place.owner.bytes.data)
        return data[elem.constant :].partition(b"\0")[0] if 0 <= elem.constant < len(data) else None

    def is_choice(self, pointer: SSAValue) -> bool:
        """`c ? "yes" : "no"`: nothing but ASCII literals to choose from."""
        texts = (self.literal_text(each) for each in choices(pointer))
        return selection(pointer) is not None and all(text is not None and text.isascii() for text in texts)

    def choice(self, pointer: SSAValue) -> SSAValue:
        """A `&str`: `if c { "yes" } else { "no" }`."""
        op = selection(pointer)
        if op is None:
            text = self.literal_text(pointer)
            assert text is not None
            return self.b.str_(text.decode("ascii"))
        return self.chosen(op, self.choice)

    def chosen(self, op: minic.SelectOp, make: Callable[[SSAValue], SSAValue], ty: Attribute = STR) -> SSAValue:
        """`if c { … } else { … }`; `make` makes what each side yields."""

        def finish(end: SSAValue) -> None:
            self.b.yield_(make(end))

        cond = self.cond(op.cond)
        blocks = [self.region_block(region, finish) for region in (op.if_true, op.if_false)]
        return self.b.if_value(cond, blocks[0], blocks[1], ty)

    def static_text(self, pointer: SSAValue) -> SSAValue:
        op = pointer.owner
        while isinstance(op, minic.CastOp):
            op = op.operand.owner
        match op:
            case minic.SelectOp():
                return self.chosen(op, self.static_text, BYTES)
            case minic.CallOp():
                return self.call(op)
            case minic.NullOp() | minic.ZeroOp():
                return self.b.method("as_slice", self.b.bytes_(b""), ty=BYTES)
            case _:
                return self._literal_slice(self.resolve(pointer))

    def _literal_slice(self, path: Path) -> SSAValue:
        """A literal, the variable that holds one, or the entry of a table."""
        literal = path.base.place.owner if path.base.place is not None else None
        if not isinstance(literal, minic.StringOp):
            return self._root(path)[0]
        assert path.last_elem is not None
        data = bytes.fromhex(literal.bytes.data)[path.last_elem.constant :]
        return self.b.method("as_slice", self.b.bytes_(data), ty=BYTES)

    def byte_slice(self, pointer: SSAValue, op: Call, *, mutable: bool = False) -> SSAValue:
        """The array of bytes from a pointer on, as a reference."""
        memory = self.memory(pointer, op, written=mutable)
        if rust_type(memory.element) != U8:
            raise self.refuse(
                Code.TYPE_PUNNING, op, f"`{op.callee.data}` of memory that is not bytes", help="pass an array of char"
            )
        return self.borrow(memory.path, Shape(Rung.SLICE, INTS["char"], mutable), op)

    def c_text(self, pointer: SSAValue, op: Call) -> SSAValue:
        """The bytes of a string, without its NUL, as a reference."""
        text = self.literal_text(pointer)
        return self.b.bytes_(text) if text is not None else self.cstd("c_str", [self.byte_slice(pointer, op)], BYTES)

    def _bounded_text(self, pointer: SSAValue, count: SSAValue, op: Call) -> SSAValue:
        """The same, of at most `count` bytes."""
        text, limit = self.literal_text(pointer), self.number(count)
        if text is not None and limit is not None:
            return self.b.bytes_(text[:limit])
        return self.cstd("c_str_n", [self.byte_slice(pointer, op), self.index(count)], BYTES)

    # --- asking --------------------------------------------------------------------------------------------------------------

    def strlen(self, op: minic.CallOp) -> SSAValue:
        text = self.literal_text(op.args[0])
        if text is not None:
            return self.b.lit(len(text), USIZE)
        return self.b.method("len", self.c_text(op.args[0], op), ty=USIZE)

    def strnlen(self, op: minic.CallOp) -> SSAValue:
        text, limit = self.literal_text(op.args[0]), self.number(op.args[1])
        if text is not None and limit is not None:
            return self.b.lit(len(text[:limit]), USIZE)
        return self.b.method("len", self._bounded_text(op.args[0], op.args[1], op), ty=USIZE)

    def strcmp(self, op: minic.CallOp) -> SSAValue:
        texts = [self.literal_text(each) for each in op.args]
        if (known := _known_order(texts[0], texts[1])) is not None:
            return self.b.lit(known, I32)
        left = self.c_text(op.args[0], op)
        return self._order(left, self.c_text(op.args[1], op))

    def strncmp(self, op: minic.CallOp) -> SSAValue:
        texts, limit = [self.literal_text(each) for each in op.args[:2]], self.number(op.args[2])
        if limit is not None and (known := _known_order(*(text and text[:limit] for text in texts))) is not None:
            return self.b.lit(known, I32)
        left = self._bounded_text(op.args[0], op.args[2], op)
        return self._order(left, self._bounded_text(op.args[1], op.args[2], op))

    def _order(self, left: SSAValue, right: SSAValue) -> SSAValue:
        if left.type != BYTES:
            left = self.b.index(left, self.b.range())
        return self.b.cast(self.b.method("cmp", left, right, ty=ORDERING), I32)

    def strcasecmp(self, op: minic.CallOp) -> SSAValue:
        sides = [self.c_text(op.args[0], op), self.c_text(op.args[1], op)]
        return self.b.cast(self.cstd("strcasecmp", sides, ORDERING), I32)

    def strncasecmp(self, op: minic.CallOp) -> SSAValue:
        sides = [self._bounded_text(each, op.args[2], op) for each in op.args[:2]]
        return self.b.cast(self.cstd("strcasecmp", sides, ORDERING), I32)

    def strspn(self, op: minic.CallOp) -> SSAValue:
        """strspn and strcspn."""
        sides = [self.c_text(op.args[0], op), self.c_text(op.args[1], op)]
        return self.cstd(op.callee.data, sides, USIZE)

    def atoi(self, op: minic.CallOp) -> SSAValue:
        """atoi, atol, atoll: glibc's are casts of strtol, which stops at the ends of its type."""
        value = self.cstd("atoi", [self.c_text(op.args[0], op)], _I64)
        assert op.result is not None
        return self.b.cast(value, rust_type(op.result.type))

    # --- searching -----------------------------------------------------------------------------------------------------------

    def found(self, op: minic.CallOp) -> SSAValue | None:
        """`strchr(s, c) != NULL` and the like. (What is found is a pointer, which has no counterpart by itself.)"""
        if not self.program.library(op.callee.data):
            return None
        match op.callee.data:
            case "strchr" | "strrchr":
                return self._finds_character(op)
            case "memchr":
                memory = self.memory(op.args[0], op)
                if not self.is_bytes(memory):
                    return None
                part = self.bytes_range(memory.path, self.elements(op.args[2], 1, op), op, written=False)
                return self.contains(part, self.converted(op.args[1], INTS["u8"]))
            case "strstr":
                text = self.c_text(op.args[0], op)
                return self.cstd("contains_str", [text, self.c_text(op.args[1], op)], BOOL)
            case "strpbrk":
                text = self.c_text(op.args[0], op)
                return self.cstd("contains_any", [text, self.c_text(op.args[1], op)], BOOL)
            case _:
                return None

    def _finds_character(self, op: minic.CallOp) -> SSAValue | None:
        """The NUL that ends a string is found too."""
        if self.interval(op.args[1]).meet(Interval.exactly(0)) is None:
            text = self.c_text(op.args[0], op)
            return self.contains(text, self.converted(op.args[1], INTS["u8"]))
        text = self.c_text(op.args[0], op)
        return self.cstd("contains_or_ends", [text, self.converted(op.args[1], INTS["u8"])], BOOL)

    def contains(self, whole: SSAValue, element: SSAValue) -> SSAValue:
        """`whole.contains(&element)`, of a slice or a range."""
        return self.b.method("contains", whole, self.b.ref(element), ty=BOOL)

    # --- copying -------------------------------------------------------------------------------------------------------------

    def strcpy(self, op: Call) -> None:
        text = self.literal_text(op.args[1])
        if text is None:
            self._store("strcpy", op)
            return
        memory = self.memory(op.args[0], op, written=True)
        if not self.is_bytes(memory):
            raise self.refuse(
                Code.TYPE_PUNNING, op, "`strcpy` to memory that is not bytes", help="pass an array of char"
            )
        part = self.bytes_range(memory.path, len(text) + 1, op, written=True)
        stored = self.b.bytes_(text + b"\0")
        if isinstance(part.type, SliceType):
            self.b.expr(self.b.method("copy_from_slice", part, stored, ty=UNIT))
        else:
            self.b.assign(part, self.b.deref(stored))

    def strncpy(self, op: Call) -> None:
        self._store("strncpy", op, bounded=True)

    def strcat(self, op: Call) -> None:
        self._store("strcat", op)

    def strncat(self, op: Call) -> None:
        self._store("strncat", op, bounded=True)

    def _store(self, name: str, op: Call, *, bounded: bool = False) -> None:
        self.keep_apart(op, op.args[0], op.args[1])
        target = self.byte_slice(op.args[0], op, mutable=True)
        arguments = [target, self._with_nul(op.args[1], op)]
        if bounded:
            arguments.append(self.index(op.args[2]))
        self.b.expr(self.cstd(name, arguments))

    def _with_nul(self, pointer: SSAValue, op: Call) -> SSAValue:
        text = self.literal_text(pointer)
        return self.b.bytes_(text + b"\0") if text is not None else self.byte_slice(pointer, op)

    def keep_apart(self, op: Call, target: SSAValue, source: SSAValue) -> None:
        """Refuse a string stored where it may overlap the one that is read."""
        if not self._apart(self.resolve(target), source):
            raise self.refuse(
                Code.MAY_OVERLAP,
                op,
                f"the strings of `{op.callee.data}` lie in one array",
                help="use two arrays, or memmove with a length",
            )

    def _apart(self, target: Path, source: SSAValue) -> bool:
        return not any(self.may_meet(target, self.resolve(each)) for each in choices(source))


def _known_order(a: bytes | None, b: bytes | None) -> int | None:
    """The order of two literals."""
    return None if a is None or b is None else (a > b) - (a < b)
