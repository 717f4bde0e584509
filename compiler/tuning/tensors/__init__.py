"""Kernels of tensors that costs are learned from."""
