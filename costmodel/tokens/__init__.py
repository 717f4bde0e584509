"""MLIR text to lines, lines to tokens: names, SSA numbers and the form of the text (generic or pretty) do not matter."""
