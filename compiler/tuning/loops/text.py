"""A kernel and a variant as MLIR text: one function over memrefs, `affine` loops and accesses, `arith` and `math` in between.

    func.func @kernel(%C: memref<64x96xf32> {llvm.noalias}, …) {
      affine.for %it = 0 to 64 step 32 {
        affine.for %i = affine_map<(d0) -> (d0)>(%it) to affine_map<(d0) -> (d0 + 32)>(%it) {
          …
            %0 = affine.load %A[%i, %k] : memref<64x128xf32>

The arrays are the arguments, in the order in which the statements name them. What is unrolled stands there as many times over.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from compiler.tuning.loops.kernels import Element, Kernel
from compiler.tuning.loops.schedules import Schedule, Variant
from compiler.tuning.loops.statements import Access, Affine, Compute, Expression, Nest, Operation

INDENT = "  "


@dataclass(frozen=True, slots=True)
class Loop:
    """`iterator` from the greatest of `lower` up to below the least of `upper`."""

    iterator: str
    lower: tuple[Affine, ...]
    upper: tuple[Affine, ...]
    step: int = 1


def kernel_text(kernel: Kernel, variant: Variant, name: str = "kernel") -> str:
    """The function `name` that computes the kernel that way."""
    printer = _Printer(kernel.element, _types(kernel))
    printer.nests(kernel, variant)
    return printer.function(name)


def body_text(kernel: Kernel, schedule: Schedule, name: str) -> str:
    """What the innermost loop of the kernel's only nest runs, as a function of its own; the iterators are arguments."""
    (nest,) = kernel.nests
    printer = _Printer(kernel.element, _types(kernel))
    for offsets in _copies(schedule):
        printer.statement(nest, offsets, 1)
    return printer.function(name, nest.iterators)


def _types(kernel: Kernel) -> dict[str, str]:
    shapes = kernel.arrays()
    assert not shapes.keys() & kernel.extents.keys(), f"{kernel.id}: an array is named like an iterator"
    return {array: f"memref<{'x'.join(map(str, shape))}x{kernel.element.mlir}>" for array, shape in shapes.items()}


def loops_of(nest: Nest, schedule: Schedule, extents: Mapping[str, int]) -> list[Loop]:
    """Outermost first: tile loops over the whole box, then the loops inside a tile, each limited as soon as the limit is known."""
    tiles, factors = dict(schedule.tile), dict(schedule.unroll)
    loops = [Loop(f"{name}t", (Affine(),), (Affine(constant=extents[name]),), tiles[name]) for name, _ in schedule.tile]
    placed: set[str] = set()
    for name in schedule.order:
        placed.add(name)
        due = [
            limit for limit in nest.limits if limit.coefficient(name) and placed >= {each for each, _ in limit.terms}
        ]
        lower, upper = _span(name, tiles.get(name), extents[name])
        lower += tuple(limit.without(name) * -1 for limit in due if limit.coefficient(name) == 1)
        upper += tuple(limit.without(name) + Affine(constant=1) for limit in due if limit.coefficient(name) == -1)
        loops.append(Loop(name, lower, upper, factors.get(name, 1)))
    return loops


def _span(name: str, tile: int | None, extent: int) -> tuple[tuple[Affine, ...], tuple[Affine, ...]]:
    end = Affine(constant=extent)
    if tile is None:
        return (Affine(),), (end,)
    start = Affine.iterator(f"{name}t")
    ragged = (end,) if extent % tile else ()
    return (start,), (start + Affine(constant=tile), *ragged)


@dataclass(slots=True)
class _Printer:
    """Lines under construction; `constants` is text of a number to its name, `renamed` keeps the iterators of later nests apart."""

    element: Element
    types: Mapping[str, str]
    lines: list[str] = field(default_factory=list[str])
    constants: dict[str, str] = field(default_factory=dict[str, str])
    renamed: Mapping[str, str] = field(default_factory=dict[str, str])
    values: int = 0

    def function(self, name: str, iterators: Sequence[str] = ()) -> str:
        arrays = [f"%{array}: {each} {{llvm.noalias}}" for array, each in self.types.items()]
        arguments = ", ".join([*arrays, *(f"%{iterator}: index" for iterator in iterators)])
        kind = self.element.mlir
        constants = [
            f"{INDENT}%{constant} = arith.constant {text} : {kind}" for text, constant in self.constants.items()
        ]
        return "\n".join([f"func.func @{name}({arguments}) {{", *constants, *self.lines, f"{INDENT}return", "}", ""])

    def nests(self, kernel: Kernel, variant: Variant) -> None:
        pairs = list(zip(kernel.nests, variant.schedules, strict=True))
        all_loops = [loops_of(nest, schedule, kernel.extents) for nest, schedule in pairs]
        shared = kernel.rows if variant.fused else None
        depth = 1
        if shared:
            self.open(Loop(shared, (Affine(),), (Affine(constant=kernel.extents[shared]),)), depth)
            depth += 1
        for position, ((nest, schedule), loops) in enumerate(zip(pairs, all_loops, strict=True)):
            inner = [loop for loop in loops if loop.iterator != shared]
            self.renamed = {loop.iterator: f"{loop.iterator}_{position}" for loop in inner} if position else {}
            self.nest(nest, schedule, inner, depth)
        if shared:
            self.close(1)

    def nest(self, nest: Nest, schedule: Schedule, loops: Sequence[Loop], depth: int) -> None:
        for inside, loop in enumerate(loops):
            self.open(loop, depth + inside)
        for offsets in _copies(schedule):
            self.statement(nest, offsets, depth + len(loops))
        for inside in reversed(range(len(loops))):
            self.close(depth + inside)

    def open(self, loop: Loop, depth: int) -> None:
        step = f" step {loop.step}" if loop.step != 1 else ""
        lower, upper = self.bound("max", loop.lower), self.bound("min", loop.upper)
        iterator = self.renamed.get(loop.iterator, loop.iterator)
        self.lines.append(f"{INDENT * depth}affine.for %{iterator} = {lower} to {upper}{step} {{")

    def close(self, depth: int) -> None:
        self.lines.append(f"{INDENT * depth}}}")

    def statement(self, nest: Nest, offsets: Mapping[str, int], depth: int) -> None:
        value = self.value(nest.value, offsets, INDENT * depth)
        self.lines.append(f"{INDENT * depth}affine.store {value}, {self.element_at(nest.target, offsets)}")

    def value(self, expression: Expression, offsets: Mapping[str, int], indent: str) -> str:
        """Appends what computes the expression; its name."""
        match expression:
            case Access():
                return self.define(f"affine.load {self.element_at(expression, offsets)}", indent)
            case Compute(operation, operands):
                names = [self.value(operand, offsets, indent) for operand in operands]
                return self.compute(operation, names, indent)
            case _:
                return self.constant(expression)

    def compute(self, operation: Operation, names: Sequence[str], indent: str) -> str:
        kind = self.element.mlir
        if operation in (Operation.MAXIMUM, Operation.MINIMUM) and self.element.floating:
            predicate = "ogt" if operation is Operation.MAXIMUM else "olt"
            choice = self.define(f"arith.cmpf {predicate}, {', '.join(names)} : {kind}", indent)
            return self.define(f"arith.select {choice}, {', '.join(names)} : {kind}", indent)
        flags = " fastmath<reassoc,contract>" if self.element is Element.FAST else ""
        return self.define(f"{_operation_name(operation, self.element)} {', '.join(names)}{flags} : {kind}", indent)

    def element_at(self, access: Access, offsets: Mapping[str, int]) -> str:
        index = ", ".join(_affine_text(each, self.name) for each in access.shifted(offsets).index)
        return f"%{access.array}[{index}] : {self.types[access.array]}"

    def name(self, iterator: str) -> str:
        return f"%{self.renamed.get(iterator, iterator)}"

    def bound(self, choice: str, values: Sequence[Affine]) -> str:
        if len(values) == 1 and not values[0].terms:
            return str(values[0].constant)
        names = list(dict.fromkeys(name for value in values for name, _ in value.terms))
        dimensions = {name: f"d{position}" for position, name in enumerate(names)}
        results = ", ".join(_affine_text(value, dimensions.__getitem__) for value in values)
        prefix = f"{choice} " if len(values) > 1 else ""
        domain, operands = ", ".join(dimensions.values()), ", ".join(self.name(each) for each in names)
        return f"{prefix}affine_map<({domain}) -> ({results})>({operands})"

    def define(self, text: str, indent: str) -> str:
        name = f"%{self.values}"
        self.values += 1
        self.lines.append(f"{indent}{name} = {text}")
        return name

    def constant(self, number: float) -> str:
        text = repr(number) if self.element.floating else str(int(number))
        return "%" + self.constants.setdefault(text, f"cst{len(self.constants)}")


def _copies(schedule: Schedule) -> Iterator[dict[str, int]]:
    """The offsets of every copy of an unrolled body, the last iterator fastest."""
    names = [name for name, _ in schedule.unroll]
    for offsets in product(*(range(factor) for _, factor in schedule.unroll)):
        yield dict(zip(names, offsets, strict=True))


def _affine_text(value: Affine, spelled: Callable[[str], str]) -> str:
    terms = [(spelled(name), factor) for name, factor in value.terms]
    text = " + ".join(name if factor == 1 else f"{name} * {factor}" for name, factor in terms)
    if not text:
        return str(value.constant)
    sign = " + " if value.constant > 0 else " - "
    return f"{text}{sign}{abs(value.constant)}" if value.constant else text


def _operation_name(operation: Operation, element: Element) -> str:
    match operation:
        case Operation.EXP | Operation.SQRT:
            return f"math.{operation.value}"
        case Operation.MAXIMUM | Operation.MINIMUM:
            return "arith.maxsi" if operation is Operation.MAXIMUM else "arith.minsi"
        case Operation.ADD:
            stem = "add"
        case Operation.SUBTRACT:
            stem = "sub"
        case Operation.MULTIPLY:
            stem = "mul"
        case Operation.DIVIDE:
            stem = "div"
    return f"arith.{stem}{'f' if element.floating else 'i' if stem != 'div' else 'si'}"
