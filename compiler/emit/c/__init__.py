"""Printing the loop language as C with OpenMP."""
