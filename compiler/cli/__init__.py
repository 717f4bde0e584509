"""The commands: one file each, arguments and then a few calls.

Importing any of them is quicker from here on: the methods of dataclasses come from the memory of an earlier start.
"""

from compiler.cli.generated_code import MEMORY

MEMORY.install()
