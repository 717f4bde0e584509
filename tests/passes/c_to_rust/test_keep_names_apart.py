"""Inner variables do not hide what is used inside. (Text cannot say which `i` is meant: the bindings are swapped by hand.)"""

from rust_passes import stays
from rust_reader import read
from xdsl.context import Context

from compiler.dialects import rust
from compiler.emit.rust import emit
from compiler.passes.c_to_rust.keep_names_apart import KeepNamesApart
from compiler.pipelines import run


def test_hidden_variable_that_is_used_inside() -> None:
    module = read("fn f(x: u32) -> u32 { let y = x; let x: u32 = 1; { let x: u32 = 2; y + x } }")
    function = next(op for op in module.walk() if isinstance(op, rust.FnOp))
    y = next(op for op in module.walk() if isinstance(op, rust.LetOp))
    y.binding.replace_all_uses_with(function.body.block.args[0])
    run([KeepNamesApart()], Context(), module, verify=True)
    text = " ".join(emit(module).split())
    assert "let x_3 = 1; { let x_2 = 2; x + x_2 }" in text


def test_hidden_variable_that_nothing_uses_inside() -> None:
    stays("fn f(x: u32) -> u32 { let x = x + 1; for x in 0..x { g(x); } x } fn g(x: u32) {}", KeepNamesApart())
