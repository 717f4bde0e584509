"""LLVM's IR of a pretty affine nest, as mlir-opt's lowerings give it: what a second look compiles.

    affine.for %i = 0 to 64 {                       %i = phi i64 [ 0, %b0 ], [ %v9, %b2 ]   icmp slt, br
      %0 = affine.load %A[%i + 1] : memref<65xf32>  add i64 %i, 1   getelementptr inbounds nuw float, ptr %A, …   load float
      %1 = arith.mulf %0, %0 : f32                  fmul float
      affine.store %1, %B[%i] : memref<64xf32> … }

Loops test at their head; a subscript is computed where it stands, sums from left to right; buffers are bare pointers, `noalias` where the
text says so. What LLVM decides depends on little else: of the nests that ship it makes the same machine code as of mlir-opt's IR.

Read are one function of `affine.for`, `affine.load` and `affine.store` of whole static buffers, and arithmetic on numbers; anything else is
None: such a text gets no second look.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field

from costmodel.tokens.affine import Map, Sum, parse_expression, parse_map
from costmodel.tokens.lines import split

_SSA = r"%[\w$.-]+"
_FUNCTION = re.compile(r"func\.func (?:private |public )?@[\w$.-]+\((.*)\)(?: attributes \{[^{}]*\})? \{")
_BUFFER = re.compile(rf"({_SSA}): memref<((?:\d+x)*)(\w+)>(?: \{{([^{{}}]*)\}})?(?:, |$)")
_CONSTANT = re.compile(rf"({_SSA}) = arith\.constant (\S+) : (\w+)")
_BOUND = rf"(?:(?:min|max) )?(?:affine_map<[^>]*->[^>]*>|#[\w$.-]+)\([^()]*\)(?:\[[^\[\]]*\])?|-?\d+|{_SSA}"
_LOOP = re.compile(rf"affine\.for ({_SSA}) = ({_BOUND}) to ({_BOUND})(?: step (\d+))? \{{")
_APPLIED = re.compile(r"(?:(min|max) )?(affine_map<.*>|#[\w$.-]+)\(([^()]*)\)(?:\[([^\[\]]*)\])?")
_ALIAS = re.compile(r"(#[\w$.-]+) = (affine_map<.*>)")
_LOAD = re.compile(rf"({_SSA}) = affine\.load ({_SSA})\[([^\[\]]*)\] : memref<((?:\d+x)*)(\w+)>")
_STORE = re.compile(rf"affine\.store ({_SSA}), ({_SSA})\[([^\[\]]*)\] : memref<((?:\d+x)*)(\w+)>")
_COMPUTED = re.compile(
    rf"({_SSA}) = (arith|math)\.(\w+) (?:(\w+), )?({_SSA}(?:, {_SSA})*)(?: fastmath<([\w, ]+)>)? : (\w+)"
)
_TYPES = {
    "f32": ("float", 4),
    "f64": ("double", 8),
    "i1": ("i1", 1),
    "i8": ("i8", 1),
    "i16": ("i16", 2),
    "i32": ("i32", 4),
    "i64": ("i64", 8),
}
_TWO = {
    **{name: name[:-1] for name in ("addi", "subi", "muli")},
    "divsi": "sdiv",
    "divui": "udiv",
    "remsi": "srem",
    "remui": "urem",
    "shli": "shl",
    "shrsi": "ashr",
    "shrui": "lshr",
    "andi": "and",
    "ori": "or",
    "xori": "xor",
    **{f"{name}f": f"f{name}" for name in ("add", "sub", "mul", "div", "rem")},
}
"""Operations of two operands of one type."""
_CALLED = {
    "maxsi": "smax",
    "minsi": "smin",
    "maxui": "umax",
    "minui": "umin",
    "maximumf": "maximum",
    "minimumf": "minimum",
    "maxnumf": "maxnum",
    "minnumf": "minnum",
    **{name: name for name in ("exp", "exp2", "log", "log2", "sqrt", "sin", "cos", "floor", "ceil", "fma")},
    "absf": "fabs",
    "powf": "pow",
}
"""Operations that LLVM has intrinsics for."""
_ARITIES = {
    **dict.fromkeys(_CALLED, 1),
    **{name: 2 for name in _CALLED if name[:3] in ("max", "min")},
    "powf": 2,
    "fma": 3,
}
_PREDICATES = {
    "cmpf": frozenset(f"{order}{kind}" for order in "ou" for kind in ("eq", "ne", "lt", "le", "gt", "ge"))
    | {"ord", "uno"},
    "cmpi": frozenset(("eq", "ne", *(f"{sign}{kind}" for sign in "su" for kind in ("lt", "le", "gt", "ge")))),
}
_FLAGS = frozenset(("fast", "reassoc", "nnan", "ninf", "nsz", "arcp", "contract", "afn"))
_OF_FLOATS = frozenset(name for name in _CALLED if name not in ("maxsi", "minsi", "maxui", "minui"))


class _Strange(Exception):
    """The text holds what is not read here."""


def _whole(number: float, bits: int = 64) -> int:
    """A number that is one of so many bits."""
    if not -(2.0 ** (bits - 1)) <= number < 2.0 ** (bits - 1):
        raise _Strange(str(number))
    return int(number)


@dataclass(slots=True)
class _Loop:
    """A loop that is open: its head, its counter, and what names stood for around it."""

    head: str
    counter: str
    step: int
    end: str
    around: dict[str, tuple[str, str]]


@dataclass(slots=True)
class _Writer:
    """The function as far as it is written."""

    maps: dict[str, Map] = field(default_factory=dict[str, Map])
    values: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    """What names stand for, registers or constants, and their types."""
    buffers: dict[str, tuple[tuple[int, ...], str]] = field(default_factory=dict[str, tuple[tuple[int, ...], str]])
    body: list[str] = field(default_factory=list[str])
    declared: dict[str, None] = field(default_factory=dict[str, None])
    loops: list[_Loop] = field(default_factory=list[_Loop])
    block: str = "b0"
    made: int = 0

    def new(self, letter: str = "v") -> str:
        """A name that is not in use."""
        self.made += 1
        return f"{letter}{self.made}"

    def define(self, instruction: str) -> str:
        """The register that an instruction's result is in."""
        name = f"%{self.new()}"
        self.body.append(f"  {name} = {instruction}")
        return name

    def call(self, name: str, kind: str, operands: list[str], flags: str = "") -> str:
        """The result of an intrinsic whose operands and result are of one type."""
        suffix = {"float": "f32", "double": "f64"}.get(kind, kind)
        self.declared[f"declare {kind} @llvm.{name}.{suffix}({', '.join([kind] * len(operands))})"] = None
        return self.define(
            f"call {flags}{kind} @llvm.{name}.{suffix}({', '.join(f'{kind} {each}' for each in operands)})"
        )

    def value(self, name: str, kind: str) -> str:
        """What a name of this type stands for."""
        value, its = self.values[name]
        if its != kind:
            raise _Strange(name)
        return value

    def sum(self, expression: Sum | None, names: dict[str, str]) -> str:
        """An affine expression in 64 bits; `names` says what its variables are."""
        if expression is None:
            raise _Strange("an address that is not affine")
        found = ""
        for variable, factor in expression.terms.items():
            term = names[variable] if variable in names else self.value(variable, "index")
            term = self.define(f"mul nsw i64 {term}, {_whole(factor)}") if factor != 1 else term
            found = self.define(f"add i64 {found}, {term}") if found else term
        if not found:
            return str(_whole(expression.constant))
        return self.define(f"add i64 {found}, {_whole(expression.constant)}") if expression.constant else found

    def bound(self, text: str) -> str:
        """A bound of a loop, computed before it."""
        if text[0] in "-0123456789":
            return str(_whole(int(text), 63))
        if text[0] == "%":
            return self.value(text, "index")
        found = _APPLIED.fullmatch(text)
        if found is None:
            raise _Strange(text)
        kind, which, dimensions, symbols = found.groups()
        mapped = self.maps.get(which) if which[0] == "#" else parse_map(which)
        given = [each.strip() for group in (dimensions, symbols) if group for each in group.split(",") if each.strip()]
        if mapped is None or len(given) != len(mapped.arguments) or not mapped.results:
            raise _Strange(text)
        names = dict(zip(mapped.arguments, (self.value(each, "index") for each in given), strict=True))
        results = [self.sum(each, names) for each in mapped.results]
        if len(results) > 1 and kind is None:
            raise _Strange(text)
        bound = results[0]
        for other in results[1:]:
            bound = self.call("smin" if kind == "min" else "smax", "i64", [bound, other])
        return bound


def lowered(text: str) -> str | None:
    """A module with the function `kernel`, without triple or layout; None where the text holds what is not read here."""
    writer = _Writer()
    try:
        parameters = _read(text, writer)
    except (_Strange, KeyError, ValueError, OverflowError):
        return None
    if parameters is None or writer.loops:
        return None
    return "\n".join([f"define void @kernel({parameters}) #0 {{", "b0:", *writer.body, "}", *writer.declared, ""])


def _read(text: str, writer: _Writer) -> str | None:
    parameters: str | None = None
    done = False
    for line in split(text):
        if alias := _ALIAS.fullmatch(line):
            mapped = parse_map(alias[2])
            if mapped is None:
                raise _Strange(line)
            writer.maps[alias[1]] = mapped
        elif line in ("module {", "builtin.module {"):
            continue
        elif found := _FUNCTION.fullmatch(line):
            if parameters is not None:
                raise _Strange("a second function")
            parameters = _parameters(found[1], writer)
        elif line in ("return", "func.return"):
            if writer.loops or done:
                raise _Strange(line)
            writer.body.append("  ret void")
            done = True
        elif line == "}":
            if writer.loops:
                _close(writer)
        elif parameters is None or done:
            raise _Strange(line)
        else:
            _operation(line, writer)
    return parameters if done else None


def _parameters(text: str, writer: _Writer) -> str:
    found: list[str] = []
    at = 0
    for each in _BUFFER.finditer(text):
        if each.start() != at:
            raise _Strange(text)
        at = each.end()
        name, sizes, element, attributes = each.groups()
        pointer = f"%p{len(found)}"
        writer.values[name] = pointer, "memref"
        writer.buffers[name] = (_sizes(sizes), element)
        found.append(f"ptr {'noalias ' if attributes and 'llvm.noalias' in attributes else ''}{pointer}")
    if at != len(text):
        raise _Strange(text)
    return ", ".join(found)


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(int(each) for each in text.split("x")[:-1])


def _operation(line: str, writer: _Writer) -> None:
    if found := _LOAD.fullmatch(line):
        name, base, subscripts, sizes, element = found.groups()
        kind, size = _TYPES[element]
        address = _address(base, subscripts, (_sizes(sizes), element), writer)
        writer.values[name] = writer.define(f"load {kind}, ptr {address}, align {size}"), element
    elif found := _STORE.fullmatch(line):
        name, base, subscripts, sizes, element = found.groups()
        kind, size = _TYPES[element]
        stored = writer.value(name, element)
        address = _address(base, subscripts, (_sizes(sizes), element), writer)
        writer.body.append(f"  store {kind} {stored}, ptr {address}, align {size}")
    elif found := _LOOP.fullmatch(line):
        _open(found, writer)
    elif found := _CONSTANT.fullmatch(line):
        writer.values[found[1]] = _constant(found[2], found[3]), found[3]
    elif found := _COMPUTED.fullmatch(line):
        _compute(found, writer)
    else:
        raise _Strange(line)


def _address(base: str, subscripts: str, shape: tuple[tuple[int, ...], str], writer: _Writer) -> str:
    if writer.buffers.get(base) != shape:
        raise _Strange(base)
    sizes, element = shape
    parts = [each for each in subscripts.split(",") if each.strip()]
    if len(parts) != len(sizes):
        raise _Strange(subscripts)
    indices = [writer.sum(parse_expression(each.strip()), {}) for each in parts]
    offset, stride = "", 1
    strides: list[int] = []
    for size in reversed(sizes):
        strides.append(stride)
        stride = _whole(stride * size)
    for index, step in zip(indices, reversed(strides), strict=True):
        term = writer.define(f"mul nuw nsw i64 {index}, {step}") if step != 1 else index
        offset = writer.define(f"add nuw nsw i64 {offset}, {term}") if offset else term
    return writer.define(
        f"getelementptr inbounds nuw {_TYPES[element][0]}, ptr {writer.value(base, 'memref')}, i64 {offset or '0'}"
    )


def _open(found: re.Match[str], writer: _Writer) -> None:
    name, lower, upper, step = found.groups()
    if step is not None and int(step) < 1:
        raise _Strange(found[0])
    low, high = writer.bound(lower), writer.bound(upper)
    head, body, end = (writer.new("b") for _ in range(3))
    counter = f"%{writer.new()}"
    loop = _Loop(head, counter, _whole(int(step or 1), 63), end, dict(writer.values))
    writer.body += [
        f"  br label %{head}",
        f"{head}:",
        f"  {counter} = phi i64 [ {low}, %{writer.block} ], [ {counter}.n, %{head}.l ]",
        f"  {counter}.t = icmp slt i64 {counter}, {high}",
        f"  br i1 {counter}.t, label %{body}, label %{end}",
        f"{body}:",
    ]
    writer.block = body
    writer.values[name] = counter, "index"
    writer.loops.append(loop)


def _close(writer: _Writer) -> None:
    loop = writer.loops.pop()
    writer.body += [
        f"  br label %{loop.head}.l",
        f"{loop.head}.l:",
        f"  {loop.counter}.n = add i64 {loop.counter}, {loop.step}",
        f"  br label %{loop.head}",
        f"{loop.end}:",
    ]
    writer.block, writer.values = loop.end, loop.around


def _constant(text: str, element: str) -> str:
    kind = "i64" if element == "index" else _TYPES[element][0]
    if kind not in ("float", "double"):
        if kind == "i1" and text in ("true", "false"):
            return text
        return str(_whole(int(text), int(kind[1:])))
    value = float(text)
    if kind == "float":
        value = struct.unpack("<f", struct.pack("<f", value))[0]
    return f"0x{struct.unpack('<Q', struct.pack('<d', value))[0]:016X}"


def _compute(found: re.Match[str], writer: _Writer) -> None:
    name, _, operation, predicate, operands, flags, element = found.groups()
    kind, _ = _TYPES[element]
    floating = kind in ("float", "double")
    names = operands.split(", ")
    kinds = ["i1", *[element] * (len(names) - 1)] if operation == "select" else [element] * len(names)
    given = list(map(writer.value, names, kinds))
    words = [each.strip() for each in flags.split(",")] if flags and flags != "none" else []
    if not _FLAGS.issuperset(words) or (words and not floating):
        raise _Strange(found[0])
    fast = "".join(f"{word} " for word in words)
    if predicate in _PREDICATES.get(operation, ()) and len(given) == 2 and floating == operation.endswith("f"):
        compared = "fcmp " + fast if operation == "cmpf" else "icmp "
        result = f"{compared}{predicate} {kind} {given[0]}, {given[1]}"
        element = "i1"
    elif predicate:
        raise _Strange(found[0])
    elif operation == "select" and len(given) == 3:
        result = f"select i1 {given[0]}, {kind} {given[1]}, {kind} {given[2]}"
    elif operation == "negf" and len(given) == 1 and floating:
        result = f"fneg {fast}{kind} {given[0]}"
    elif operation in _TWO and len(given) == 2 and floating == operation.endswith("f"):
        result = f"{_TWO[operation]} {fast}{kind} {given[0]}, {given[1]}"
    elif operation in _CALLED and floating == (operation in _OF_FLOATS) and len(given) == _ARITIES[operation]:
        writer.values[name] = writer.call(_CALLED[operation], kind, given, fast), element
        return
    else:
        raise _Strange(found[0])
    writer.values[name] = writer.define(result), element
