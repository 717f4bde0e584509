"""The C half: a driver that includes the C file and, per function, makes inputs, calls it and writes what it leaves.

The wire format, the same in both drivers: scalars little-endian; arrays and structs element by element; a slice begins with its element
count, something nullable with one byte that tells whether it is there. The output is the result, then every object pointed at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

from equivalence.plan import Argument, FunctionPlan
from equivalence.shapes import Array, Pointer, Scalar, Shape, Struct, Type, flattened

PRELUDE = Path(__file__).with_name("prelude.h")


def c_driver(sources: Sequence[Path], plans: list[FunctionPlan]) -> str:
    """The text of the driver for some C files, which become one with it."""
    pools = Pools()
    lines = [f'#include "{PRELUDE.name}"', *(f'#include "{source}"' for source in sources), ""]
    for index, plan in enumerate(plans):
        lines += ["#ifndef H_REPLAYS", *_make(index, plan, pools), "#endif", "", *_call(index, plan, pools), ""]
    rows = [f'    {{ "{plan.name}", H_MAKER(make_{i}), call_{i} }},' for i, plan in enumerate(plans)]
    lines += ["const struct h_function h_functions[] = {", *rows, "    { 0 },", "};"]
    lines += [f"const unsigned h_function_count = {len(plans)};", "", "#undef main"]
    return "\n".join([*lines, "int main(int argc, char **argv) { return h_main(argc, argv); }", ""])


class Pools:
    """Numbers for the types whose objects are worth keeping between calls."""

    MOST = 64

    def __init__(self) -> None:
        self._numbers: dict[tuple[Shape, bool], int] = {}

    def number(self, shape: Shape, many: bool) -> int | None:
        key = (shape, many)
        if key not in self._numbers and len(self._numbers) == self.MOST:
            return None
        return self._numbers.setdefault(key, len(self._numbers))


# --- making an input -----------------------------------------------------------------------------------------------------------


def _make(index: int, plan: FunctionPlan, pools: Pools) -> Iterator[str]:
    yield f"static void make_{index}(struct h_bytes *w)"
    yield "{"
    for argument in plan.arguments:
        yield from ("    " + line for line in _make_argument(argument.type, argument.text, pools))
        yield from ("    " + line for line in _confined(argument))
    yield "    (void)w;"
    yield "}"


def _confined(argument: Argument) -> Iterator[str]:
    """A number that its callers keep within bounds."""
    kind = argument.type
    if argument.lowest is None or argument.highest is None or not isinstance(kind, Scalar) or kind.rust == "bool":
        return
    yield f"h_confine(w, sizeof({kind.c}), {_int128(argument.lowest)}, {_int128(argument.highest)});"


def _int128(value: int) -> str:
    high, low = value >> 64, value & (1 << 64) - 1
    return (
        f"((__int128){high} << 64 | {low}u)"
        if high not in (0, -1)
        else f"({'-' if value < 0 else ''}(__int128){abs(value)}u)"
    )


def _make_argument(kind: Type, text: bool, pools: Pools) -> Iterator[str]:
    match kind:
        case Pointer():
            yield from _make_pointer(kind, text, pools)
        case Scalar():
            yield _make_scalar(kind, content=False)
        case Array() | Struct():
            yield from _pooled(pools.number(kind, many=False), 60, _make_shape(kind, count(), pools))


def _make_pointer(kind: Pointer, text: bool, pools: Pools) -> Iterator[str]:
    if kind.nullable:
        yield "{ uint8_t there = !h_chance(15); H_PUT(there); if (there) {"
    recalled = pools.number(kind.target, kind.many)
    percent = 25 if kind.many else 60
    yield from _pooled(recalled, percent, _make_target(kind, text, pools))
    if kind.nullable:
        yield "} }"


def _make_target(kind: Pointer, text: bool, pools: Pools) -> Iterator[str]:
    """Fresh objects for a pointer: an element count where it is open, then the elements."""
    element, known = flattened(kind.target)
    yield "if (h_chance(25)) h_style = (unsigned)h_below(H_STYLES);"
    if text:
        yield "if (h_chance(70)) h_style = H_TEXT;"
    if kind.many:
        yield "uint32_t n = h_count(); H_PUT(n);"
    yield "size_t start = w->len; (void)start;"
    number = f"(size_t)n * {known}" if kind.many else str(known)
    yield f"for (size_t i = 0; i < {number}; i++) {{"
    yield from _make_shape(element, count(), pools)
    yield "}"
    if isinstance(element, Scalar) and element.rust in ("u8", "i8"):
        yield "h_terminate(w, start);"
    if kind.many:
        yield "if (h_chance(20)) h_length = n;"


def _pooled(pool: int | None, percent: int, fresh: Iterator[str]) -> Iterator[str]:
    test = "true" if pool is None else f"!h_recall(w, {pool}, {percent})"
    yield f"if ({test}) {{"
    yield from ("    " + line for line in fresh)
    yield "}"


def _make_shape(shape: Shape | Pointer, names: Iterator[int], pools: Pools) -> Iterator[str]:
    match shape:
        case Scalar():
            yield _make_scalar(shape, content=True)
        case Array(element, size):
            name = f"k{next(names)}"
            yield f"for (size_t {name} = 0; {name} < {size}; {name}++) {{"
            yield from _make_shape(element, names, pools)
            yield "}"
        case Struct(fields=fields):
            for each in fields:
                if isinstance(each.type, Scalar):
                    yield _make_scalar(each.type, content=False)
                else:
                    yield "{"
                    yield from _make_shape(each.type, names, pools)
                    yield "}"
        case Pointer():
            yield from _make_pointer(shape, False, pools)


def _make_scalar(shape: Scalar, content: bool) -> str:
    flag = "true" if content else "false"
    match shape.rust:
        case "bool":
            return f"h_make_bool(w, {flag});"
        case "usize":
            return f"h_make_size(w, {flag});"
        case "f32":
            return f"h_make_float(w, {flag});"
        case "f64":
            return f"h_make_double(w, {flag});"
        case _:
            return f"h_make_int(w, sizeof({shape.c}), {flag});"


# --- calling -------------------------------------------------------------------------------------------------------------------


def _call(index: int, plan: FunctionPlan, pools: Pools) -> Iterator[str]:
    yield f"static void call_{index}(struct h_bytes *r, struct h_bytes *w)"
    yield "{"
    for number, argument in enumerate(plan.arguments):
        yield from ("    " + line for line in read_argument(number, argument))
    values = ", ".join(passed(number, argument) for number, argument in enumerate(plan.arguments))
    call = f"{plan.name}({values})"
    yield f"    {call};" if plan.result is None else f"    __typeof__({call}) result = {call};"
    if plan.result is not None:
        yield from ("    " + line for line in _write_result(plan.result, pools))
    for number, argument in enumerate(plan.arguments):
        yield from ("    " + line for line in _write_argument(number, argument, pools))
    yield "    (void)r, (void)w;"
    yield "}"


def passed(number: int, argument: Argument) -> str:
    if isinstance(argument.type, Pointer):
        return f"(void *)p{number}"
    return f"*p{number}" if _borrowing(argument.type) else f"p{number}"


def _borrowing(kind: Type) -> Struct | None:
    struct = kind.target if isinstance(kind, Pointer) else kind
    return struct if isinstance(struct, Struct) and struct.borrows else None


def read_argument(number: int, argument: Argument) -> Iterator[str]:
    place = f"p{number}"
    if struct := _borrowing(argument.type):
        yield from _read_borrowing(place, struct)
        return
    match argument.type:
        case Pointer():
            yield from _read_pointer(place, argument.type)
        case Scalar(rust) if rust != "bool":
            yield f"{argument.type.c} {place}; H_GET({place});"
        case Scalar() | Struct():
            yield f"{argument.type.c} {place}; memset(&{place}, 0, sizeof {place});"
            yield from _read(place, argument.type, count())
        case Array():
            raise AssertionError("an array is not a parameter")


def _read_borrowing(place: str, struct: Struct) -> Iterator[str]:
    """The buffers that a struct points at are variables of the case, so that they can be written afterwards."""
    yield f"{struct.c} *{place} = h_alloc(1, sizeof *{place}); size_t n_{place} = 1; (void)n_{place};"
    for each in struct.fields:
        if isinstance(each.type, Pointer):
            yield from _read_pointer(f"{place}_{each.c}", each.type)
            yield f"{place}->{each.c} = (void *){place}_{each.c};"
        else:
            yield from _read(f"{place}->{each.c}", each.type, count())


def _read_pointer(place: str, kind: Pointer) -> Iterator[str]:
    element, known = flattened(kind.target)
    yield f"{element.c} *{place} = NULL; size_t n_{place} = 0; (void)n_{place};"
    if kind.nullable:
        yield "{ uint8_t there; H_GET(there); if (there) {"
    if kind.many:
        yield f"{{ uint32_t n; H_GET(n); n_{place} = (size_t)n * {known}; }}"
    else:
        yield f"n_{place} = {known};"
    yield f"{place} = h_alloc(n_{place}, sizeof *{place});"
    yield f"for (size_t i = 0; i < n_{place}; i++) {{"
    yield from _read(f"{place}[i]", element, count())
    yield "}"
    if kind.nullable:
        yield "} }"


def _read(place: str, shape: Type, names: Iterator[int]) -> Iterator[str]:
    match shape:
        case Scalar():
            yield f"H_GET({place});"
        case Array(element, size):
            name = f"k{next(names)}"
            yield f"for (size_t {name} = 0; {name} < {size}; {name}++) {{"
            yield from _read(f"{place}[{name}]", element, names)
            yield "}"
        case Struct(fields=fields):
            for each in fields:
                yield from _read(f"{place}.{each.c}", each.type, names)
        case Pointer():
            raise AssertionError("buffers of a struct are read with it")


# --- writing what it left ------------------------------------------------------------------------------------------------------


def _write_result(result: Shape, pools: Pools) -> Iterator[str]:
    yield "{ size_t start = w->len; (void)start;"
    yield from _write("result", result, count())
    if isinstance(result, Scalar):
        yield "h_remember_result((uint64_t)result);" if result.rust not in ("f32", "f64", "bool") else ""
    else:
        yield _remember(pools.number(result, many=False), "start")
    yield "}"


def _remember(pool: int | None, start: str) -> str:
    return "" if pool is None else f"if (h_generating) h_remember({pool}, w->data + {start}, w->len - {start});"


def _write_argument(number: int, argument: Argument, pools: Pools) -> Iterator[str]:
    place = f"p{number}"
    if struct := _borrowing(argument.type):
        yield from _write_borrowing(place, struct, isinstance(argument.type, Pointer))
    elif isinstance(argument.type, Pointer):
        yield from _write_target(place, argument.type, pools)


def _write_borrowing(place: str, struct: Struct, pointed_at: bool) -> Iterator[str]:
    for each in struct.fields if pointed_at else ():
        if not isinstance(each.type, Pointer):
            yield from _write(f"{place}->{each.c}", each.type, count())
    for each in struct.fields:
        if isinstance(each.type, Pointer):
            name = f"{place}_{each.c}"
            yield f"for (size_t i = 0; i < n_{name}; i++) {{"
            yield from _write(f"{name}[i]", flattened(each.type.target)[0], count())
            yield "}"


def _write_target(place: str, kind: Pointer, pools: Pools) -> Iterator[str]:
    element, known = flattened(kind.target)
    yield f"if ({place} != NULL) {{ size_t start = w->len;"
    yield f"for (size_t i = 0; i < n_{place}; i++) {{"
    yield from _write(f"{place}[i]", element, count())
    yield "}"
    if kind.mutable:
        yield from _remember_target(kind, place, known, pools)
    yield "(void)start; }"


def _remember_target(kind: Pointer, place: str, known: int, pools: Pools) -> Iterator[str]:
    pool = pools.number(kind.target, kind.many)
    if not kind.many:
        yield _remember(pool, "start")
    elif pool is not None:
        yield f"if (h_generating && w->len - start + 4 <= 1024) {{ uint8_t kept[1024]; uint32_t n = (uint32_t)(n_{place} / {known});"
        yield "memcpy(kept, &n, 4); memcpy(kept + 4, w->data + start, w->len - start);"
        yield f"h_remember({pool}, kept, w->len - start + 4); }}"


def _write(place: str, shape: Type, names: Iterator[int]) -> Iterator[str]:
    match shape:
        case Scalar("f32"):
            yield f"h_put_float(w, {place});"
        case Scalar("f64"):
            yield f"h_put_double(w, {place});"
        case Scalar(rust):
            yield f"{{ {_c_of(rust)} value = ({_c_of(rust)}){place}; H_PUT(value); }}"
        case Array(element, size):
            name = f"k{next(names)}"
            yield f"for (size_t {name} = 0; {name} < {size}; {name}++) {{"
            yield from _write(f"{place}[{name}]", element, names)
            yield "}"
        case Struct(fields=fields):
            for each in fields:
                yield from _write(f"{place}.{each.c}", each.type, names)
        case Pointer():
            raise AssertionError("buffers of a struct are written after it")


def _c_of(rust: str) -> str:
    return Scalar(rust).c
