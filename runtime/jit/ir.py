"""Writing LLVM IR as text: a body under construction, and the small instructions everybody needs.

Every guest value is an `i64`; operands are SSA names (`%v7`) or literals (`-1`).
"""

from __future__ import annotations

from runtime.semantics import BOX, NAN32, NAN64, signed

_CANONICAL = str(NAN64)


RARE = frozenset({"fault", "translate_global", "put_far", "scan_far", "take_back", "dma_fault"})
"""Functions that are hardly ever called, out of hot ones: these need not keep their values safe from them."""


def convention(name: str) -> str:
    """How a function of the module is called."""
    return "preserve_mostcc " if name in RARE else ""


class Body:
    """The lines of one function, with fresh names."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.variables: list[str] = []
        self._count = 0

    def fresh(self, stem: str = "v") -> str:
        """A name not used before in this function."""
        self._count += 1
        return f"{stem}{self._count}"

    def emit(self, text: str) -> None:
        """A line without a result."""
        self.lines.append(f"  {text}")

    def value(self, text: str) -> str:
        """A line with a result; its name."""
        name = f"%{self.fresh()}"
        self.lines.append(f"  {name} = {text}")
        return name

    def variable(self) -> str:
        """A stack slot, allocated at entry so that it becomes a register."""
        name = f"%{self.fresh('x')}"
        self.variables.append(f"  {name} = alloca i64")
        return name

    def text(self) -> str:
        """Everything emitted, slots first."""
        return "\n".join(self.variables + self.lines)

    def label(self, name: str) -> None:
        """Start a basic block."""
        self.lines.append(f"{name}:")

    def jump(self, label: str) -> None:
        """End the block."""
        self.emit(f"br label %{label}")

    def branch(self, condition: str, then: str, otherwise: str) -> None:
        """End the block on an `i1`."""
        self.emit(f"br i1 {condition}, label %{then}, label %{otherwise}")

    def binary(self, op: str, a: str, b: str, kind: str = "i64") -> str:
        """`op kind a, b`."""
        return self.value(f"{op} {kind} {a}, {b}")

    def compare(self, predicate: str, a: str, b: str, kind: str = "i64") -> str:
        """An `i1`."""
        return self.value(f"icmp {predicate} {kind} {a}, {b}")

    def flag(self, condition: str) -> str:
        """An `i1` as 0 or 1."""
        return self.value(f"zext i1 {condition} to i64")

    def select(self, condition: str, a: str, b: str, kind: str = "i64") -> str:
        """`condition ? a : b`."""
        return self.value(f"select i1 {condition}, {kind} {a}, {kind} {b}")

    def call(self, name: str, *arguments: str) -> str:
        """Call an `i64` function of the module."""
        return self.value(f"call i64 @{name}({', '.join(f'i64 {a}' for a in arguments)})")

    def call_with_state(self, name: str, *arguments: str) -> str:
        """The same with the state pointer in front."""
        given = ", ".join(["ptr %s", *(f"i64 {a}" for a in arguments)])
        return self.value(f"call {convention(name)}i64 @{name}({given})")

    def element(self, base: str, index: str) -> str:
        """Address of `base[index]`, eight bytes each."""
        return self.value(f"getelementptr inbounds i64, ptr {base}, i64 {index}")

    def load(self, pointer: str, kind: str = "i64") -> str:
        """A load."""
        return self.value(f"load {kind}, ptr {pointer}")

    def store(self, value: str, pointer: str, kind: str = "i64") -> None:
        """A store."""
        self.emit(f"store {kind} {value}, ptr {pointer}")

    def add_to(self, pointer: str, amount: str) -> None:
        """`*pointer += amount`."""
        self.store(self.binary("add", self.load(pointer), amount), pointer)

    def narrow(self, a: str, kind: str = "i32") -> str:
        """Low bits."""
        return self.value(f"trunc i64 {a} to {kind}")

    def widen(self, a: str, kind: str = "i32", is_signed: bool = True) -> str:
        """Back to 64 bits."""
        return self.value(f"{'sext' if is_signed else 'zext'} {kind} {a} to i64")

    # floating point: bits in, bits out

    def double(self, a: str) -> str:
        """Bits to double."""
        return self.value(f"bitcast i64 {a} to double")

    def single(self, a: str) -> str:
        """Boxed bits to float."""
        return self.value(f"bitcast i32 {self.unboxed(a)} to float")

    def unboxed(self, a: str) -> str:
        """The low word of a boxed single, or the canonical NaN."""
        high = self.binary("lshr", a, "32")
        return self.select(self.compare("eq", high, "4294967295"), self.narrow(a), str(NAN32), "i32")

    def boxed(self, word: str) -> str:
        """A word as a boxed single."""
        return self.binary("or", self.widen(word, is_signed=False), str(signed(BOX)))

    def bits_of_double(self, value: str) -> str:
        """Double to bits, NaN made canonical."""
        raw = self.value(f"bitcast double {value} to i64")
        return self.select(self.value(f"fcmp uno double {value}, {value}"), _CANONICAL, raw)

    def bits_of_single(self, value: str) -> str:
        """Float to boxed bits, NaN made canonical."""
        raw = self.value(f"bitcast float {value} to i32")
        return self.boxed(self.select(self.value(f"fcmp uno float {value}, {value}"), str(NAN32), raw, "i32"))


PRELUDE = """
declare i64 @llvm.cttz.i64(i64, i1)
declare i64 @llvm.ctlz.i64(i64, i1)
declare i64 @llvm.ctpop.i64(i64)
declare i64 @llvm.fshl.i64(i64, i64, i64)
declare i64 @llvm.fshr.i64(i64, i64, i64)
declare i64 @llvm.smin.i64(i64, i64)
declare i64 @llvm.smax.i64(i64, i64)
declare i64 @llvm.umin.i64(i64, i64)
declare i64 @llvm.umax.i64(i64, i64)
declare double @llvm.sqrt.f64(double)
declare float @llvm.sqrt.f32(float)
declare double @llvm.fma.f64(double, double, double)
declare float @llvm.fma.f32(float, float, float)
declare double @llvm.minimumnum.f64(double, double)
declare double @llvm.maximumnum.f64(double, double)
declare float @llvm.minimumnum.f32(float, float)
declare float @llvm.maximumnum.f32(float, float)
declare i32 @llvm.fptosi.sat.i32.f64(double)
declare i32 @llvm.fptoui.sat.i32.f64(double)
declare i64 @llvm.fptosi.sat.i64.f64(double)
declare i64 @llvm.fptoui.sat.i64.f64(double)
declare i32 @llvm.fptosi.sat.i32.f32(float)
declare i32 @llvm.fptoui.sat.i32.f32(float)
declare i64 @llvm.fptosi.sat.i64.f32(float)
declare i64 @llvm.fptoui.sat.i64.f32(float)
declare void @llvm.prefetch.p0(ptr, i32, i32, i32)
declare i1 @llvm.is.fpclass.f64(double, i32)
declare i1 @llvm.is.fpclass.f32(float, i32)
"""
"""Declarations every module starts with."""
