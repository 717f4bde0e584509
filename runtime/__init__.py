"""The machine: a PIUMA-style, many-threaded accelerator, simulated functionally and to the cycle."""
