"""The front end for kernels: .mlir text to one verified kernel in its plain form."""
