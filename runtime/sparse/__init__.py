"""Sparse matrices as kernels see them: containers, files, generators."""
