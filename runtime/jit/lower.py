"""What each register-to-register instruction computes, as LLVM IR.

The counterpart of `runtime.semantics`, written independently; the tests hold the two against each other.
A lowering takes the body, the source operands in the order of `Spec.sources` and the immediate, and
returns the new destination value.
"""

from __future__ import annotations

from collections.abc import Callable

from runtime.jit.ir import Body
from runtime.semantics import signed

Lowering = Callable[[Body, list[str], int], str]

_SIMPLE = {"add": "add", "sub": "sub", "and": "and", "or": "or", "xor": "xor", "mul": "mul"}
_SIMPLE_IMMEDIATE = {"addi": "add", "andi": "and", "ori": "or", "xori": "xor"}
_SHIFTS = {"sll": "shl", "srl": "lshr", "sra": "ashr"}
_COMPARES = {"slt": "slt", "sltu": "ult"}
_EXTREMES = {"min": "smin", "max": "smax", "minu": "umin", "maxu": "umax"}
PREDICATES = {"beq": "eq", "bne": "ne", "blt": "slt", "bge": "sge", "bltu": "ult", "bgeu": "uge"}
"""`icmp` predicate of each conditional branch."""


def _simple(op: str) -> Lowering:
    return lambda b, s, i: b.binary(op, s[0], s[1])


def _immediate(op: str) -> Lowering:
    return lambda b, s, i: b.binary(op, s[0], str(i))


def _shift(op: str) -> Lowering:
    return lambda b, s, i: b.binary(op, s[0], b.binary("and", s[1], "63"))


def _compare(predicate: str) -> Lowering:
    return lambda b, s, i: b.flag(b.compare(predicate, s[0], s[1]))


def _compare_immediate(predicate: str) -> Lowering:
    return lambda b, s, i: b.flag(b.compare(predicate, s[0], str(i)))


def _extreme(name: str) -> Lowering:
    return lambda b, s, i: b.call(f"llvm.{name}.i64", s[0], s[1])


def _word_binary(op: str) -> Lowering:
    return lambda b, s, i: b.widen(b.binary(op, b.narrow(s[0]), b.narrow(s[1]), "i32"))


def _word_immediate(op: str) -> Lowering:
    return lambda b, s, i: b.widen(b.binary(op, b.narrow(s[0]), str(i), "i32"))


def _word_shift(op: str) -> Lowering:
    def lower(b: Body, s: list[str], i: int) -> str:
        count = b.binary("and", b.narrow(s[1]), "31", "i32")
        return b.widen(b.binary(op, b.narrow(s[0]), count, "i32"))

    return lower


def _shifted_add(count: int) -> Lowering:
    return lambda b, s, i: b.binary("add", b.binary("shl", s[0], str(count)), s[1])


def _inverted(op: str) -> Lowering:
    return lambda b, s, i: b.binary(op, s[0], b.binary("xor", s[1], "-1"))


def _single_bit(b: Body, s: list[str]) -> str:
    return b.binary("shl", "1", b.binary("and", s[1], "63"))


def _bit_cleared(b: Body, s: list[str], i: int) -> str:
    return b.binary("and", s[0], b.binary("xor", _single_bit(b, s), "-1"))


def _bit_changed(op: str) -> Lowering:
    return lambda b, s, i: b.binary(op, s[0], _single_bit(b, s))


def _bit_extracted(b: Body, s: list[str], i: int) -> str:
    return b.binary("and", b.binary("lshr", s[0], b.binary("and", s[1], "63")), "1")


def _add_unsigned_word(b: Body, s: list[str], i: int) -> str:
    return b.binary("add", b.widen(b.narrow(s[0]), is_signed=False), s[1])


def _rotate(name: str) -> Lowering:
    return lambda b, s, i: b.call(f"llvm.{name}.i64", s[0], s[0], s[1])


def _count_zeros(name: str) -> Lowering:
    return lambda b, s, i: b.value(f"call i64 @llvm.{name}.i64(i64 {s[0]}, i1 false)")


def _extend(kind: str, is_signed: bool) -> Lowering:
    return lambda b, s, i: b.widen(b.narrow(s[0], kind), kind, is_signed)


def _conditional_zero(predicate: str) -> Lowering:
    return lambda b, s, i: b.select(b.compare(predicate, s[1], "0"), "0", s[0])


def _high_product(left: str, right: str) -> Lowering:
    def lower(b: Body, s: list[str], i: int) -> str:
        wide = [b.value(f"{ext} i64 {v} to i128") for ext, v in zip((left, right), s, strict=True)]
        product = b.binary("mul", wide[0], wide[1], "i128")
        return b.value(f"trunc i128 {b.binary('lshr', product, '64', 'i128')} to i64")

    return lower


def _division(op: str, kind: str) -> Lowering:
    """Division by zero and the one overflow have defined results in the guest and none in IR."""

    def lower(b: Body, s: list[str], i: int) -> str:
        x, y = s if kind == "i64" else [b.narrow(v) for v in s]
        zero = b.compare("eq", y, "0", kind)
        unsafe = zero if op[0] == "u" else b.binary("or", zero, _overflows(b, x, y, kind), "i1")
        result = b.binary(op, x, b.select(unsafe, "1", y, kind), kind)
        result = b.select(zero, x if op.endswith("rem") else "-1", result, kind)
        return result if kind == "i64" else b.widen(result)

    return lower


def _overflows(b: Body, x: str, y: str, kind: str) -> str:
    lowest = str(-(1 << (63 if kind == "i64" else 31)))
    return b.binary("and", b.compare("eq", x, lowest, kind), b.compare("eq", y, "-1", kind), "i1")


_TABLE: dict[str, Lowering] = {
    **{name: _simple(op) for name, op in _SIMPLE.items()},
    **{name: _immediate(op) for name, op in _SIMPLE_IMMEDIATE.items()},
    **{name: _shift(op) for name, op in _SHIFTS.items()},
    **{f"{name}i": _immediate(op) for name, op in _SHIFTS.items()},
    **{f"{name}w": _word_shift(op) for name, op in _SHIFTS.items()},
    **{f"{name}iw": _word_immediate(op) for name, op in _SHIFTS.items()},
    **{name: _compare(p) for name, p in _COMPARES.items()},
    **{name: _extreme(op) for name, op in _EXTREMES.items()},
    "slti": _compare_immediate("slt"),
    "sltiu": _compare_immediate("ult"),
    "addw": _word_binary("add"),
    "subw": _word_binary("sub"),
    "mulw": _word_binary("mul"),
    "addiw": _word_immediate("add"),
    "lui": lambda b, s, i: str(signed(i << 12, 32)),
    "li": lambda b, s, i: str(i),
    "la": lambda b, s, i: str(i),
    "sh1add": _shifted_add(1),
    "sh2add": _shifted_add(2),
    "sh3add": _shifted_add(3),
    "add.uw": _add_unsigned_word,
    "andn": _inverted("and"),
    "orn": _inverted("or"),
    "xnor": lambda b, s, i: b.binary("xor", b.binary("xor", s[0], s[1]), "-1"),
    "bclr": _bit_cleared,
    "bset": _bit_changed("or"),
    "binv": _bit_changed("xor"),
    "bext": _bit_extracted,
    "rol": _rotate("fshl"),
    "ror": _rotate("fshr"),
    "clz": _count_zeros("ctlz"),
    "ctz": _count_zeros("cttz"),
    "cpop": lambda b, s, i: b.call("llvm.ctpop.i64", s[0]),
    "sext.b": _extend("i8", True),
    "sext.h": _extend("i16", True),
    "zext.h": _extend("i16", False),
    "czero.eqz": _conditional_zero("eq"),
    "czero.nez": _conditional_zero("ne"),
    "mulh": _high_product("sext", "sext"),
    "mulhu": _high_product("zext", "zext"),
    "mulhsu": _high_product("sext", "zext"),
    "div": _division("sdiv", "i64"),
    "divu": _division("udiv", "i64"),
    "rem": _division("srem", "i64"),
    "remu": _division("urem", "i64"),
    "divw": _division("sdiv", "i32"),
    "divuw": _division("udiv", "i32"),
    "remw": _division("srem", "i32"),
    "remuw": _division("urem", "i32"),
    "fmv.x.d": lambda b, s, i: s[0],
    "fmv.d.x": lambda b, s, i: s[0],
    "fmv.x.w": lambda b, s, i: b.widen(b.narrow(s[0])),
    "fmv.w.x": lambda b, s, i: b.boxed(b.narrow(s[0])),
    "fcvt.s.d": lambda b, s, i: b.bits_of_single(b.value(f"fptrunc double {b.double(s[0])} to float")),
    "fcvt.d.s": lambda b, s, i: b.bits_of_double(b.value(f"fpext float {b.single(s[0])} to double")),
}


class _Float:
    """The lowerings of one precision."""

    def __init__(self, suffix: str) -> None:
        self.suffix = suffix
        self.kind, self.width = ("float", "f32") if suffix == "s" else ("double", "f64")

    def get(self, b: Body, bits: str) -> str:
        return b.single(bits) if self.kind == "float" else b.double(bits)

    def put(self, b: Body, value: str) -> str:
        return b.bits_of_single(value) if self.kind == "float" else b.bits_of_double(value)

    def binary(self, op: str) -> Lowering:
        return lambda b, s, i: self.put(b, b.binary(op, self.get(b, s[0]), self.get(b, s[1]), self.kind))

    def called(self, name: str, count: int) -> Lowering:
        def lower(b: Body, s: list[str], i: int) -> str:
            arguments = ", ".join(f"{self.kind} {self.get(b, v)}" for v in s[:count])
            return self.put(b, b.value(f"call {self.kind} @llvm.{name}.{self.width}({arguments})"))

        return lower

    def fused(self, negate_product: bool, negate_addend: bool) -> Lowering:
        def lower(b: Body, s: list[str], i: int) -> str:
            x, y, z = (self.get(b, v) for v in s)
            x = b.value(f"fneg {self.kind} {x}") if negate_product else x
            z = b.value(f"fneg {self.kind} {z}") if negate_addend else z
            arguments = ", ".join(f"{self.kind} {v}" for v in (x, y, z))
            return self.put(b, b.value(f"call {self.kind} @llvm.fma.{self.width}({arguments})"))

        return lower

    def compare(self, predicate: str) -> Lowering:
        def lower(b: Body, s: list[str], i: int) -> str:
            x, y = (self.get(b, v) for v in s)
            return b.flag(b.value(f"fcmp {predicate} {self.kind} {x}, {y}"))

        return lower

    def to_integer(self, bits: int, is_signed: bool) -> Lowering:
        def lower(b: Body, s: list[str], i: int) -> str:
            value, kind = self.get(b, s[0]), f"i{bits}"
            name = f"llvm.fpto{'s' if is_signed else 'u'}i.sat.{kind}.{self.width}"
            result = b.value(f"call {kind} @{name}({self.kind} {value})")
            highest = str((1 << (bits - 1)) - 1) if is_signed else "-1"
            result = b.select(b.value(f"fcmp uno {self.kind} {value}, {value}"), highest, result, kind)
            return result if bits == 64 else b.widen(result)

        return lower

    def from_integer(self, bits: int, is_signed: bool) -> Lowering:
        def lower(b: Body, s: list[str], i: int) -> str:
            source = s[0] if bits == 64 else b.narrow(s[0])
            op = "sitofp" if is_signed else "uitofp"
            return self.put(b, b.value(f"{op} i{bits} {source} to {self.kind}"))

        return lower

    def classify(self, b: Body, s: list[str], i: int) -> str:
        value, result = self.get(b, s[0]), "0"
        for bit, mask in enumerate((4, 8, 16, 32, 64, 128, 256, 512, 0, 3)):
            test = f"call i1 @llvm.is.fpclass.{self.width}({self.kind} {value}, i32 {mask})"
            result = b.select(b.value(test), str(1 << bit), result) if mask else result
        return result

    def inject(self, kind: str) -> Lowering:
        """Sign injection is a matter of bits, so no NaN is made canonical."""
        single = self.kind == "float"
        integer, sign = ("i32", 1 << 31) if single else ("i64", 1 << 63)

        def lower(b: Body, s: list[str], i: int) -> str:
            x, y = (b.unboxed(v) if single else v for v in s)
            if kind == "fsgnjn":
                y = b.binary("xor", y, "-1", integer)
            elif kind == "fsgnjx":
                y = b.binary("xor", x, y, integer)
            kept = b.binary("and", x, str(sign - 1), integer)
            result = b.binary("or", kept, b.binary("and", y, str(-sign), integer), integer)
            return b.boxed(result) if single else result

        return lower

    def table(self) -> dict[str, Lowering]:
        t = self.suffix
        rows = {f"f{op}.{t}": self.binary(f"f{op}") for op in ("add", "sub", "mul", "div")}
        rows |= {f"fmin.{t}": self.called("minimumnum", 2), f"fmax.{t}": self.called("maximumnum", 2)}
        rows |= {f"fsqrt.{t}": self.called("sqrt", 1), f"fclass.{t}": self.classify}
        rows |= {f"f{n}.{t}": self.compare(f"o{n}") for n in ("eq", "lt", "le")}
        rows |= {f"fmadd.{t}": self.fused(False, False), f"fmsub.{t}": self.fused(False, True)}
        rows |= {f"fnmsub.{t}": self.fused(True, False), f"fnmadd.{t}": self.fused(True, True)}
        rows |= {f"{n}.{t}": self.inject(n) for n in ("fsgnj", "fsgnjn", "fsgnjx")}
        for name, bits, is_signed in (("w", 32, True), ("wu", 32, False), ("l", 64, True), ("lu", 64, False)):
            rows[f"fcvt.{name}.{t}"] = self.to_integer(bits, is_signed)
            rows[f"fcvt.{t}.{name}"] = self.from_integer(bits, is_signed)
        return rows


LOWERINGS: dict[str, Lowering] = _TABLE | _Float("d").table() | _Float("s").table()
"""Every local instruction except branches and those that read the thread's identity."""


def combine(body: Body, operation: str, old: str, new: str, kind: str) -> str:
    """The new contents of memory after an integer or floating-point atomic."""
    match operation:
        case "swap":
            return new
        case "add" | "and" | "or" | "xor":
            return body.binary(operation, old, new, kind)
        case "min" | "max" | "minu" | "maxu":
            predicate = {"min": "slt", "max": "sgt", "minu": "ult", "maxu": "ugt"}[operation]
            return body.select(body.compare(predicate, old, new, kind), old, new, kind)
        case _:
            return body.call(f"{operation}64", old, new)
