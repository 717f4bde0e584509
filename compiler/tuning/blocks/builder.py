"""Straight-line MLIR under construction: arguments, values of one line each, stores at the end for what must not be dropped.

    b = BlockBuilder()
    x, y = b.load("f32"), b.load("f32")
    b.store(b.add(x, y))
    b.text()    # func.func @block(%p0: memref<256xf32>, …) { … }

Arrays come in as memrefs, one to read and one to write for each element type, at constant positions.
"""

from dataclasses import dataclass, field

CELLS = 256
"""Elements of every array."""
FLOATS = ("f32", "f64")


@dataclass(frozen=True, slots=True)
class Value:
    name: str
    type: str

    @property
    def floating(self) -> bool:
        return self.type.rstrip(">").endswith(FLOATS)


@dataclass(slots=True)
class BlockBuilder:
    """One function; values are named in the order in which they are made."""

    lines: list[str] = field(default_factory=list[str])
    arguments: dict[str, str] = field(default_factory=dict[str, str])
    loads: dict[str, int] = field(default_factory=dict[str, int])
    stores: dict[str, int] = field(default_factory=dict[str, int])
    constants: dict[tuple[str, str], Value] = field(default_factory=dict[tuple[str, str], Value])
    count: int = 0

    def text(self, name: str = "block") -> str:
        arguments = ", ".join(f"%{argument}: {kind}{_apart(kind)}" for argument, kind in self.arguments.items())
        positions = range(max([*self.loads.values(), *self.stores.values()], default=0))
        indices = [f"  %i{position} = arith.constant {position} : index" for position in positions]
        numbers = [f"  {value.name} = arith.constant {text} : {kind}" for (text, kind), value in self.constants.items()]
        return "\n".join([f"func.func @{name}({arguments}) {{", *indices, *numbers, *self.lines, "  return", "}", ""])

    def argument(self, kind: str) -> Value:
        name = f"a{len(self.arguments)}"
        self.arguments[name] = kind
        return Value(f"%{name}", kind)

    def constant(self, text: str, kind: str) -> Value:
        return self.constants.setdefault((text, kind), Value(f"%c{len(self.constants)}", kind))

    def load(self, kind: str) -> Value:
        """The next element of the array to read."""
        position = self._next(self.loads, kind)
        return self._define(f"memref.load %{self._array('in', kind)}[%i{position}] : memref<{CELLS}x{kind}>", kind)

    def load_at(self, kind: str, position: Value) -> Value:
        return self._define(f"memref.load %{self._array('in', kind)}[{position.name}] : memref<{CELLS}x{kind}>", kind)

    def store(self, value: Value) -> None:
        position = self._next(self.stores, value.type)
        array = self._array("out", value.type)
        self.lines.append(f"  memref.store {value.name}, %{array}[%i{position}] : memref<{CELLS}x{value.type}>")

    def binary(self, operation: str, a: Value, b: Value) -> Value:
        """`add`, `mul`, … in the form for the operands' type; a whole name such as `arith.xori` stands for itself."""
        name = operation if "." in operation else f"arith.{operation}{'f' if a.floating else 'i'}"
        return self._define(f"{name} {a.name}, {b.name} : {a.type}", a.type)

    def add(self, a: Value, b: Value) -> Value:
        return self.binary("add", a, b)

    def sub(self, a: Value, b: Value) -> Value:
        return self.binary("sub", a, b)

    def mul(self, a: Value, b: Value) -> Value:
        return self.binary("mul", a, b)

    def unary(self, name: str, a: Value) -> Value:
        return self._define(f"{name} {a.name} : {a.type}", a.type)

    def fma(self, a: Value, b: Value, c: Value) -> Value:
        return self._define(f"math.fma {a.name}, {b.name}, {c.name} : {a.type}", a.type)

    def less(self, a: Value, b: Value) -> Value:
        name, predicate = ("arith.cmpf", "olt") if a.floating else ("arith.cmpi", "slt")
        return self._define(f"{name} {predicate}, {a.name}, {b.name} : {a.type}", "i1")

    def select(self, condition: Value, a: Value, b: Value) -> Value:
        return self._define(f"arith.select {condition.name}, {a.name}, {b.name} : {a.type}", a.type)

    def convert(self, name: str, a: Value, kind: str) -> Value:
        return self._define(f"{name} {a.name} : {a.type} to {kind}", kind)

    def two(self, name: str, a: Value, b: Value, types: tuple[str, str]) -> tuple[Value, Value]:
        """An operation with two results, such as `arith.mului_extended`."""
        self.count += 1
        whole = f"%v{self.count}"
        spelled = f"{a.type}, {types[1]}" if types[1] == "i1" else a.type
        self.lines.append(f"  {whole}:2 = {name} {a.name}, {b.name} : {spelled}")
        return Value(f"{whole}#0", types[0]), Value(f"{whole}#1", types[1])

    def _define(self, text: str, kind: str) -> Value:
        self.count += 1
        self.lines.append(f"  %v{self.count} = {text}")
        return Value(f"%v{self.count}", kind)

    def _array(self, use: str, kind: str) -> str:
        name = f"{use}_{kind.replace('<', '_').replace('>', '')}"
        self.arguments[name] = f"memref<{CELLS}x{kind}>"
        return name

    def _next(self, positions: dict[str, int], kind: str) -> int:
        positions[kind] = positions.get(kind, 0) + 1
        assert positions[kind] <= CELLS, "a block reads or writes more than its arrays hold"
        return positions[kind] - 1


def _apart(kind: str) -> str:
    return " {llvm.noalias}" if kind.startswith("memref") else ""
