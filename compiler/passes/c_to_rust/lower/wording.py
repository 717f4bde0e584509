"""minic places and expressions in C's words, for remarks that a C programmer reads.

    path  buf : [64*i + 4]         `buf + 64 * i + 4`
    path  ctx : [0] .h [2]         `ctx->h + 2`

Conversions are left out and long expressions are cut: this text explains, it is never compiled.
"""

from __future__ import annotations

from xdsl.ir import BlockArgument, SSAValue

from compiler.analysis.paths import Base, BaseKind, Elem, Field, Path, Step, Term
from compiler.analysis.variables import Variable
from compiler.dialects import minic
from compiler.dialects.minic_types import PtrType

LONGEST = 48
"""Characters of an expression that is worth quoting."""

_NAMES = "add sub mul div rem and or xor shl shr eq ne lt le gt ge".split()
_SIGNS: dict[str, str] = dict(zip(_NAMES, "+ - * / % & | ^ << >> == != < <= > >=".split(), strict=True))


class Wording:
    """The words for one function: `variables` has its names."""

    def __init__(self, variables: dict[SSAValue, Variable]) -> None:
        self._variables = variables

    def pointer(self, path: Path) -> str:
        """A pointer to what is at a path."""
        last = path.last_elem
        if last is None:
            return "NULL" if path.is_null else _cut(f"&{self._place(path.base, path.steps)}")
        positions = [term for term in last.terms if isinstance(term.value.type, PtrType)]
        start = self._value(positions[0].value) if positions else self._place(path.base, path.container.steps)
        rest = [term for term in last.terms if term not in positions[:1]]
        return _cut(self._sum(start, rest, last.constant))

    def object(self, base: Base) -> str:
        """The object that a path starts in."""
        return self._place(base, ())

    def _sum(self, start: str, terms: list[Term], constant: int) -> str:
        parts = [start] if start else []
        for term in terms:
            text = self._operand(term.value) if term.negative else self._value(term.value)
            sign = "-" if term.negative else "+"
            parts += [sign, text] if parts else [f"-{text}" if term.negative else text]
        if constant or not parts:
            parts += ["-" if constant < 0 else "+", str(abs(constant))] if parts else [str(constant)]
        return " ".join(parts)

    # --- places --------------------------------------------------------------------------------------------------------------

    def _place(self, base: Base, steps: tuple[Step, ...]) -> str:
        text = self._base(base)
        pointed = base.kind is BaseKind.PARAMETER
        for step in steps:
            match step:
                case Elem() if pointed and step.is_zero:
                    continue  # `(*p).f` is `p->f`
                case Elem():
                    text, pointed = f"{text}[{self._sum('', list(step.terms), step.constant)}]", False
                case Field():
                    text, pointed = f"{text}{'->' if pointed else '.'}{step.name}", False
        return text

    def _base(self, base: Base) -> str:
        match base.kind:
            case BaseKind.STRING:
                return '"…"'
            case BaseKind.TEMPORARY:
                return "(…){…}"
            case BaseKind.NULL:
                return "NULL"
            case _:
                return base.symbol or self._name(base.place)

    def _name(self, place: SSAValue | None) -> str:
        return self._variables[place].name if place is not None and place in self._variables else "…"

    def _lvalue(self, place: SSAValue) -> str:
        op = place.owner
        match op:
            case minic.GlobalRefOp():
                return op.symbol.data
            case minic.FieldOp():
                pointer = op.base.owner
                if isinstance(pointer, minic.DerefOp):
                    return f"{self._operand(pointer.pointer)}->{op.field.data}"
                return f"{self._lvalue(op.base)}.{op.field.data}"
            case minic.DerefOp():
                return f"*{self._operand(op.pointer)}"
            case minic.IndexOp():
                return f"{self._operand(op.pointer)}[{self._value(op.index)}]"
            case _:
                return self._name(place)

    # --- values --------------------------------------------------------------------------------------------------------------

    def _value(self, value: SSAValue) -> str:
        if isinstance(value, BlockArgument):
            return self._name(value)
        op = value.owner
        match op:
            case minic.ConstOp():
                return op.symbol.data if op.symbol is not None else str(op.value.data)
            case minic.LoadOp() | minic.DecayOp():
                return self._lvalue(op.place)
            case minic.AddrOp():
                return f"&{self._lvalue(op.place)}"
            case minic.CastOp() | minic.TruthOp():
                return self._value(op.operand)
            case minic.PtrAddOp():
                return f"{self._value(op.pointer)} {'-' if op.negative else '+'} {self._operand(op.index)}"
            case minic.PtrDiffOp():
                return f"{self._value(op.lhs)} - {self._operand(op.rhs)}"
            case minic.BinaryOp() | minic.CompareOp():
                return f"{self._operand(op.lhs)} {_SIGNS[op.kind.data]} {self._operand(op.rhs)}"
            case minic.CallOp():
                return f"{op.callee.data}(…)"
            case _:
                return "…"

    def _operand(self, value: SSAValue) -> str:
        text = self._value(value)
        return f"({text})" if " " in text else text


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"
