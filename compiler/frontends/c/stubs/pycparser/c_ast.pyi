"""The nodes of pycparser's syntax tree that we use, for the type checker: pycparser has no annotations of its own."""

from collections.abc import Iterator
from typing import Any, ClassVar

class Node:
    coord: Any
    __slots__: ClassVar[tuple[str, ...]]
    attr_names: ClassVar[tuple[str, ...]]
    def __init__(self, *parts: Any, **named: Any) -> None: ...
    def __iter__(self) -> Iterator[Node]: ...

class ID(Node):
    name: str

class Constant(Node):
    type: str
    value: str

class ArrayRef(Node):
    name: Any
    subscript: Any

class StructRef(Node):
    name: Any
    type: str
    field: ID

class UnaryOp(Node):
    op: str
    expr: Any

class BinaryOp(Node):
    op: str
    left: Any
    right: Any

class TernaryOp(Node):
    cond: Any
    iftrue: Any
    iffalse: Any

class Assignment(Node):
    op: str
    lvalue: Any
    rvalue: Any

class Cast(Node):
    to_type: Any
    expr: Any

class CompoundLiteral(Node):
    type: Any
    init: Any

class ExprList(Node):
    exprs: list[Any]

class InitList(Node):
    exprs: list[Any]

class NamedInitializer(Node):
    name: list[Any]
    expr: Any

class ArrayDesignator(Node):
    expr: Any

class FuncCall(Node):
    name: Any
    args: ExprList | None

class GenericSelection(Node):
    expr: Any
    associations: list[GenericAssociation]

class GenericAssociation(Node):
    type: Any
    expr: Any

class TypeDecl(Node):
    declname: str | None
    quals: list[str]
    type: Any

class Typename(Node):
    name: str | None
    quals: list[str]
    type: Any

class PtrDecl(Node):
    quals: list[str]
    type: Any

class ArrayDecl(Node):
    type: Any
    dim: Any
    dim_quals: list[str]

class FuncDecl(Node):
    args: ParamList | None
    type: Any

class ParamList(Node):
    params: list[Any]

class EllipsisParam(Node): ...

class IdentifierType(Node):
    names: list[str]

class TypeOf(Node):
    op: str
    expr: Any

class Struct(Node):
    name: str | None
    decls: list[Any] | None

class Union(Node):
    name: str | None
    decls: list[Any] | None

class Enum(Node):
    name: str | None
    values: EnumeratorList | None

class EnumeratorList(Node):
    enumerators: list[Any]

class Enumerator(Node):
    name: str
    value: Any

class Decl(Node):
    name: Any
    quals: list[str]
    align: list[Any]
    storage: list[str]
    funcspec: list[str]
    type: Any
    init: Any
    bitsize: Any

class DeclList(Node):
    decls: list[Any]

class Typedef(Node):
    name: str
    quals: list[str]
    storage: list[str]
    type: Any

class FuncDef(Node):
    decl: Decl
    param_decls: list[Any] | None
    body: Compound

class FileAST(Node):
    ext: list[Any]

class StaticAssert(Node):
    cond: Any
    message: Constant | None

class Pragma(Node):
    string: str

class Compound(Node):
    block_items: list[Any] | None

class If(Node):
    cond: Any
    iftrue: Any
    iffalse: Any

class While(Node):
    cond: Any
    stmt: Any

class DoWhile(Node):
    cond: Any
    stmt: Any

class For(Node):
    init: Any
    cond: Any
    next: Any
    stmt: Any

class Switch(Node):
    cond: Any
    stmt: Any

class Case(Node):
    expr: Any
    stmts: list[Any]

class Default(Node):
    stmts: list[Any]

class Label(Node):
    name: str
    stmt: Any

class Goto(Node):
    name: str

class Return(Node):
    expr: Any

class Break(Node): ...
class Continue(Node): ...
class EmptyStatement(Node): ...
