"""Library functions of numbers: ctype.h, math.h, abs, and the compiler's bit counters.

    isdigit(c)                  unsigned char c      c.is_ascii_digit()
    toupper(c)                  int c                cstd::to_upper(c)            EOF stays EOF
    __builtin_ctz(x)                                 x.trailing_zeros() as i32
    sqrt(x), pow(x, y)                               x.sqrt(), x.powf(y)

The predicates of ctype.h are defined from -1 (EOF) to 255, and false for -1: so is a cast to u8, where 255 is in no class. The
functions of math.h that Rust hands to the platform's libm give the very bits that C gets from it; those that Rust computes itself (asinh,
cbrt) are refused.
"""

from __future__ import annotations

from xdsl.ir import Attribute, SSAValue

from compiler.analysis.interval import Interval
from compiler.dialects import minic
from compiler.dialects.minic_types import INTS, FloatType
from compiler.dialects.rust_types import BOOL, I32, SCALAR, U8, U32
from compiler.passes.c_to_rust.lower.string_calls import StringCalls

_I8, _I64 = SCALAR["i8"], SCALAR["i64"]
_CHAR: Attribute = INTS["char"]
_BYTES = Interval(0, 255)

_CLASSES = {
    "isalnum": "is_ascii_alphanumeric",
    "isalpha": "is_ascii_alphabetic",
    "iscntrl": "is_ascii_control",
    "isdigit": "is_ascii_digit",
    "isgraph": "is_ascii_graphic",
    "islower": "is_ascii_lowercase",
    "ispunct": "is_ascii_punctuation",
    "isupper": "is_ascii_uppercase",
    "isxdigit": "is_ascii_hexdigit",
}
"""What C's locale and ASCII agree on."""

METHODS = {
    "acos": "acos",
    "asin": "asin",
    "atan": "atan",
    "atan2": "atan2",
    "ceil": "ceil",
    "copysign": "copysign",
    "cos": "cos",
    "cosh": "cosh",
    "exp": "exp",
    "exp2": "exp2",
    "expm1": "exp_m1",
    "fabs": "abs",
    "floor": "floor",
    "fma": "mul_add",
    "fmax": "max",
    "fmin": "min",
    "hypot": "hypot",
    "log": "ln",
    "log10": "log10",
    "log1p": "ln_1p",
    "log2": "log2",
    "nearbyint": "round_ties_even",
    "pow": "powf",
    "rint": "round_ties_even",
    "round": "round",
    "sin": "sin",
    "sinh": "sinh",
    "sqrt": "sqrt",
    "tan": "tan",
    "tanh": "tanh",
    "trunc": "trunc",
}
"""Functions of math.h as methods of floats. (The rounding mode is the default one; fmax and fmin prefer the number to a NaN in both.)"""

TESTS = {
    "isnan": "is_nan",
    "isinf": "is_infinite",
    "isfinite": "is_finite",
    "isnormal": "is_normal",
    "signbit": "is_sign_negative",
}


class ScalarCalls(StringCalls):
    """Layer 4c: ctype.h, math.h and the like."""

    CLASSES = (*_CLASSES, "isascii", "isblank", "isprint", "isspace")

    # --- characters ----------------------------------------------------------------------------------------------------------

    def _byte(self, value: SSAValue) -> SSAValue:
        """An argument of a ctype function as u8: -1 becomes 255, which is in no class either."""
        return self.converted(value, INTS["u8"])

    def ctype(self, op: minic.CallOp) -> SSAValue:
        return self.b.cast(self._class(op), I32)

    def _class(self, op: minic.CallOp) -> SSAValue:
        name = op.callee.data
        match name:
            case "isascii":
                zero, end = self.b.lit(0, I32), self.b.lit(128, I32)
                return self.contains(self.b.range(zero, end), self.value(op.args[0]))
            case "isprint":
                first, last = (self.b.lit(ord(each), U8, "byte") for each in " ~")
                return self.contains(self.b.range(first, last, inclusive=True), self._byte(op.args[0]))
            case "isspace":
                return self.cstd("is_space", [self._byte(op.args[0])], BOOL)
            case "isblank":
                byte = self._byte(op.args[0])
                return self.cstd("is_blank", [byte], BOOL)
            case _:
                return self.b.method(_CLASSES[name], self._byte(op.args[0]), ty=BOOL)

    def toascii(self, op: minic.CallOp) -> SSAValue:
        value = self.value(op.args[0])
        return self.b.binary("&", value, self.b.lit(0x7F, I32, "hex"))

    def to_case(self, op: minic.CallOp) -> SSAValue:
        """toupper and tolower: a byte stays a byte; what may be EOF stays it."""
        value, name = op.args[0], op.callee.data
        method = {"toupper": "to_ascii_uppercase", "tolower": "to_ascii_lowercase"}[name]
        source = value.owner
        if self.interval(value).within(_BYTES):
            return self.b.cast(self.b.method(method, self._byte(value), ty=U8), I32)
        if isinstance(source, minic.CastOp) and source.operand.type == _CHAR:
            byte = self.b.method(method, self.value(source.operand), ty=U8)
            return self.b.cast(self.b.cast(byte, _I8), I32)
        return self.cstd({"toupper": "to_upper", "tolower": "to_lower"}[name], [self.value(value)], I32)

    # --- integers ------------------------------------------------------------------------------------------------------------

    def absolute(self, op: minic.CallOp) -> SSAValue:
        operand = self.value(op.args[0])
        return self.b.method("abs", operand, ty=operand.type)

    def swap_bytes(self, op: minic.CallOp) -> SSAValue:
        operand = self.value(op.args[0])
        return self.b.method("swap_bytes", operand, ty=operand.type)

    def count_bits(self, op: minic.CallOp) -> SSAValue:
        """clz, ctz, popcount, of any width. (The first two are undefined for 0 in C.)"""
        name = op.callee.data.removeprefix("__builtin_").rstrip("l")
        method = {"clz": "leading_zeros", "ctz": "trailing_zeros", "popcount": "count_ones"}[name]
        operand = self.value(op.args[0])
        return self.b.cast(self.b.method(method, operand, ty=U32), I32)

    def parity(self, op: minic.CallOp) -> SSAValue:
        operand = self.value(op.args[0])
        ones = self.b.method("count_ones", operand, ty=U32)
        return self.b.cast(self.b.binary("%", ones, self.b.lit(2, U32)), I32)

    def find_first_set(self, op: minic.CallOp) -> SSAValue:
        return self.cstd("ffs", [self.b.cast(self.value(op.args[0]), _I64)], I32)

    def leading_sign_bits(self, op: minic.CallOp) -> SSAValue:
        operand = self.value(op.args[0])
        bits = self.cstd("clrsb", [self.b.cast(operand, _I64)], I32)
        return bits if operand.type == _I64 else self.b.binary("-", bits, self.b.lit(32, I32))

    # --- floats --------------------------------------------------------------------------------------------------------------

    def float_method(self, op: minic.CallOp) -> SSAValue:
        method = METHODS[_double_name(op.callee.data)]
        receiver, *others = [self.value(each) for each in op.args]
        return self.b.method(method, receiver, *others, ty=receiver.type)

    def fmod(self, op: minic.CallOp) -> SSAValue:
        left = self.value(op.args[0])
        return self.b.binary("%", left, self.value(op.args[1]))

    def float_test(self, op: minic.CallOp) -> SSAValue:
        method = TESTS[op.callee.data.removeprefix("__builtin_")]
        return self.b.cast(self.b.method(method, self.value(_narrow(op.args[0])), ty=BOOL), I32)

    def to_integer(self, op: minic.CallOp) -> SSAValue:
        """lrint and lround; what does not fit is unspecified in C."""
        method = {"lrint": "round_ties_even", "lround": "round"}[op.callee.data.removesuffix("f")]
        operand = self.value(op.args[0])
        return self.b.cast(self.b.method(method, operand, ty=operand.type), _I64)

    def float_constant(self, op: minic.CallOp) -> SSAValue:
        """Infinities and NaNs."""
        name = op.callee.data.removeprefix("__builtin_")
        kind = "f32" if name in ("huge_valf", "inff", "nanf") else "f64"
        if name.startswith("nan") and self.literal_text(op.args[0]) != b"":
            raise self.unmapped(op, "a NaN with a payload", help='write `nan("")`')
        return self.b.path(f"{kind}::{'NAN' if name.startswith('nan') else 'INFINITY'}", SCALAR[kind])


def _double_name(name: str) -> str:
    return name if name in METHODS else name.removesuffix("f")


def _narrow(value: SSAValue) -> SSAValue:
    """A float before it became a double: NaN, infinite or negative all the same (but perhaps normal only as a double)."""
    op = value.owner
    widened = isinstance(op, minic.CastOp) and isinstance(op.operand.type, FloatType)
    return op.operand if widened and isinstance(op, minic.CastOp) else value
