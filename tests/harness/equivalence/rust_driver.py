"""The Rust half: the translation with a driver as a module inside it, so that private functions are within reach.

Every case reads its input as `c_driver` wrote it, calls the function, and writes result and buffers; the fixed part compares.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from equivalence.plan import Argument, FunctionPlan
from equivalence.shapes import Array, Pointer, Scalar, Shape, Struct, Type

PRELUDE = Path(__file__).with_name("prelude.rs")


def rust_main(modules: Iterable[str]) -> str:
    """The program's entry: the third argument names the module whose functions are run."""
    arms = "".join(f'        "{name}" => {name}::equivalence_driver::run(),\n' for name in modules)
    chosen = "std::env::args().nth(3).unwrap().as_str()"
    return f"\nfn main() {{\n    match {chosen} {{\n{arms}        _ => unreachable!(),\n    }}\n}}\n"


def rust_driver(rust: str, plans: list[FunctionPlan]) -> str:
    """The translation, unchanged, followed by the driver."""
    lines = [rust, "#[allow(warnings)]", "pub mod equivalence_driver {", PRELUDE.read_text()]
    for struct in structs(plans):
        if not struct.borrows:
            lines += wire(struct)
    for index, plan in enumerate(plans):
        lines += _call(index, plan)
    rows = [f'    ("{plan.name}", call_{index}),' for index, plan in enumerate(plans)]
    return "\n".join([*lines, "static FUNCTIONS: &[(&str, Function)] = &[", *rows, "];", "}", ""])


def structs(plans: Iterable[FunctionPlan]) -> list[Struct]:
    """Every struct met, parts before wholes."""
    found: dict[str, Struct] = {}

    def visit(kind: Type | None) -> None:
        match kind:
            case None | Scalar():
                pass
            case Pointer(target):
                visit(target)
            case Array(element):
                visit(element)
            case Struct():
                for each in kind.fields:
                    visit(each.type)
                found.setdefault(kind.name, kind)

    for plan in plans:
        visit(plan.result)
        for argument in plan.arguments:
            visit(argument.type)
    return list(found.values())


def wire(struct: Struct) -> Iterator[str]:
    fields = ", ".join(f"{each.rust}: Wire::get(r)" for each in struct.fields)
    puts = " ".join(f"self.{each.rust}.put(w);" for each in struct.fields)
    yield f"impl Wire for super::{struct.name} {{"
    yield f"    fn get(r: &mut Reader) -> Self {{ super::{struct.name} {{ {fields} }} }}"
    yield f"    fn put(&self, w: &mut Vec<u8>) {{ {puts} }}"
    yield "}"


def _call(index: int, plan: FunctionPlan) -> Iterator[str]:
    yield f"fn call_{index}(r: &mut Reader, w: &mut Vec<u8>) {{"
    for number, argument in enumerate(plan.arguments):
        yield from ("    " + line for line in read_argument(number, argument))
    values = ", ".join(passed(number, argument.type) for number, argument in enumerate(plan.arguments))
    yield f"    let result = super::{plan.rust_name}({values});"
    yield "    result.put(w);"
    for number, argument in enumerate(plan.arguments):
        yield from ("    " + line for line in _write(number, argument.type))
    yield "}"


def read_argument(number: int, argument: Argument) -> Iterator[str]:
    match argument.type:
        case Pointer(target, nullable=nullable):
            if isinstance(target, Struct) and target.borrows:
                yield from _read_borrowing(f"p{number}", target)
                return
            owned = _owned(argument.type)
            value = (
                f"if r.present() {{ Some(<{owned}>::get(r)) }} else {{ None }}" if nullable else f"<{owned}>::get(r)"
            )
            yield f"let mut p{number} = {value};"
        case Struct() if argument.type.borrows:
            yield from _read_borrowing(f"p{number}", argument.type)
        case _:
            yield f"let p{number}: {_spelled(argument.type)} = Wire::get(r);"


def _owned(kind: Pointer) -> str:
    return f"Vec<{_spelled(kind.target)}>" if kind.many else _spelled(kind.target)


def _spelled(shape: Shape) -> str:
    match shape:
        case Scalar(rust):
            return rust
        case Array(element, size):
            return f"[{_spelled(element)}; {size}]"
        case Struct(name):
            return f"super::{name}"


def _read_borrowing(place: str, struct: Struct) -> Iterator[str]:
    """A struct that borrows: its buffers live in variables of the case."""
    given: list[str] = []
    for name, kind in ((each.rust, each.type) for each in struct.fields):
        storage = _storage(place, name)
        if isinstance(kind, Pointer):
            yield f"let mut {storage} = <{_owned(kind)}>::get(r);"
            given.append(f"{name}: {'&mut ' if kind.mutable else '&'}{storage}")
        else:
            yield f"let {storage}: {_spelled(kind)} = Wire::get(r);"
            given.append(f"{name}: {storage}")
    yield f"let mut {place} = super::{struct.name} {{ {', '.join(given)} }};"


def _storage(place: str, field: str) -> str:
    return f"{place}_{field.removeprefix('r#')}"


def passed(number: int, kind: Type) -> str:
    place = f"p{number}"
    if not isinstance(kind, Pointer):
        return place
    if kind.nullable:
        view = (
            ("as_deref_mut" if kind.mutable else "as_deref") if kind.many else ("as_mut" if kind.mutable else "as_ref")
        )
        return f"{place}.{view}()"
    return f"&mut {place}" if kind.mutable else f"&{place}"


def _write(number: int, kind: Type) -> Iterator[str]:
    match kind:
        case Pointer(target=Struct() as struct) if struct.borrows:
            for each in struct.fields:
                if not isinstance(each.type, Pointer):
                    yield f"p{number}.{each.rust}.put(w);"
            yield from _write_buffers(number, struct)
        case Struct() if kind.borrows:
            yield from _write_buffers(number, kind)
        case Pointer(nullable=True):
            yield f"if let Some(value) = &p{number} {{ value.put(w); }}"
        case Pointer():
            yield f"p{number}.put(w);"
        case _:
            pass


def _write_buffers(number: int, struct: Struct) -> Iterator[str]:
    """What a struct borrowed, once it is no longer used itself."""
    for each in struct.fields:
        if isinstance(each.type, Pointer):
            yield f"{_storage(f'p{number}', each.rust)}.put(w);"
