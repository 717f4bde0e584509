"""Declarations of the library: only those in use reach the parser; builtins are declared as they are used."""

from typing import Any

from compiler.frontends.c.parse import parse
from compiler.frontends.c.preprocess import preprocess_text


def declared(text: str) -> list[str]:
    items: Any = parse(preprocess_text(text, "t.c")).ast.ext
    return [item.name or item.type.name for item in items if item.coord.file != "t.c"]


def test_only_what_is_used_is_declared() -> None:
    text = "#include <string.h>\n#include <stdio.h>\nvoid f(char *a, char *b) { memcpy(a, b, 3); }\n"
    assert declared(text) == ["size_t", "memcpy"]


def test_what_is_used_brings_what_it_uses() -> None:
    text = "#include <time.h>\nint f(time_t t) { return localtime(&t)->tm_year; }\n"
    assert declared(text) == ["time_t", "tm", "localtime"]


def test_uses_in_constants_count() -> None:
    text = "#include <stdint.h>\n#define N ((uint8_t)3)\nint a[N];\n"
    assert declared(text) == ["uint8_t"]


def test_objects_and_opaque_types() -> None:
    text = '#include <stdio.h>\nvoid f(void) { fputs("x", stderr); }\n'
    assert declared(text) == ["FILE", "stderr", "fputs"]


def test_a_function_that_takes_a_function() -> None:
    text = "#include <stdlib.h>\nint c(const void *a, const void *b);\nvoid f(int *a) { qsort(a, 3, 4, c); }\n"
    assert "qsort" in declared(text)


def test_the_user_s_own_declarations_stay() -> None:
    items: Any = parse(preprocess_text("#include <string.h>\nint unused(int);\nextern int x;\n", "t.c")).ast.ext
    assert [item.name for item in items] == ["unused", "x"]


def test_builtins_are_declared_when_used() -> None:
    assert declared("int f(unsigned x) { return __builtin_clz(x) + __builtin_bswap32(x); }\n") == [
        "__builtin_clz",
        "__builtin_bswap32",
    ]


def test_byte_order_functions_are_builtins_and_casts() -> None:
    text = "#include <endian.h>\nuint32_t f(uint32_t x) { return htobe32(x) ^ htole32(x); }\n"
    assert declared(text) == ["__builtin_bswap32", "uint32_t"]


def test_a_library_function_called_without_a_declaration() -> None:
    assert declared("int main(void) { abort(); }\n") == ["abort"]


def test_a_function_of_that_name_declared_by_the_user_is_the_user_s() -> None:
    assert declared("static void abort(void) { }\nint main(void) { abort(); }\n") == []


def test_assert_keeps_its_condition_unless_ndebug() -> None:
    text = "#include <assert.h>\nvoid f(int x) { assert(x > 0); }\n"
    items: Any = parse(preprocess_text(text, "t.c")).ast.ext
    call = items[-1].body.block_items[0]
    assert (call.name.name, call.args.exprs[0].op) == ("__c2rs_assert", ">")
    assert declared("#define NDEBUG\n" + text) == []
