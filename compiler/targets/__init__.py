"""Where kernels run: one module per target behind one protocol, and what all targets share."""
