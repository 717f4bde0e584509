"""Paths as Rust places, and borrows of them in the shape that a parameter wants.

    path  ctx : [0] .state [4 + i]          place     ctx.state[4 + i]
                                            borrow    &mut ctx.state[4 + i..]          (a slice is wanted)
                                                      ctx.state[4 + i..].first_chunk_mut().unwrap()      (an array)

Borrowing never copies, and it asks for no more than the wanted shape.
"""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.ir import Attribute, Operation, SSAValue

from compiler.analysis.paths import BaseKind, Elem, Path, Step
from compiler.analysis.representation import Shape
from compiler.codes import Code
from compiler.dialects import minic
from compiler.dialects.rust_build import place_type
from compiler.dialects.rust_types import ArrayType, OptionType, RefType, array, ref, slice_of
from compiler.passes.c_to_rust.lower.indices import Indices
from compiler.passes.c_to_rust.lower.names import rust_name
from compiler.passes.c_to_rust.lower.types import field_type, held_type, rust_type
from compiler.report import Rung


class Places(Indices):
    """Layer 2: places and borrows."""

    def place(self, path: Path, at: Operation, *, written: bool = False) -> SSAValue:
        """The Rust place of a path; `written` refuses what cannot be written."""
        self._check_access(path, at, written)
        place, steps = self._root(path)
        return self._walk(place, steps, path)

    def _walk(self, place: SSAValue, steps: Sequence[Step], path: Path) -> SSAValue:
        done = len(path.steps) - len(steps)
        for count, step in enumerate(steps, start=done + 1):
            if isinstance(step, Elem):
                place = self.b.index(place, self.offset(step))
            else:
                kind = self.type_at(path.at(path.steps[:count]))
                place = self.b.field(place, rust_name(step.name), field_type(kind, self.program))
        return place

    def _root(self, path: Path) -> tuple[SSAValue, Sequence[Step]]:
        """The base as a Rust place, and the steps that remain."""
        base = path.base
        match base.kind:
            case BaseKind.PARAMETER:
                return self._parameter(path)
            case BaseKind.FIELD:
                return self._field_place(path), path.steps
            case BaseKind.SLICE if base.place is not None and base.place not in self.bindings:
                return self.static_text(base.place), path.steps
            case BaseKind.GLOBAL:
                kind = held_type(self.program.globals[base.symbol].type)
                return self.b.path(self.analyses.items[base.symbol], kind), path.steps
            case BaseKind.STRING:
                assert base.place is not None and isinstance(base.place.owner, minic.StringOp)
                return self.b.bytes_(bytes.fromhex(base.place.owner.bytes.data)), path.steps
            case BaseKind.TEMPORARY:
                assert base.place is not None and isinstance(base.place.owner, minic.TemporaryOp)
                return self.value(base.place.owner.value), path.steps
            case _:
                assert base.place is not None
                return self.bindings[base.place], path.steps

    def static_text(self, pointer: SSAValue) -> SSAValue:
        """A string literal, or a choice of them, as a slice."""
        raise NotImplementedError

    def _field_place(self, path: Path) -> SSAValue:
        """The slice that a pointer field holds."""
        assert path.field_path is not None
        place, steps = self._root(path.field_path)
        return self._walk(place, steps, path.field_path)

    def _parameter(self, path: Path) -> tuple[SSAValue, Sequence[Step]]:
        """A parameter's array; behind a plain reference element 0 is the object itself."""
        assert path.base.place is not None
        binding = self.base_binding(path.base.place)
        if not self._is_reference(path):
            return binding, path.steps
        first = path.steps[0] if path.steps else Elem()
        assert isinstance(first, Elem) and first.is_zero, "a single object is only used at offset 0"
        auto = len(path.steps) > 1  # fields and indices dereference by themselves
        return (binding if auto else self.b.deref(binding)), path.steps[1:]

    def _is_reference(self, path: Path) -> bool:
        return path.base.kind is BaseKind.PARAMETER and self._base_shape(path).rung is Rung.REFERENCE

    def _base_shape(self, path: Path) -> Shape:
        return self.shapes.of(self.name, self.facts.parameter_index(path.base.place))

    def _check_access(self, path: Path, at: Operation, written: bool) -> None:
        first = path.steps[0] if path.steps else None
        if isinstance(first, Elem) and not first.terms and first.constant < 0:
            raise self.refuse(
                Code.NEGATIVE_OFFSET,
                at,
                "an element before the start of its array is used",
                help="pass the start of the array",
            )
        if not written:
            return
        if path.base.kind is BaseKind.GLOBAL:
            raise self.refuse(
                Code.MUTABLE_GLOBAL,
                at,
                f"global `{path.base.symbol}` is written",
                help="pass it to the functions that use it, as a parameter or in a struct",
            )
        if path.base.kind in (BaseKind.STRING, BaseKind.SLICE):
            raise self.refuse(
                Code.CONST_CAST_AWAY, at, "a string literal is written", help="copy it into an array first"
            )

    # --- borrows -------------------------------------------------------------------------------------------------------------

    def borrow(self, path: Path, shape: Shape, at: Operation) -> SSAValue:
        """A reference to what a path points at, in the wanted shape."""
        self._check_access(path, at, shape.mutable)
        self._check_element(path, shape, at)
        if shape.rung is Rung.REFERENCE:
            return self.reference(path, shape.mutable, at)
        if path.last_elem is None:
            return self._from_object(path, shape, at)
        container = self._container(path)
        return self.part(container, path.last_elem, shape, self._length(container))

    def _check_element(self, path: Path, shape: Shape, at: Operation) -> None:
        if rust_type(self.type_at(path)) != rust_type(shape.element):
            raise self.refuse(
                Code.TYPE_PUNNING,
                at,
                "memory of one type is passed as another",
                help="convert element by element, or use memcpy on the whole object",
            )

    def reference(self, path: Path, mutable: bool, at: Operation) -> SSAValue:
        """`&place` or `&mut place`; a parameter that is such a reference is passed on as it is."""
        if self._is_reference(path) and len(path.steps) == 1:
            assert path.base.place is not None
            return self.base_binding(path.base.place)
        return self.b.ref(self.place(path, at, written=mutable), mutable)

    def _from_object(self, path: Path, shape: Shape, at: Operation) -> SSAValue:
        """A single object as a slice or array of one."""
        module = "array" if shape.rung is Rung.ARRAY else "slice"
        element = rust_type(self.type_at(path))
        whole = array(1, element) if shape.rung is Rung.ARRAY else slice_of(element)
        function = "from_mut" if shape.mutable else "from_ref"
        return self.b.call(
            f"std::{module}::{function}", [self.reference(path, shape.mutable, at)], ref(whole, shape.mutable)
        )

    def _container(self, path: Path) -> SSAValue:
        """The Rust place of the array that a path's last element is in (a parameter's binding is the reference itself)."""
        array_path = path.container
        if array_path.base.kind is BaseKind.PARAMETER and not array_path.steps:
            assert array_path.base.place is not None
            binding = self.base_binding(array_path.base.place)
            if self._is_reference(path):
                function = "std::slice::from_mut" if self._base_shape(path).mutable else "std::slice::from_ref"
                element = rust_type(self.type_at(path))
                return self.b.call(function, [binding], ref(slice_of(element), self._base_shape(path).mutable))
            return binding
        if array_path.is_indirect and not array_path.steps:
            return self._pointer_slice(array_path)
        place, steps = self._root(array_path)
        return self._walk(place, steps, array_path)

    def _pointer_slice(self, array_path: Path) -> SSAValue:
        """The slice behind a pointer field or a slice variable; a mutable one is reborrowed, not moved out of its struct."""
        place, _ = self._root(array_path)
        assert isinstance(place.type, RefType)
        if array_path.base.kind is BaseKind.FIELD and place.type.is_mut.data:
            return self.b.deref(place)
        return place

    def _length(self, container: SSAValue) -> int | None:
        kind = place_type(container.type)
        return kind.size.data if isinstance(kind, ArrayType) else None

    def part(self, container: SSAValue, elem: Elem, shape: Shape, length: int | None) -> SSAValue:
        """The part of `container` from `elem` on, as a reference in the wanted shape; all of it where that is what is wanted."""
        whole = elem.is_zero and (shape.rung is Rung.SLICE or length == shape.extent)
        if whole:
            return container if isinstance(container.type, RefType) else self.b.ref(container, shape.mutable)
        element = rust_type(shape.element)
        if shape.rung is Rung.ARRAY:
            return self._chunk(container, elem, shape, element)
        rest = self.b.index(container, self.b.range(self.offset(elem)))
        return self.b.ref(rest, shape.mutable)

    def _chunk(self, container: SSAValue, elem: Elem, shape: Shape, element: Attribute) -> SSAValue:
        """`container[elem..].first_chunk().unwrap()`: an array reference into the middle of something longer."""
        if not elem.is_zero:
            container = self.b.index(container, self.b.range(self.offset(elem)))
        wanted = ref(array(shape.extent, element), shape.mutable)
        method = "first_chunk_mut" if shape.mutable else "first_chunk"
        chunk = self.b.method(method, container, ty=OptionType(wanted))
        return self.b.method("unwrap", chunk, ty=wanted)

    def bytes_range(self, path: Path, count: SSAValue | int, at: Operation, *, written: bool) -> SSAValue:
        """The place `container[offset..offset + count]` (a slice), or the whole container when it has just that length."""
        self._check_access(path, at, written)
        elem = path.last_elem
        assert elem is not None
        container = self._container(path)
        if elem.is_zero and isinstance(count, int) and self._length(container) == count:
            return self._array_place(container)
        lo = None if elem.is_zero else self.offset(elem)
        hi = self._end(elem, count)
        return self.b.index(container, self.b.range(lo, hi))

    def _array_place(self, container: SSAValue) -> SSAValue:
        return self.b.deref(container) if isinstance(container.type, RefType) else container

    def _end(self, elem: Elem, count: SSAValue | int) -> SSAValue:
        """`offset + count`; `count` is a usize minic-free Rust value or a number."""
        if isinstance(count, int):
            return self.offset(elem.plus(count))
        if elem.is_zero:
            return self.index(count)
        return self.b.binary("+", self.offset(elem), self.index(count))
