"""Loops over a range whose variable only says which element is meant: read here, rewritten by the passes beside."""
