"""minic as short pseudo-C, for tests that show the shape of a lowering.

    shape(module, "f")     "while ({ t = n != 0; n -= 1; t }) { s += n; }"

Casts are shown as `<kind>operand`, a synthetic local as `let t = …`, one of the user's as `int-kind name = …`.
"""

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute, Block, BlockArgument, Operation, Region, SSAValue

from compiler.dialects import minic
from compiler.dialects.minic_types import ArrayType, FloatType, IntType, PlaceType, PtrType, StructType

_SIGNS = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "div": "/",
    "rem": "%",
    "and": "&",
    "or": "|",
    "xor": "^",
    "shl": "<<",
    "shr": ">>",
}
_COMPARES = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}


def shape(module: ModuleOp, function: str) -> str:
    """The body of a function."""
    op = next(op for op in module.ops if isinstance(op, minic.FuncOp) and op.sym_name.data == function)
    names = {param: name.data for param, name in zip(op.body.block.args, op.param_names, strict=True)}
    return _Writer(names).block(op.body.block)


def initial(module: ModuleOp, name: str) -> str:
    """The initial value of a global."""
    op = next(op for op in module.ops if isinstance(op, minic.GlobalOp) and op.sym_name.data == name)
    return _Writer({}).value_of(op.init)


def type_text(of: Attribute) -> str:
    match of:
        case IntType():
            return of.kind.data
        case FloatType():
            return f"f{of.width.data}"
        case PtrType():
            return f"*{'const ' if of.is_const.data else ''}{type_text(of.pointee)}"
        case ArrayType():
            return f"[{type_text(of.element)}; {of.size.data}]"
        case StructType():
            return of.symbol.data
        case _:
            return "void"


class _Writer:
    def __init__(self, names: dict[BlockArgument, str]) -> None:
        self.names: dict[SSAValue, str] = {**names}

    def block(self, block: Block) -> str:
        found = (self.statement(op) for op in block.ops if isinstance(op, minic.STATEMENT_OPS))
        return " ".join(found)

    def braces(self, region: Region) -> str:
        text = self.block(region.block)
        return f"{{ {text} }}" if text else "{}"

    def value_of(self, region: Region) -> str:
        """A region that yields: its value, with the statements before it if there are any."""
        ops = [op for op in region.block.ops if isinstance(op, minic.STATEMENT_OPS)]
        before = " ".join(self.statement(op) for op in ops[:-1])
        value = self.text(ops[-1].operands[0])
        return f"{{ {before} {value} }}" if before else value

    def statement(self, op: Operation) -> str:
        match op:
            case minic.LocalOp():
                return self.local(op)
            case minic.AssignOp():
                return f"{self.text(op.place)} = {self.text(op.value)};"
            case minic.UpdateOp():
                return f"{self.text(op.place)} {_SIGNS[op.kind.data]}= {self.text(op.value)};"
            case minic.EvalOp():
                return f"eval {self.text(op.value)};"
            case minic.CallStmtOp():
                return f"{self.call(op)};"
            case minic.AssertOp():
                return f"assert({self.text(op.cond)});"
            case minic.CommentOp():
                return f"/* {op.text.data} */"
            case minic.ReturnOp():
                return f"return {self.text(op.value)};" if op.value is not None else "return;"
            case minic.LeaveOp():
                return f"leave {op.label.data};"
            case minic.BreakOp():
                return "break;"
            case minic.ContinueOp():
                return "continue;"
            case _:
                return self.control(op)

    def local(self, op: minic.LocalOp) -> str:
        name = self.names[op.place] = op.var_name.data
        assert isinstance(op.place.type, PlaceType)
        head = f"let {name}" if op.synthetic is not None else f"{type_text(op.place.type.of)} {name}"
        return f"{head} = {self.text(op.init)};" if op.init is not None else f"{head};"

    def control(self, op: Operation) -> str:
        match op:
            case minic.ScopeOp():
                return self.braces(op.body)
            case minic.IfOp():
                orelse = f" else {self.braces(op.orelse)}" if op.orelse.block.ops else ""
                return f"if ({self.text(op.cond)}) {self.braces(op.then)}{orelse}"
            case minic.WhileOp():
                return f"while ({self.value_of(op.cond)}) {self.braces(op.body)}"
            case minic.DoWhileOp():
                return f"do {self.braces(op.body)} while ({self.value_of(op.cond)});"
            case minic.ForOp():
                return f"for (; {self.value_of(op.cond)}; {self.block(op.step.block)}) {self.braces(op.body)}"
            case minic.LabelledOp():
                return f"{op.label.data}: {self.braces(op.body)}"
            case minic.SwitchOp():
                return self.switch(op)
            case _:
                raise AssertionError(op.name)

    def switch(self, op: minic.SwitchOp) -> str:
        parts: list[str] = []
        for index, (labels, falls, section) in enumerate(zip(op.labels, op.falls, op.sections, strict=True)):
            names = [str(label.data) for label in labels] + ["default"] * (index == op.default_section.data)
            parts.append(f"{' '.join(names)}: {self.braces(section)}{' fall' if falls.data else ''}")
        return f"switch ({self.text(op.value)}) {{ {' '.join(parts)} }}"

    def call(self, op: minic.CallOp | minic.CallStmtOp) -> str:
        return f"{op.callee.data}({', '.join(self.text(arg) for arg in op.args)})"

    # --- expressions ---

    def operand(self, value: SSAValue) -> str:
        """The text in parentheses, if it has an operator outside."""
        text = self.text(value)
        owner = value.owner
        return (
            f"({text})"
            if isinstance(owner, minic.BinaryOp | minic.CompareOp | minic.LogicalOp | minic.SelectOp | minic.PtrAddOp)
            else text
        )

    def text(self, value: SSAValue) -> str:
        if value in self.names:
            return self.names[value]
        op = value.owner
        assert isinstance(op, Operation)
        match op:
            case minic.ConstOp():
                return self.constant(op)
            case minic.FloatConstOp():
                return repr(op.value.value.data)
            case minic.NullOp():
                return "null"
            case minic.ZeroOp():
                return "zero"
            case minic.AggregateOp():
                return f"{{{', '.join(self.text(each) for each in op.elements)}}}"
            case minic.CastOp():
                return f"<{type_text(op.result.type)}>{self.operand(op.operand)}"
            case minic.CallOp():
                return self.call(op)
            case minic.BinaryOp():
                return f"{self.operand(op.lhs)} {_SIGNS[op.kind.data]} {self.operand(op.rhs)}"
            case minic.UnaryOp():
                return f"{'-' if op.kind.data == 'neg' else '~'}{self.operand(op.operand)}"
            case minic.CompareOp():
                return f"{self.operand(op.lhs)} {_COMPARES[op.kind.data]} {self.operand(op.rhs)}"
            case minic.TruthOp():
                return f"?{self.operand(op.operand)}"
            case minic.NotOp():
                return f"!{self.operand(op.operand)}"
            case minic.LogicalOp():
                return f"{self.operand(op.lhs)} {'&&' if op.kind.data == 'and' else '||'} {self.value_of(op.rhs)}"
            case minic.SelectOp():
                return f"{self.operand(op.cond)} ? {self.value_of(op.if_true)} : {self.value_of(op.if_false)}"
            case _:
                return self.place(op)

    def constant(self, op: minic.ConstOp) -> str:
        if op.symbol is not None:
            return op.symbol.data
        number = op.value.data
        match op.spelling.data if op.spelling is not None else "":
            case "hex":
                return hex(number)
            case "char":
                return repr(chr(number))
            case _:
                return str(number)

    def place(self, op: Operation) -> str:
        match op:
            case minic.LoadOp():
                return self.text(op.place)
            case minic.GlobalRefOp():
                return op.symbol.data
            case minic.DecayOp():
                return self.text(op.place)
            case minic.AddrOp():
                return f"&{self.text(op.place)}"
            case minic.DerefOp():
                return f"*{self.operand(op.pointer)}"
            case minic.IndexOp():
                return f"{self.operand(op.pointer)}[{self.text(op.index)}]"
            case minic.FieldOp():
                return f"{self.base(op.base)}.{op.field.data}"
            case minic.PtrAddOp():
                return f"{self.operand(op.pointer)} {'-' if op.negative is not None else '+'} {self.operand(op.index)}"
            case minic.PtrDiffOp():
                return f"{self.operand(op.lhs)} - {self.operand(op.rhs)}"
            case minic.StringOp():
                return repr(bytes.fromhex(op.bytes.data)[:-1].decode("latin-1"))
            case minic.TemporaryOp():
                return f"temporary({self.text(op.value)})"
            case _:
                raise AssertionError(op.name)

    def base(self, place: SSAValue) -> str:
        text = self.text(place)
        return f"({text})" if text.startswith("*") else text
