"""How targets and their texts are named on a command line; what stands behind a name is in `registry.py`.

    TargetName("piuma"), Emits("asm")

Apart from the targets, since a command line is understood before they are imported.
"""

from enum import StrEnum


class TargetName(StrEnum):
    """What a kernel is compiled for; also a value of `--target`."""

    PIUMA = "piuma"
    CPU = "cpu"
    RUST = "rust"


class Emits(StrEnum):
    """What the text of a compiled kernel is; also a value of `--emit`."""

    ASM = "asm"
    C = "c"
    RUST = "rust"
