"""Where rustc's type inference needs to be told a type: the literals that want a suffix, the `let`s that want a type.

    let mut sum = 0;  sum = sum.wrapping_add(x);        the `let`: a method needs to know its receiver when it is reached
    (1 << n) as u64      of u64                         the literal: a cast tells its operand nothing
    let mut i = 0;  while i < n { … }                   nothing: the comparison tells

It does what rustc does, in the order of the text. A literal begins as a number of unknown type, a *class*; an operator, an assignment, an
index, a parameter unites classes or tells them their type; a method call must know. What nobody tells is i32 or f64 in the end. The IR
knows every type already, so a class is only asked whether rustc knows it too. A type stands on the first `let` of a class, else as the
suffix of its first literal.

    an expression's term      known                                   None
                              a number, or an array, reference,
                              range, iterator of it, not yet known    its class
                              a tuple                                 the terms of its elements
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from xdsl.ir import Attribute, Operation, Region, SSAValue

from compiler.analysis.number_classes import Classes, NumberClass, Term
from compiler.analysis.rust_trees import tree_root
from compiler.dialects import rust
from compiler.dialects.rust_build import COMPARISONS
from compiler.dialects.rust_types import ArrayType, OptionType, RangeType, RefType, ScalarType, SliceType, TupleType
from compiler.dialects.walking import ops_at


@dataclass(frozen=True, slots=True)
class CastTo:
    """What the context of a cast's operand says: a literal there takes the type of the cast."""

    target: ScalarType


Expected = bool | CastTo
"""Whether the context tells the type, before the expression is looked at."""


def untold(item: Operation) -> list[Operation]:
    """The `let`s and literals of an item that must say their type."""
    inference = Inference()
    inference.item(item)
    return inference.classes.marks


class Inference:
    """The inference of one item; `classes.marks` is its outcome."""

    __slots__ = ("_terms", "_valued", "classes")

    def __init__(self) -> None:
        self.classes = Classes()
        self._terms: dict[SSAValue, Term] = {}
        self._valued: list[tuple[str | None, Expected, list[Term]]] = []

    def item(self, item: Operation) -> None:
        """A function (its value is told by its result type) or a constant."""
        if isinstance(item, rust.FnOp | rust.ConstOp):
            self.block(item.regions[0], expected=True)
        self.classes.settle()

    def unknown(self, ty: Attribute) -> Term:
        """The term of a variable of which nothing is known."""
        if isinstance(ty, TupleType):
            return tuple(self.unknown(element) for element in ty.elements)
        number = number_of(ty)
        return None if number is None else self.classes.fresh(number)

    # --- statements ----------------------------------------------------------------------------------------------------

    def block(self, region: Region, expected: Expected) -> Term:
        """The term of a block's value."""
        tail: Term = None
        for block in region.blocks:
            for op in ops_at(block):
                found = _STATEMENTS.get(type(op))
                if found is not None:
                    found(self, op)
                elif isinstance(op, rust.YieldOp):
                    tail = self.value(op.operands[0], expected)
                elif not op.results and isinstance(op, rust.IfOp | rust.MatchOp | rust.BlockOp):
                    self.expression(op, expected=False)
        return tail

    def let(self, op: rust.LetOp) -> None:
        annotated = "annotate" in op.properties
        binding = op.results[0]
        term = self.value(op.operands[0], expected=annotated) if op.operands else self.unknown(binding.type)
        if annotated:
            self.classes.tell(term)
            term = None
        term = self._terms[binding] = self.classes.open(term)
        if isinstance(term, NumberClass):
            term.lets.append(op)

    def let_tuple(self, op: rust.LetTupleOp) -> None:
        term = self.value(op.operands[0], expected=False)
        bound = iter(op.results)
        for index, name in enumerate(op.names):
            if name.data != "_":
                self._terms[next(bound)] = self.classes.open(term[index]) if isinstance(term, tuple) else None

    def assign(self, op: rust.AssignOp) -> None:
        place = self.classes.open(self.value(op.operands[0], expected=False))
        self.classes.unite(place, self.value(op.operands[1], expected=place is None))

    def assign_op(self, op: rust.AssignOpOp) -> None:
        place, value = op.operands
        self.operate(op.kind.data, place, value)

    def expression_statement(self, op: rust.ExprOp) -> None:
        self.value(op.operands[0], expected=False)

    def while_(self, op: rust.WhileOp) -> None:
        self.block(op.regions[0], expected=True)
        self.block(op.regions[1], expected=False)

    def loop(self, op: rust.LoopOp) -> None:
        self.block(op.regions[0], expected=False)

    def for_(self, op: rust.ForOp) -> None:
        term = self.value(op.operands[0], expected=False)
        args = op.regions[0].blocks[0].args
        terms: Sequence[Term] = term if isinstance(term, tuple) else [term] * len(args)
        self._terms.update(zip(args, terms, strict=False))
        self.block(op.regions[0], expected=False)

    def return_(self, op: rust.ReturnOp) -> None:
        for value in op.operands:
            self.classes.tell(self.value(value, expected=True))

    def break_(self, op: rust.BreakOp) -> None:
        label = op.label.data if op.label is not None else None
        for value in op.operands:
            block = next((each for each in reversed(self._valued) if each[0] == label), None)
            term = self.value(value, expected=block is not None and block[1])
            if block is not None:
                block[2].append(term)

    # --- expressions ---------------------------------------------------------------------------------------------------

    def value(self, value: SSAValue, expected: Expected) -> Term:
        """Look at an expression. Where the context tells its type, it is known in the end."""
        root = tree_root(value)
        term = self._terms.get(value) if root is None else self.expression(root, expected)
        if expected is True:
            self.classes.tell(term)
            return None
        return self.classes.open(term)

    def expression(self, op: Operation, expected: Expected) -> Term:
        visit = _EXPRESSIONS.get(type(op))
        if visit is not None:
            return visit(self, op, expected)
        for operand in op.operands:
            self.value(operand, expected=False)
        return None

    def literal(self, op: rust.LitOp, expected: Expected) -> Term:
        if "suffix" in op.properties or (op.spelling is not None and op.spelling.data == "byte"):
            return None
        kind = op.results[0].type
        assert isinstance(kind, ScalarType)
        if isinstance(expected, CastTo) and _literal_may_be(op.value.data, expected.target):
            return None
        if isinstance(expected, CastTo) and expected.target != kind and expected.target.is_integer:
            self.classes.marks.append(op)
            return None
        made = self.classes.fresh(kind)
        made.literals.append(op)
        return made

    def float(self, op: rust.FloatOp, expected: Expected) -> Term:
        kind = op.results[0].type
        assert isinstance(kind, ScalarType)
        if "suffix" in op.properties:
            return None
        if isinstance(expected, CastTo) and expected.target.is_float and expected.target != kind:
            self.classes.marks.append(op)
            return None
        made = self.classes.fresh(kind)
        made.literals.append(op)
        return made

    def binary(self, op: rust.BinaryOp, _expected: Expected) -> Term:
        lhs, rhs = op.operands
        return self.operate(op.kind.data, lhs, rhs)

    def operate(self, kind: str, lhs: SSAValue, rhs: SSAValue) -> Term:
        """`lhs kind rhs`: both of one type, but for shifts; comparisons and `&&` give a bool."""
        if kind in ("&&", "||"):
            self.value(lhs, expected=True)
            self.value(rhs, expected=True)
            return None
        left = self.value(lhs, expected=False)
        if kind in ("<<", ">>"):
            self.shift_count(rhs)
            return left
        right = self.value(rhs, expected=False)
        by_value = not isinstance(lhs.type, RefType) and not isinstance(rhs.type, RefType)
        united = self.classes.unite(left, right) if by_value else None
        return None if kind in COMPARISONS else united

    def shift_count(self, value: SSAValue) -> None:
        """A literal may be of any type here."""
        owner = value.owner
        if not isinstance(owner, rust.LitOp) or owner.value.data >= 1 << 31:
            self.value(value, expected=False)

    def unary(self, op: rust.UnaryOp, expected: Expected) -> Term:
        operand = op.operands[0]
        if isinstance(expected, CastTo) and expected.target != operand.type:
            literal = operand.owner
            if isinstance(literal, rust.LitOp | rust.FloatOp) and expected.target.is_float == literal_is_float(literal):
                self.demand_literal(literal)
                return None
        return self.value(operand, expected)

    def demand_literal(self, literal: rust.LitOp | rust.FloatOp) -> None:
        byte = isinstance(literal, rust.LitOp) and literal.spelling is not None and literal.spelling.data == "byte"
        if not byte and "suffix" not in literal.properties:
            self.classes.marks.append(literal)

    def transparent(self, op: Operation, expected: Expected) -> Term:
        """References and repeats: of the type of their operand."""
        return self.value(op.operands[0], expected is True)

    def deref(self, op: rust.DerefOp, _expected: Expected) -> Term:
        return self.value(op.operands[0], expected=False)

    def cast(self, op: rust.CastOp, _expected: Expected) -> Term:
        target = op.results[0].type
        self.value(op.operands[0], CastTo(target) if isinstance(target, ScalarType) else False)
        return None

    def call(self, op: rust.CallOp, expected: Expected) -> Term:
        if op.callee.data not in _GENERIC_CALLS:
            for operand in op.operands:
                self.value(operand, expected=True)
            return None
        united: Term = None
        for index, operand in enumerate(op.operands):
            term = self.value(operand, expected is True)
            united = self.classes.unite(united, term) if index else term
        return united

    def method(self, op: rust.MethodOp, _expected: Expected) -> Term:
        receiver, *args = op.operands
        term = self.value(receiver, expected=False)
        name = op.method.data
        if isinstance(receiver.type, ScalarType) and isinstance(term, NumberClass):
            self.classes.demand(term)
            term = None
        if name in _ELEMENT_ARGUMENTS:
            for arg in args:
                term = self.classes.unite(term, self.value(arg, expected=term is None))
            return term if name in _SAME_ELEMENTS else None
        others = [self.value(arg, expected=name != "zip") for arg in args]
        return self._result(name, term, others)

    def _result(self, name: str, term: Term, others: list[Term]) -> Term:
        if name == "enumerate":
            return (None, term)
        if name == "zip":
            return (term, *others)
        if name.startswith("split_at"):
            return (term, term)
        return term if name in _SAME_ELEMENTS else None

    def index(self, op: rust.IndexOp, _expected: Expected) -> Term:
        base, index = op.operands
        term = self.value(base, expected=False)
        self.classes.tell(self.value(index, expected=False))
        return term

    def field(self, op: rust.FieldOp, _expected: Expected) -> Term:
        term = self.value(op.operands[0], expected=False)
        return term[int(op.field.data)] if isinstance(term, tuple) and op.field.data.isdigit() else None

    def struct_literal(self, op: rust.StructLitOp, _expected: Expected) -> Term:
        for operand in op.operands:
            self.value(operand, expected=True)
        return None

    def together(self, op: Operation, expected: Expected) -> Term:
        """The elements of an array, the bounds of a range: of one type."""
        united: Term = None
        for index, operand in enumerate(op.operands):
            known = expected is True or (index > 0 and united is None)
            term = self.value(operand, known)
            united = self.classes.unite(united, term) if index else term
        return united

    def tuple(self, op: rust.TupleOp, expected: Expected) -> Term:
        return tuple(self.value(operand, expected is True) for operand in op.operands)

    def if_(self, op: rust.IfOp, expected: Expected) -> Term:
        self.value(op.operands[0], expected=True)
        return self.branches(op.regions, expected)

    def match(self, op: rust.MatchOp, expected: Expected) -> Term:
        term = self.value(op.operands[0], expected=False)
        if any(_names_a_type(pattern.data) for pattern in op.patterns):
            self.classes.tell(term)
        return self.branches(op.regions, expected)

    def branches(self, regions: Sequence[Region], expected: Expected) -> Term:
        known = expected is True
        terms = [self.block(region, known) for region in regions if _has_value(region)]
        others = [region for region in regions if not _has_value(region)]
        for region in others:
            self.block(region, known)
        return self._united(terms)

    def _united(self, terms: Sequence[Term]) -> Term:
        if not terms:
            return None
        united = terms[0]
        for term in terms[1:]:
            united = self.classes.unite(united, term)
        return united

    def block_expression(self, op: rust.BlockOp, expected: Expected) -> Term:
        breaks: list[Term] = []
        self._valued.append((op.label.data if op.label is not None else None, expected, breaks))
        tail = self.block(op.regions[0], expected)
        self._valued.pop()
        terms = [*breaks, tail] if _has_value(op.regions[0]) else breaks
        return self._united(terms)


_GENERIC_CALLS = frozenset(
    "Some Ok Err std::cmp::min std::cmp::max std::mem::swap std::mem::replace std::mem::take std::array::from_ref".split()
)
"""Functions that tell their arguments nothing, but that they are of one type."""

_ELEMENT_ARGUMENTS = frozenset(
    """clone_from_slice contains copy_from_slice ends_with eq fill map_or ne push resize starts_with swap_with_slice
    unwrap_or""".split()
)
"""Methods of slices and options whose argument is of the type of the elements."""

_SAME_ELEMENTS = frozenset(
    """as_mut as_mut_slice as_ref as_slice by_ref chain chunks chunks_exact chunks_exact_mut chunks_mut clone cloned copied
    cycle expect first first_chunk first_mut get get_mut into_iter iter iter_mut last last_mut max min next next_back nth peek
    peekable rev skip step_by take to_owned to_vec try_into unwrap unwrap_or unwrap_or_default windows""".split()
)
"""Methods of arrays, slices, ranges, options and iterators whose result holds what the receiver holds."""


def number_of(ty: Attribute) -> ScalarType | None:
    """The number type in arrays, references, options; None where no literal leaves anything open."""
    while True:
        match ty:
            case ArrayType() | SliceType():
                ty = ty.element
            case RefType():
                ty = ty.pointee
            case OptionType() | RangeType():
                ty = ty.of
            case ScalarType():
                return ty if ty.is_float or ty.is_integer else None
            case _:
                return None


def literal_is_float(op: Operation) -> bool:
    return isinstance(op, rust.FloatOp)


def _literal_may_be(value: int, target: ScalarType) -> bool:
    """Whether a literal under a cast may just as well be of the type of the cast, or of i32."""
    if target.is_float:
        return -(1 << 31) <= value < 1 << 31
    if not target.is_integer:
        return False
    top = 1 << (target.width - target.signed)
    return (-top if target.signed else 0) <= value < top


def _names_a_type(pattern: str) -> bool:
    """Whether a pattern tells the type of what it is matched with: `b'a'`, a constant."""
    return any(char.isalpha() for char in pattern.replace("0x", "").replace("0b", "")) or "b'" in pattern


def _has_value(region: Region) -> bool:
    last = region.blocks[0].last_op if region.blocks else None
    return isinstance(last, rust.YieldOp)


_STATEMENTS: dict[type[Operation], Callable[..., None]] = {
    rust.LetOp: Inference.let,
    rust.LetTupleOp: Inference.let_tuple,
    rust.AssignOp: Inference.assign,
    rust.AssignOpOp: Inference.assign_op,
    rust.ExprOp: Inference.expression_statement,
    rust.WhileOp: Inference.while_,
    rust.LoopOp: Inference.loop,
    rust.ForOp: Inference.for_,
    rust.ReturnOp: Inference.return_,
    rust.BreakOp: Inference.break_,
}

_EXPRESSIONS: dict[type[Operation], Callable[..., Term]] = {
    rust.LitOp: Inference.literal,
    rust.FloatOp: Inference.float,
    rust.BinaryOp: Inference.binary,
    rust.UnaryOp: Inference.unary,
    rust.DerefOp: Inference.deref,
    rust.RefOp: Inference.transparent,
    rust.RepeatOp: Inference.transparent,
    rust.CastOp: Inference.cast,
    rust.CallOp: Inference.call,
    rust.MethodOp: Inference.method,
    rust.IndexOp: Inference.index,
    rust.FieldOp: Inference.field,
    rust.StructLitOp: Inference.struct_literal,
    rust.ArrayOp: Inference.together,
    rust.RangeOp: Inference.together,
    rust.TupleOp: Inference.tuple,
    rust.IfOp: Inference.if_,
    rust.MatchOp: Inference.match,
    rust.BlockOp: Inference.block_expression,
}
