"""From functions of low-precision tensors to the loop language, once for all targets."""
