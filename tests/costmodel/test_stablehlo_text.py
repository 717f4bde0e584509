"""StableHLO as jax prints it: regions that begin on a line of their own belong to the operation before, and bind names."""

from costmodel.tokens.lines import read_lines
from costmodel.tokens.vocabulary import OpClass, classify

REDUCE = """
    %1:2 = stablehlo.reduce(%arg0 init: %cst), (%0 init: %c) across dimensions = [1] : (tensor<4x8xf32>, tensor<f32>)
     reducer(%arg1: tensor<f32>, %arg3: tensor<f32>) (%arg2: tensor<i32>, %arg4: tensor<i32>)  {
      %2 = stablehlo.compare GT, %arg1, %arg3, FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1>
      stablehlo.return %2 : tensor<i1>
    }
"""

WHILE = """
    %3:2 = stablehlo.while(%iterArg = %0, %iterArg_1 = %1) : tensor<i32>, tensor<4xf32>
    cond {
      %4 = stablehlo.compare LT, %iterArg, %c : (tensor<i32>, tensor<i32>) -> tensor<i1>
      stablehlo.return %4 : tensor<i1>
    } do {
      stablehlo.return %iterArg, %iterArg_1 : tensor<i32>, tensor<4xf32>
    }
"""


def test_a_reducer_is_the_region_of_its_reduce() -> None:
    first, compare, *_ = read_lines(REDUCE)
    assert (first.name, first.opens) == ("stablehlo.reduce", 1)
    assert first.uses == ("%arg0", "%cst", "%0", "%c")
    assert first.arguments == ("%arg1", "%arg3", "%arg2", "%arg4")
    assert compare.name == "stablehlo.compare"


def test_a_condition_is_a_region_of_its_while() -> None:
    lines = read_lines(WHILE)
    assert (lines[0].name, lines[0].opens) == ("stablehlo.while", 1)
    assert lines[0].arguments == ("%iterArg", "%iterArg_1")
    assert lines[0].uses == ("%0", "%1")
    assert sum(line.opens for line in lines) == sum(line.closes for line in lines)


def test_nothing_of_it_is_out_of_vocabulary() -> None:
    names = [line.name for line in read_lines(REDUCE + WHILE) if line.name]
    assert not [name for name in names if classify(name) is OpClass.OTHER]
