"""A second look at the best few of many alternatives: LLVM compiles them, nothing runs, and the model is told how many instructions each executes."""
