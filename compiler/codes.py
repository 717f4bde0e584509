"""The table of diagnostic codes: one line each, grouped by hundreds, numbers never reused.

A new code takes the next free number of its group; its title names the construct, the message at
the raise site says what is wrong with this one.
"""

from enum import Enum, unique


@unique
class Code(Enum):
    """Every code there is: stable number, short title. Numbers are never reused."""

    def __init__(self, number: str, title: str) -> None:
        self.number = number
        self.title = title

    # C01xx: the command line, files, preprocessing, parsing
    INPUT_UNREADABLE = "C0101", "input cannot be read"
    OUTPUT_UNWRITABLE = "C0102", "output cannot be written"
    COMPILE_COMMANDS = "C0103", "compile_commands.json cannot be used"
    INPUT_EMPTY = "C0110", "input is empty"
    INPUT_NOT_TEXT = "C0111", "input is not text"
    INPUT_TOO_LARGE = "C0112", "input is too large"
    MISSING_HEADER = "C0120", "header not found"
    PREPROCESSOR = "C0121", "preprocessing failed"
    SYNTAX = "C0130", "syntax error"
    NESTING = "C0131", "nested too deeply"
    IR_SYNTAX = "C0140", "IR text does not parse"
    IR_INVALID = "C0141", "IR does not verify"

    # C02xx: types and declarations
    UNION = "C0201", "union"
    BIT_FIELD = "C0202", "bit-field"
    FUNCTION_POINTER = "C0203", "function pointer"
    VARIADIC_FUNCTION = "C0204", "variadic function"
    VOLATILE = "C0205", "volatile object"
    ATOMIC = "C0206", "atomic type"
    COMPLEX = "C0207", "complex type"
    LONG_DOUBLE = "C0208", "long double"
    VARIABLE_LENGTH_ARRAY = "C0209", "variable-length array"
    FLEXIBLE_ARRAY_MEMBER = "C0210", "flexible array member"
    RECURSIVE_STRUCT = "C0212", "struct that points to itself"
    MUTABLE_GLOBAL = "C0213", "mutable global"
    THREAD_LOCAL = "C0214", "thread-local object"
    EXTERN_OBJECT = "C0215", "extern object without a definition"
    ATTRIBUTE = "C0216", "attribute that changes meaning"
    LAYOUT_ATTRIBUTE = "C0217", "packed or aligned layout"
    VECTOR_TYPE = "C0218", "vector type"
    NESTED_FUNCTION = "C0219", "nested function"
    STATIC_ASSERTION = "C0220", "static assertion failed"
    INCOMPLETE_TYPE = "C0221", "incomplete type"
    UNKNOWN_TYPE = "C0222", "unknown type"
    UNSUPPORTED_TYPE = "C0223", "unsupported type"
    DUPLICATE_DEFINITION = "C0230", "defined twice"
    CONFLICTING_DECLARATION = "C0231", "conflicting declarations"
    UNDECLARED = "C0232", "undeclared name"
    NO_SUCH_MEMBER = "C0233", "no such member"
    TYPE_MISMATCH = "C0234", "type mismatch"
    NOT_CONSTANT = "C0235", "not a constant expression"
    NOT_AN_LVALUE = "C0236", "not an lvalue"
    ARGUMENT_COUNT = "C0237", "wrong number of arguments"
    INITIALIZER = "C0238", "initializer does not fit"
    UNSUPPORTED_DECLARATION = "C0239", "unsupported declaration"

    # C03xx: statements and expressions
    GOTO_INTO_BLOCK = "C0301", "goto into a block"
    BACKWARD_GOTO = "C0302", "goto that forms a loop"
    COMPUTED_GOTO = "C0303", "computed goto"
    CASE_INSIDE_BLOCK = "C0304", "case label inside a nested block"
    INLINE_ASSEMBLY = "C0305", "inline assembly"
    STATEMENT_EXPRESSION = "C0306", "statement expression"
    UNKNOWN_BUILTIN = "C0307", "unsupported compiler builtin"
    UNINITIALIZED = "C0309", "read of an uninitialized object"
    MISSING_RETURN = "C0310", "missing return value"
    CONSTANT_UNDEFINED = "C0311", "constant expression is undefined"
    STRAY_JUMP = "C0312", "jump with no target"
    CONST_ASSIGNMENT = "C0313", "assignment to a const object"
    UNSUPPORTED_STATEMENT = "C0320", "unsupported statement"
    UNSUPPORTED_EXPRESSION = "C0321", "unsupported expression"

    # C04xx: pointers and aliasing
    INTEGER_TO_POINTER = "C0401", "integer made into a pointer"
    POINTER_TO_INTEGER = "C0402", "pointer made into an integer"
    TYPE_PUNNING = "C0403", "memory read as another type"
    MAY_OVERLAP = "C0405", "parts may overlap"
    MUTABLE_ALIAS = "C0406", "mutable aliases meet"
    RETURNED_LOCAL_ADDRESS = "C0408", "address of a local is returned"
    NULL_UNPROVEN = "C0409", "pointer may be null"
    HEAP_ALLOCATION = "C0410", "heap allocation"
    NEGATIVE_OFFSET = "C0413", "offset before the start"
    UNRELATED_POINTERS = "C0414", "pointers into different objects compared or subtracted"
    SEVERAL_BASES = "C0415", "pointer into more than one object"
    POINTER_TO_POINTER = "C0416", "pointer to a pointer"
    VOID_POINTER = "C0417", "void pointer of unknown type"
    CONST_CAST_AWAY = "C0418", "write through a pointer to const"
    GLOBAL_POINTER = "C0419", "pointer stored in a global"
    RETURNED_POINTER = "C0420", "pointer returned"
    UNFOLLOWED_POINTER = "C0421", "pointer stored where it cannot be followed"
    RETURNED_BORROW = "C0422", "struct that holds pointers is returned"
    MOVED_FIELD = "C0423", "pointer in a struct is moved"
    NULL_ARGUMENT = "C0424", "null argument"
    NULL_DEREFERENCED = "C0425", "null pointer dereferenced"
    UNNAMED_BORROW = "C0426", "struct that holds pointers has no name"
    SINGLE_OBJECT = "C0427", "pointer arithmetic on a single object"
    PARTIAL_ELEMENT = "C0428", "part of an element"

    # C05xx: the C library and what lies outside the file
    UNDEFINED_FUNCTION = "C0501", "function without a definition"
    UNMAPPED_FUNCTION = "C0502", "library function without a Rust counterpart"
    FORMAT_STRING = "C0503", "format string"
    NON_LOCAL_JUMP = "C0504", "setjmp or longjmp"
    SIGNAL = "C0505", "signal handling"
    THREAD = "C0506", "threads"
    FILE_STREAM = "C0507", "file stream"
    LIBRARY_REDEFINED = "C0508", "library function with a meaning of its own"

    # C06xx: kernels and their schedules
    KERNEL_COUNT = "C0601", "not exactly one kernel"
    KERNEL_FORM = "C0602", "kernel that is not computed"
    KERNEL_OPERATION = "C0603", "operation that has no place beside a kernel"
    KERNEL_SURELY_WRONG = "C0604", "kernel that is legal but surely not meant"
    SCHEDULE_SYNTAX = "C0610", "schedule cannot be read"
    SCHEDULE_ILLEGAL = "C0611", "schedule that does not apply"
    SCHEDULE_SPACE = "C0612", "schedule that does not fit"
    MACHINE = "C0620", "machine description"
    SCALE_OVERFLOW = "C0621", "scale or sum that overflows its accumulator"
    FORMAT_WITHOUT_ZERO = "C0622", "format that cannot hold zero"
    RANDOM_STREAM = "C0623", "stochastic rounding without a random stream"
    ARITHMETIC_SHAPE = "C0624", "tensors whose sizes do not fit"
    FEW_SAMPLES = "C0625", "rounding that was learned on too few samples"
    REGISTERS = "C0626", "more values at once than the machine has registers"
    NO_OPERANDS = "C0630", "nothing known of the operands"
    COST_MODEL = "C0631", "cost model that cannot judge"
    TUNE_DATA = "C0632", "data set that cannot be added to"

    # C07xx: the operands of a run
    MATRIX = "C0701", "matrix cannot be read"
    NOT_FINITE = "C0702", "value that is not finite"
    OPERAND_COUNT = "C0703", "wrong number of operands"
    OPERAND_SHAPE = "C0704", "operand of the wrong shape"
    OPERAND_VALUE = "C0705", "value that the element type does not hold"
    INDEX_OVERFLOW = "C0706", "size that the index type does not hold"
    RESULT_OVERFLOW = "C0707", "result that its type does not hold"
    MEMORY = "C0708", "more memory than there is"
    GENERATOR = "C0709", "no such generated matrix"
    NO_C_COMPILER = "C0710", "no C compiler to run with"
    NO_RUSTC = "C0711", "no rustc to run with"


DEFAULT_HELP: dict[Code, str] = {
    Code.PREPROCESSOR: "`-D NAME=VALUE` and `-U NAME` choose what the file is compiled for",
    Code.SYNTAX: "the file must be C that a compiler accepts; GNU extensions are taken where the README says so",
    Code.VARIADIC_FUNCTION: "pass an array and its length",
    Code.ATOMIC: "keep what threads share behind an interface of its own, outside the translated files",
    Code.COMPLEX: "keep the real and imaginary parts in two variables",
    Code.FLEXIBLE_ARRAY_MEMBER: "give the array a length, or pass the data beside the struct",
    Code.THREAD_LOCAL: "pass the object to the functions that use it",
    Code.ATTRIBUTE: "leave the attribute out if the program does not rely on it",
    Code.LAYOUT_ATTRIBUTE: "read and write the bytes of the external format one by one",
    Code.VECTOR_TYPE: "use an array and a loop: compilers vectorise it",
    Code.STATIC_ASSERTION: "the target is LP64 little-endian: int has 32 bits, long and pointers 64",
    Code.INCOMPLETE_TYPE: "include the header that defines the type",
    Code.DUPLICATE_DEFINITION: "keep one of them",
    Code.CONFLICTING_DECLARATION: "give both the same type",
    Code.NO_SUCH_MEMBER: "see the definition of the struct",
    Code.TYPE_MISMATCH: "a C compiler would reject this too",
    Code.NOT_AN_LVALUE: "assign to a variable, an element or a field",
    Code.ARGUMENT_COUNT: "see the declaration of the function",
    Code.INITIALIZER: "the initializer must fit the type",
    Code.UNSUPPORTED_EXPRESSION: "write it in standard C",
    Code.UNKNOWN_BUILTIN: "write the operation out in standard C",
    Code.CONSTANT_UNDEFINED: "C leaves the result undefined",
    Code.STATEMENT_EXPRESSION: "write the statements before the expression",
    Code.UNINITIALIZED: "give it a value before it is used",
    Code.MISSING_RETURN: "return a value on every path",
    Code.STRAY_JUMP: "`break` belongs in a loop or switch, `continue` in a loop",
    Code.CONST_ASSIGNMENT: "leave `const` out, or copy the value first",
    Code.NON_LOCAL_JUMP: "return an error code instead",
}
"""What to do about a finding, where the one who raises it does not know better."""
