"""Assembly text to `Program`: the parser and the checks of every operand against the instruction set.

    main:   li   a0, 5          # one statement per line
            piuma.ld a1, 8(a2)
            piuma.halt
            .data
    table:  .dword 1, 2, 3

`assemble(program.render())` equals `program`.  Refused, each with line and column: unknown mnemonics,
registers, labels; operands of the wrong kind or out of range; duplicate labels; a program whose control
could run off its end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, cast

from lark import Lark, Token, Tree, UnexpectedInput
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedToken

from runtime.faults import AssemblyError
from runtime.isa import ALIASES, IMMEDIATES, ISA, REGISTERS, Spec
from runtime.machine import DRAM_BASE, SPAD_BASE
from runtime.program import Datatype, Datum, Instruction, Program, Section, address_of_code

Node = Tree[Token]


@dataclass(frozen=True, slots=True)
class Operand:
    """An operand as written: a number, or a name with an addend."""

    token: Token
    number: int | float | None
    name: str = ""
    addend: int = 0

    @property
    def text(self) -> str:
        """As printed again."""
        return f"{self.name}{self.addend:+}" if self.addend else self.name


@dataclass(slots=True)
class _Statement:
    mnemonic: Token
    operands: list[Operand]


@dataclass(slots=True)
class _State:
    path: str
    lines: list[str]
    code: list[_Statement] = field(default_factory=list[_Statement])
    labels: dict[str, int] = field(default_factory=dict[str, int])
    data: list[Datum] = field(default_factory=list[Datum])
    symbols: dict[str, int] = field(default_factory=dict[str, int])
    section: Section | None = None
    pending: list[str] = field(default_factory=list[str])
    seen: dict[str, Token] = field(default_factory=dict[str, Token])
    ends: dict[Section, int] = field(default_factory=dict[Section, int])
    alignment: int = 1

    def refuse(self, at: Token, reason: str) -> AssemblyError:
        line, column = at.line or 1, at.column or 1
        return AssemblyError(self.path, line, column, reason, self.lines[line - 1])


def assemble(text: str, path: str = "<assembly>") -> Program:
    """The program that the text describes."""
    state = _State(path, [*text.split("\n"), ""])
    for line in _parse(text, state).children:
        _add_line(state, cast(Node, line))
    _close_section(state)
    for name in state.labels:
        if state.labels[name] == len(state.code):
            raise state.refuse(state.seen[name], f"label `{name}` names no instruction")
    code = tuple(_instruction(state, s) for s in state.code)
    if not code or not code[-1].spec.ends_block:
        at = state.code[-1].mnemonic if code else Token("NAME", "", line=1, column=1)
        raise state.refuse(at, "control runs off the end of the program; end it with `piuma.halt`, `ret` or a jump")
    return Program(code, state.labels, tuple(state.data), path)


@cache
def _grammar() -> Lark:
    text = files("runtime").joinpath("assembly.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", maybe_placeholders=False)


def _parse(text: str, state: _State) -> Node:
    grammar: Any = _grammar()
    try:
        return grammar.parse(text)
    except UnexpectedInput as error:
        at = Token("NAME", "", line=max(error.line, 1), column=max(error.column, 1))
        raise state.refuse(at, _syntax_reason(error)) from None


def _syntax_reason(error: UnexpectedInput) -> str:
    found: Any = error
    match error:
        case UnexpectedCharacters():
            return f"stray character `{found.char}`"
        case UnexpectedToken() if found.token.type in ("_NEWLINE", "$END"):
            return "the line ends where an operand is expected"
        case UnexpectedToken():
            return f"`{found.token}` does not belong here"
        case UnexpectedEOF():
            return "the text ends in the middle of a statement"
        case _:
            return "not a statement"


def _add_line(state: _State, line: Node) -> None:
    for child in line.children:
        node = cast(Node, child)
        match node.data:
            case "label":
                _add_label(state, cast(Token, node.children[0]))
            case "directive":
                _add_directive(state, node)
            case _:
                _add_instruction(state, node)


def _add_label(state: _State, name: Token) -> None:
    if name in state.seen:
        raise state.refuse(name, f"label `{name}` stands already in line {state.seen[name].line}")
    state.seen[str(name)] = name
    if state.section is None:
        state.labels[str(name)] = len(state.code)
    else:
        state.pending.append(str(name))


def _add_instruction(state: _State, node: Node) -> None:
    mnemonic, *rest = node.children
    if state.section is not None:
        raise state.refuse(cast(Token, mnemonic), "instruction in a data section; write `.text` first")
    operands = [piece for child in rest for piece in _operands(cast(Node, child))]
    state.code.append(_Statement(cast(Token, mnemonic), operands))


def _operands(node: Node) -> list[Operand]:
    if node.data != "based":
        return [_operand(node)]
    *offset, base = node.children
    register = Operand(cast(Token, base), None, str(base))
    return [*(_operand(cast(Node, o)) for o in offset), register]


def _operand(node: Node) -> Operand:
    token = cast(Token, node.children[0])
    if node.data == "number":
        return Operand(token, _number(token))
    addend = int(str(node.children[1]), 0) if len(node.children) > 1 else 0
    return Operand(token, None, str(token), addend)


def _number(token: Token) -> int | float:
    if token.type == "REAL":
        return float(token)
    digits = str(token)
    return int(re.sub(r"^([+-]?)0+(?=[0-9])", r"\1", digits), 0)


def _add_directive(state: _State, node: Node) -> None:
    directive, *values = node.children
    name = str(directive)
    operands = [_operand(cast(Node, v)) for v in values]
    if name in (".text", ".data", ".spad"):
        _close_section(state)
        state.section = None if name == ".text" else Section(name)
    elif name == ".balign":
        state.alignment = _alignment(state, cast(Token, directive), operands)
    else:
        _add_datum(state, cast(Token, directive), operands)


def _alignment(state: _State, at: Token, operands: list[Operand]) -> int:
    value = operands[0].number if len(operands) == 1 else None
    if not isinstance(value, int) or value < 1 or value & (value - 1):
        raise state.refuse(at, "`.balign` takes one power of two, in bytes")
    return value


def _add_datum(state: _State, directive: Token, operands: list[Operand]) -> None:
    datatype = Datatype[directive[1:].upper()]
    if state.section is None:
        raise state.refuse(directive, f"`{directive}` outside a data section; write `.data` or `.spad` first")
    values = tuple(_datum_value(state, datatype, o) for o in operands)
    if not values or (datatype is Datatype.ZERO and (len(values) != 1 or values[0] < 0)):
        raise state.refuse(directive, f"`{directive}` takes {'one size' if datatype is Datatype.ZERO else 'values'}")
    if state.section is Section.SPAD and datatype is not Datatype.ZERO:
        raise state.refuse(directive, "a scratchpad starts as zeros; only `.zero` reserves room in `.spad`")
    _place(state, state.section, datatype, values)


def _place(state: _State, section: Section, datatype: Datatype, values: tuple[int | float, ...]) -> None:
    base = DRAM_BASE if section is Section.DATA else SPAD_BASE
    alignment = max(state.alignment, datatype.size)
    address = -(-state.ends.get(section, base) // alignment) * alignment
    datum = Datum(section, tuple(state.pending), datatype, values, address, state.alignment)
    state.symbols.update(dict.fromkeys(state.pending, address))
    state.ends[section] = address + datum.size
    state.data.append(datum)
    state.pending, state.alignment = [], 1


def _close_section(state: _State) -> None:
    if state.section is not None and state.pending:
        _place(state, state.section, Datatype.ZERO, (0,))
    state.alignment = 1


def _datum_value(state: _State, datatype: Datatype, operand: Operand) -> int | float:
    real = datatype in (Datatype.DOUBLE, Datatype.FLOAT)
    if real and operand.name in ("inf", "nan"):
        return float(operand.name)
    if operand.number is None or (isinstance(operand.number, float) and not real):
        raise state.refuse(operand.token, f"`{datatype.directive}` takes {'numbers' if real else 'integers'}")
    if datatype is not Datatype.ZERO and not real:
        _check_range(state, operand.token, int(operand.number), 8 * datatype.size)
    return float(operand.number) if real else operand.number


def _check_range(state: _State, at: Token, value: int, bits: int) -> None:
    if not -(1 << (bits - 1)) <= value < 1 << bits:
        raise state.refuse(at, f"{value} does not fit in {bits} bits")


def _instruction(state: _State, statement: _Statement) -> Instruction:
    name = str(statement.mnemonic)
    if name in ALIASES:
        statement = _expand(state, statement)
    spec = ISA.get(str(statement.mnemonic))
    if spec is None:
        raise state.refuse(statement.mnemonic, f"unknown instruction `{name}`")
    operands = _with_default_offset(spec, statement.operands)
    if len(operands) != len(spec.fields):
        raise state.refuse(statement.mnemonic, f"`{name}` takes `{spec.syntax}`, not {len(operands)} operands")
    resolved = [_resolve(state, kind, o) for kind, o in zip(spec.fields, operands, strict=True)]
    values, symbols = tuple(v for v, _ in resolved), tuple(s for _, s in resolved)
    return Instruction(spec, values, symbols if any(symbols) else (), statement.mnemonic.line or 0)


def _with_default_offset(spec: Spec, operands: list[Operand]) -> list[Operand]:
    """`ld a0, (a1)` means `ld a0, 0(a1)`."""
    at = spec.syntax.find("i12(")
    if at < 0 or len(operands) != len(spec.fields) - 1:
        return operands
    index = spec.fields.index("i12")
    return [*operands[:index], Operand(operands[0].token, 0), *operands[index:]]


def _expand(state: _State, statement: _Statement) -> _Statement:
    alias = ALIASES[str(statement.mnemonic)]
    names = re.findall(r"[a-z]+\d*", alias.syntax)
    if len(names) != len(statement.operands):
        raise state.refuse(statement.mnemonic, f"`{alias.mnemonic}` takes `{alias.syntax}`")
    given = dict(zip(names, statement.operands, strict=True))
    at = statement.mnemonic
    operands = [given.get(o) or _fixed(at, o) for o in alias.operands]
    return _Statement(Token.new_borrow_pos("NAME", alias.target, at), operands)


def _fixed(at: Token, text: str) -> Operand:
    if text.lstrip("-").isdigit():
        return Operand(at, int(text))
    return Operand(at, None, text)


def _resolve(state: _State, kind: str, operand: Operand) -> tuple[int, str]:
    if kind[0] in "xf":
        return _register(state, kind[0], operand), ""
    if kind == "label":
        return _code_label(state, operand), operand.name
    if kind == "sym" or (kind == "i64" and operand.name):
        return _address(state, operand), operand.text
    return _immediate(state, kind, operand), ""


def _register(state: _State, bank: str, operand: Operand) -> int:
    number = REGISTERS.get(operand.name, -1)
    if number < 0 or operand.addend or (number >= 32) != (bank == "f"):
        wanted = "an integer" if bank == "x" else "a floating-point"
        raise state.refuse(operand.token, f"`{operand.token}` is not {wanted} register")
    return number


def _code_label(state: _State, operand: Operand) -> int:
    if operand.name not in state.labels or operand.addend:
        raise state.refuse(operand.token, f"`{operand.token}` is not a code label")
    return state.labels[operand.name]


def _address(state: _State, operand: Operand) -> int:
    if operand.name in state.labels:
        return address_of_code(state.labels[operand.name]) + operand.addend
    if operand.name not in state.symbols:
        raise state.refuse(operand.token, f"`{operand.token}` is not a symbol")
    return state.symbols[operand.name] + operand.addend


def _immediate(state: _State, kind: str, operand: Operand) -> int:
    low, high = IMMEDIATES[kind]
    value = operand.number
    if not isinstance(value, int):
        raise state.refuse(operand.token, f"`{operand.token}` is not an integer")
    if not low <= value <= high:
        raise state.refuse(operand.token, f"immediate {value} is outside {low} to {high}")
    return value - (1 << 64) if value >= 1 << 63 else value
