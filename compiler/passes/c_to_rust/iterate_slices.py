"""iterate-slices: a loop whose variable only picks the elements of one slice runs over the slice.

    for i in 0..n { s += a[i]; }                  for x in &a[..n] { s += *x; }            (pattern `&x` for plain numbers)
    for i in 0..16 { m[i] = f(i); }               for (i, x) in m.iter_mut().enumerate() { *x = f(i); }      (m: [u32; 16])

Input: rust after `place-lets`, `count-loops` and `move-elements`. Output: every `for` over a range of which clippy says that
its variable is only used to index runs over the elements, with `enumerate` where the number is used as well; where that is
not proven the same, the function allows the lint instead.
Exact, with `len` the number of elements:
  - `hi <= len` is certain (an array's type, or `hi` is `len()`): the same elements, in order;
  - else every iteration that begins accesses its element, so the C program never begins one beyond `len`; then
    `.take(hi)` runs just as often, and the slice `[..hi]` exists if nothing ends the loop early.
Why here: after the passes that remove index variables and element-wise moves.
Limits: the loop indexes one place, by its variable alone, and uses nothing of that place otherwise (as clippy's own rule).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ArrayAttr, IntAttr, ModuleOp, StringAttr
from xdsl.ir import Block, Operation, SSAValue

from compiler.analysis.rust_methods import Effect, effect_of
from compiler.analysis.rust_trees import base_of, bindings_in, is_binding, is_pure, literal, same, user
from compiler.dialects import rust
from compiler.dialects.rust_build import Builder, place_type
from compiler.dialects.rust_types import USIZE, ArrayType, RefType, ScalarType, SliceType, named, ref
from compiler.passes.c_to_rust.editing import copied, erase_unused, functions
from compiler.passes.c_to_rust.slices.accesses import accesses_always, returning_functions, runs_to_the_end
from compiler.passes.c_to_rust.slices.range_loops import (
    RangeLoop,
    elements,
    for_loops,
    names_in,
    range_loop,
    root_name,
)

LINT = "clippy::needless_range_loop"
_ITERATOR = named("_")
"""The type of iterators, which the code never names."""


@dataclass(frozen=True, slots=True)
class IterateSlices:
    name: ClassVar[str] = "iterate-slices"

    def apply(self, ctx: Context, op: ModuleOp, /) -> None:
        returning = returning_functions(op)
        for function in functions(op):
            names = set[str]()
            for each in for_loops(function.body.block):
                loop = range_loop(each)
                if loop is not None:
                    names = names or names_in(function)
                    _Rewrite(function, loop, returning, names).run()


@dataclass(slots=True)
class _Rewrite:
    """One loop: `found` are its elements of `base`; `mutable`: some element is written."""

    function: rust.FnOp
    loop: RangeLoop
    returning: Collection[str]
    names: set[str]

    def run(self) -> None:
        found = self._candidates()
        if not found or self._uses_otherwise(found):
            return
        base = found[0].operands[0]
        if not self._may_iterate(base, found):
            self._allow(base)
            return
        mutable = any(_is_written(op) for op in found)
        numbered = sum(1 for _ in self.loop.index.uses) > len(found)
        if mutable and any(_mentions(bound, base) for bound in (self.loop.lo, self.loop.hi)) and not self._covers(base):
            return
        over = self._iterable(base, found, mutable, numbered)
        if over is None:
            self._allow(base)
        else:
            self._replace(over, found, mutable, numbered)

    # --- what clippy looks at -----------------------------------------------------------------------

    def _candidates(self) -> list[Operation]:
        """The elements of the one container that has a name; else of the one that is a field."""
        found, _ = elements(self.loop.index)
        named_ones = [op for op in found if _has_name(op.operands[0])]
        if named_ones:
            roots = [root_name(op.operands[0]) for op in named_ones]
            alone = all(root is roots[0] or root == roots[0] for root in roots)
            return named_ones if alone and not self._indexes_indirectly(fields=False) else []
        if not found or not all(same(op.operands[0], found[0].operands[0]) for op in found):
            return []
        return [] if self._indexes_indirectly(fields=True) else found

    def _uses_otherwise(self, found: list[Operation]) -> bool:
        """The loop uses the container besides its elements."""
        root = root_name(found[0].operands[0])
        if root is None or isinstance(root, str):
            return root is None  # other uses of a constant disturb nobody
        inside = [use.operation for use in root.uses if self._holds(use.operation)]
        return len(inside) != sum(1 for op in found for each in bindings_in(op.operands[0]) if each is root)

    def _may_iterate(self, base: SSAValue, found: list[Operation]) -> bool:
        """The elements are of one place, which the loop neither declares nor chooses."""
        chosen = list(bindings_in(base))
        if not is_pure(base) or self.loop.index in chosen or any(_is_inside(each, self.loop.body) for each in chosen):
            return False
        if not isinstance(place_type(base.type), ArrayType | SliceType):
            return False
        return all(same(op.operands[0], base) for op in found)

    def _holds(self, op: Operation) -> bool:
        at: Operation | None = op
        while at is not None:
            if at.parent is self.loop.body:
                return True
            at = at.parent_op()
        return False

    def _indexes_indirectly(self, fields: bool) -> bool:
        """`b[i + 1]`: the variable is part of an index, of something with a name or, with `fields`, of anything."""
        for use in self.loop.index.uses:
            if isinstance(use.operation, rust.IndexOp) and use.index == 1:
                continue
            indexed = _index_above(use.operation)
            if indexed is not None and (fields or _has_name(indexed.operands[0])):
                return True
        return False

    # --- the iterator -------------------------------------------------------------------------------

    def _covers(self, base: SSAValue) -> bool:
        return self.loop.starts_at_zero and self.loop.ends_at_length(base)

    def _iterable(self, base: SSAValue, found: list[Operation], mutable: bool, numbered: bool) -> SSAValue | None:
        """What the loop runs over, built before it; None where nothing is proven."""
        loop, body = self.loop, self.loop.body
        b = Builder.before(loop.op)
        if self._covers(base):
            return _whole(b, base, mutable, numbered)
        certain = loop.stays_within(base)
        if not certain and not accesses_always(body, set(found), self.returning):
            return None
        sliceable = loop.is_in_order() and (certain or runs_to_the_end(body, self.returning))
        if sliceable and (loop.starts_at_zero or not numbered):
            part = b.index(copied(b, base), loop.span(b))
            return _numbered(b, part, mutable) if numbered else b.ref(part, mutable)
        return self._limited(b, base, mutable, numbered)

    def _limited(self, b: Builder, base: SSAValue, mutable: bool, numbered: bool) -> SSAValue:
        """`base.iter().take(hi).skip(lo)`."""
        over = b.method("iter_mut" if mutable else "iter", copied(b, base), ty=_ITERATOR)
        if numbered:
            over = b.method("enumerate", over, ty=_ITERATOR)
        over = b.method("take", over, self._count(b), ty=_ITERATOR)
        if not self.loop.starts_at_zero:
            over = b.method("skip", over, copied(b, self.loop.lo), ty=_ITERATOR)
        return over

    def _count(self, b: Builder) -> SSAValue:
        """How many elements stand before the end."""
        number = literal(self.loop.hi)
        if number is not None:
            return b.lit(number + self.loop.inclusive, USIZE)
        end = copied(b, self.loop.hi)
        return b.binary("+", end, b.lit(1, USIZE)) if self.loop.inclusive else end

    def _allow(self, base: SSAValue) -> None:
        if not _has_name(base) or _is_inside(base_of(base), self.loop.body):
            return
        allowed = [lint.data for lint in self.function.allow]
        if LINT not in allowed:
            self.function.allow = ArrayAttr([StringAttr(lint) for lint in [*allowed, LINT]])

    # --- the body -----------------------------------------------------------------------------------

    def _replace(self, over: SSAValue, found: list[Operation], mutable: bool, numbered: bool) -> None:
        op, element = self.loop.op, found[0].results[0].type
        shared = isinstance(element, RefType) and not element.is_mut.data
        plain = not mutable and (isinstance(element, ScalarType) or shared) and all(map(_is_read, found))
        item_type = element if plain else ref(element, mutable)
        item = op.body.block.insert_arg(item_type, 1)
        for each in found:
            _substitute(each, item, plain)
        name = self._item_name(found[0].operands[0], element)
        old = op.operands[0]
        op.operands = [over]
        erase_unused(old)
        self._bind(name, plain, numbered)

    def _bind(self, name: str, plain: bool, numbered: bool) -> None:
        op = self.loop.op
        names = [op.names.data[0].data, name] if numbered else [name]
        derefs = [0, int(plain)] if numbered else [int(plain)]
        if not numbered:
            op.body.block.erase_arg(self.loop.index)
        op.names = ArrayAttr([StringAttr(each) for each in names])
        op.derefs = ArrayAttr([IntAttr(each) for each in derefs])

    def _item_name(self, base: SSAValue, element: object) -> str:
        """A singular of the container's name, or what its elements are; no other name of the function."""
        wanted = _singular(_container_name(base)) or _kind_name(element)
        name = wanted
        n = 1
        while name in self.names:
            n += 1
            name = f"{wanted}{n}"
        self.names.add(name)
        return name


def _whole(b: Builder, base: SSAValue, mutable: bool, numbered: bool) -> SSAValue:
    place = copied(b, base)
    if numbered:
        return _numbered(b, place, mutable)
    if not isinstance(place.type, RefType):
        return b.ref(place, mutable)
    return b.method("iter_mut", place, ty=_ITERATOR) if mutable else _shared(b, place)


def _shared(b: Builder, place: SSAValue) -> SSAValue:
    """A reference that may be shared is what the loop runs over."""
    ty = place.type
    assert isinstance(ty, RefType)
    if ty.is_mut.data:
        return b.method("iter", place, ty=_ITERATOR)
    return place


def _numbered(b: Builder, place: SSAValue, mutable: bool) -> SSAValue:
    over = b.method("iter_mut" if mutable else "iter", place, ty=_ITERATOR)
    return b.method("enumerate", over, ty=_ITERATOR)


def _mentions(bound: SSAValue, base: SSAValue) -> bool:
    root = base_of(base)
    return root is not None and root in bindings_in(bound)


def _is_inside(binding: SSAValue | None, body: Block) -> bool:
    """The binding is declared in the loop."""
    owner = binding.owner if binding is not None else None
    at = owner if isinstance(owner, Block) else owner.parent if owner is not None else None
    while at is not None:
        if at is body:
            return True
        above = at.parent_op()
        at = above.parent if above is not None else None
    return False


def _has_name(base: SSAValue) -> bool:
    """A binding or constant, or an element of it: clippy looks at these, not at fields."""
    at = base.owner
    while isinstance(at, rust.IndexOp):
        base = at.operands[0]
        at = base.owner
    return is_binding(base) or isinstance(at, rust.PathOp)


def _index_above(op: Operation) -> Operation | None:
    """The `index` into whose index the value of `op` flows."""
    while not rust.is_statement(op) and op.results:
        use = op.results[0].get_unique_use()
        if use is None:
            return None
        if isinstance(use.operation, rust.IndexOp) and use.index == 1:
            return use.operation
        op = use.operation
    return None


def _is_written(op: Operation) -> bool:
    """The element (or part of it) is assigned, borrowed as mutable, or changed by a method."""
    value = op.results[0]
    while True:
        use = value.get_unique_use()
        assert use is not None
        above = use.operation
        if use.index != 0:
            return False
        match above:
            case rust.AssignOp() | rust.AssignOpOp():
                return True
            case rust.RefOp():
                return above.mutable is not None
            case rust.MethodOp():
                return effect_of(above.method.data, value.type) is not Effect.PURE
            case rust.IndexOp() | rust.FieldOp() if not isinstance(value.type, RefType):
                value = above.results[0]
            case _:
                return False


def _is_read(op: Operation) -> bool:
    """The element is taken by value."""
    above = user(op.results[0])
    return not isinstance(above, rust.RefOp)


def _substitute(op: Operation, item: SSAValue, plain: bool) -> None:
    """The item stands for the element `op`."""
    above = user(op.results[0])
    if plain or (isinstance(above, rust.IndexOp | rust.FieldOp | rust.MethodOp) and above.operands[0] is op.results[0]):
        new = item
    elif isinstance(above, rust.RefOp) and _is_same_reference(above, item):
        op, new = above, item
    else:
        new = Builder.before(op).deref(item)
    op.results[0].replace_all_uses_with(new)
    erase_unused(op.results[0])


def _is_same_reference(above: rust.RefOp, item: SSAValue) -> bool:
    """`&a[i]` is the item itself; `&mut a[i]` is, where it is an argument."""
    ty = item.type
    assert isinstance(ty, RefType)
    if above.mutable is None:
        return not ty.is_mut.data
    return isinstance(user(above.results[0]), rust.CallOp)


def _container_name(base: SSAValue) -> str:
    at = base.owner
    while isinstance(at, rust.IndexOp | rust.DerefOp):
        base = at.operands[0]
        at = base.owner
    match at:
        case rust.FieldOp():
            return at.field.data
        case rust.LetOp():
            return at.var_name.data
        case rust.PathOp():
            return at.path.data.lower()
        case Block():
            return _argument_name(at, base)
        case _:
            return ""


def _argument_name(block: Block, base: SSAValue) -> str:
    above = block.parent_op()
    names = above.param_names if isinstance(above, rust.FnOp) else above.names if isinstance(above, rust.ForOp) else ()
    return next((name.data for name, arg in zip(names, block.args, strict=True) if arg is base), "")


def _singular(name: str) -> str | None:
    """`blocks` -> `block`; None for what is no plural."""
    if len(name) < 4 or not name.endswith("s") or name.endswith(("ss", "us", "is")):
        return None
    return name[:-3] + "y" if name.endswith("ies") else name[:-1]


def _kind_name(element: object) -> str:
    match element:
        case ScalarType() if element.kind.data in ("u8", "i8"):
            return "byte"
        case ArrayType():
            return "row"
        case ScalarType():
            return "x"
        case _:
            return "item"
