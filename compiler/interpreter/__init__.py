"""The reference interpreter of low-precision kernels: what an op means, computed on NumPy arrays. Every target must give the same bits."""
