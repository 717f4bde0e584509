"""The compiled tier's code generator: the model and one program to LLVM IR, to machine code."""
