"""From rust ops to Rust syntax: blocks and the statements in them, front to back.

%x = rust.let "x" (%a); rust.assign (%p, %x)       is       let x = a; *p = x;
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xdsl.ir import Block, Operation, Region, SSAValue

from compiler.dialects import rust
from compiler.dialects.rust_types import NeverType, UnitType
from compiler.dialects.walking import ops_at
from compiler.emit.rust_expressions import READERS, as_condition
from compiler.emit.rust_properties import flags, optional_text, text, texts
from compiler.emit.rust_types import syntax
from compiler.emit.rustfmt.blocks import BlockExpr, Body, Comment, Let, NamePattern, Semi, Statement, Tail
from compiler.emit.rustfmt.calls import PATTERNS, Tuple
from compiler.emit.rustfmt.control import For, If, Loop, While
from compiler.emit.rustfmt.expressions import Assign, Jump, Prefix
from compiler.emit.rustfmt.matches import Arm, Match
from compiler.emit.rustfmt.tree import Expr, Text


class Reader:
    """Reads the ops of one item; knows what every value seen so far is written as."""

    __slots__ = ("_values",)

    def __init__(self) -> None:
        self._values: dict[SSAValue, Expr] = {}

    def bind(self, values: Sequence[SSAValue], names: Sequence[str]) -> None:
        """From here on the values are written by these names."""
        for value, name in zip(values, names, strict=True):
            self._values[value] = Text(name)

    def body(self, region: Region) -> Body:
        return Body(self._statements(region.blocks[0]))

    def value(self, region: Region) -> Expr:
        """The expression that a region of one tree yields."""
        statements = self._statements(region.blocks[0])
        assert len(statements) == 1 and isinstance(statements[0], Tail), "statements where only a value may stand"
        return statements[0].expr

    def _statements(self, block: Block) -> list[Statement]:
        values = self._values
        statements: list[Statement] = []
        for op in ops_at(block):
            operands = [values[operand] for operand in op.operands]
            reader = READERS.get(type(op))
            if reader is not None:
                values[op.results[0]] = reader(op, operands)
                continue
            found = _STATEMENTS[type(op)](self, op, operands)
            if isinstance(found, Statement):
                statements.append(found)
            elif op.results:
                values[op.results[0]] = found
            else:
                statements.append(Tail(found))
        return statements

    # Statements, and expressions with regions (which are statements when they have no result).

    def let(self, op: rust.LetOp, operands: Sequence[Expr]) -> Statement:
        name = text(op, "var_name")
        self.bind(op.results, [name])
        pattern = NamePattern(name, "mutable" in op.properties)
        ty = syntax(op.results[0].type) if "annotate" in op.properties else None
        return Let(pattern, ty, operands[0] if operands else None)

    def let_tuple(self, op: rust.LetTupleOp, operands: Sequence[Expr]) -> Statement:
        names = texts(op, "names")
        self.bind(op.results, [name for name in names if name != "_"])
        patterns = [NamePattern(name, mut) for name, mut in zip(names, flags(op, "muts"), strict=True)]
        return Let(Tuple(patterns, PATTERNS), None, operands[0])

    def assign(self, _op: rust.AssignOp, operands: Sequence[Expr]) -> Statement:
        return Semi(Assign(operands[0], "=", operands[1]))

    def assign_op(self, op: rust.AssignOpOp, operands: Sequence[Expr]) -> Statement:
        return Semi(Assign(operands[0], f"{text(op, 'kind')}=", operands[1]))

    def expr(self, _op: rust.ExprOp, operands: Sequence[Expr]) -> Statement:
        return Semi(operands[0])

    def yield_(self, _op: rust.YieldOp, operands: Sequence[Expr]) -> Statement:
        return Tail(operands[0])

    def comment(self, op: rust.CommentOp, _operands: Sequence[Expr]) -> Statement:
        return Comment(text(op, "text"))

    def return_(self, _op: rust.ReturnOp, operands: Sequence[Expr]) -> Statement:
        return Semi(Jump("return", operands[0] if operands else None))

    def break_(self, op: rust.BreakOp, operands: Sequence[Expr]) -> Statement:
        return Semi(Jump(_with_label("break", op), operands[0] if operands else None))

    def continue_(self, op: rust.ContinueOp, _operands: Sequence[Expr]) -> Statement:
        return Semi(Jump(_with_label("continue", op)))

    def while_(self, op: rust.WhileOp, _operands: Sequence[Expr]) -> Expr:
        condition = as_condition(self.value(op.regions[0]))
        return While(condition, self.body(op.regions[1]), optional_text(op, "label"))

    def loop(self, op: rust.LoopOp, _operands: Sequence[Expr]) -> Expr:
        return Loop(self.body(op.regions[0]), optional_text(op, "label"))

    def for_(self, op: rust.ForOp, operands: Sequence[Expr]) -> Expr:
        names = texts(op, "names")
        self.bind(op.regions[0].blocks[0].args, names)
        parts = [_for_pattern(name, deref) for name, deref in zip(names, flags(op, "derefs"), strict=True)]
        pattern = parts[0] if len(parts) == 1 else Tuple(parts, PATTERNS)
        return For(pattern, as_condition(operands[0]), self.body(op.regions[0]), optional_text(op, "label"))

    def if_(self, op: rust.IfOp, operands: Sequence[Expr]) -> Expr:
        return If(as_condition(operands[0]), self.body(op.regions[0]), self._orelse(op.regions[1]))

    def _orelse(self, region: Region) -> Body | If | None:
        """An `else` that holds one `if` and nothing more is an `else if`."""
        if not region.blocks or region.blocks[0].is_empty:
            return None
        body = self.body(region)
        sole = body.sole_expression()
        return sole if isinstance(sole, If) else body

    def match_(self, op: rust.MatchOp, operands: Sequence[Expr]) -> Expr:
        arms = [
            Arm(pattern, self._arm(region, is_value=bool(op.results)))
            for pattern, region in zip(texts(op, "patterns"), op.regions, strict=True)
        ]
        return Match(as_condition(operands[0]), arms)

    def _arm(self, region: Region, *, is_value: bool) -> Body | Expr:
        """An arm that is one expression needs no braces."""
        body = self.body(region)
        match body.statements:
            case [Tail(expr=expr)] if not expr.is_block():
                return expr
            case [Semi(expr=expr)] if expr.is_jump() or (not is_value and _is_unit(region)):
                return expr
            case _:
                return body

    def block(self, op: rust.BlockOp, _operands: Sequence[Expr]) -> Expr:
        return BlockExpr(self.body(op.regions[0]), optional_text(op, "label"))


def _is_unit(region: Region) -> bool:
    """Whether the last statement of a region, without its semicolon, is of type `()`."""
    last = region.blocks[0].last_op
    if isinstance(last, rust.ExprOp):
        return isinstance(last.operands[0].type, UnitType | NeverType)
    return isinstance(last, rust.AssignOp | rust.AssignOpOp)


def _for_pattern(name: str, deref: bool) -> Expr:
    pattern = NamePattern(name, mutable=False)
    return Prefix("&", pattern) if deref else pattern


def _with_label(keyword: str, op: Operation) -> str:
    label = optional_text(op, "label")
    return keyword if label is None else f"{keyword} '{label}"


_STATEMENTS: dict[type[Operation], Callable[..., Statement | Expr]] = {
    rust.LetOp: Reader.let,
    rust.LetTupleOp: Reader.let_tuple,
    rust.AssignOp: Reader.assign,
    rust.AssignOpOp: Reader.assign_op,
    rust.ExprOp: Reader.expr,
    rust.YieldOp: Reader.yield_,
    rust.CommentOp: Reader.comment,
    rust.ReturnOp: Reader.return_,
    rust.BreakOp: Reader.break_,
    rust.ContinueOp: Reader.continue_,
    rust.WhileOp: Reader.while_,
    rust.LoopOp: Reader.loop,
    rust.ForOp: Reader.for_,
    rust.IfOp: Reader.if_,
    rust.MatchOp: Reader.match_,
    rust.BlockOp: Reader.block,
}
