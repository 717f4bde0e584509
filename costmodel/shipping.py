"""What comes with the package: data sets, the default model, and models of single targets.

    shipped_model("piuma")        …/shipped/piuma.costmodel, for a compiler that asks about one target; None where there is none

`default.costmodel` is what the commands use; it is not needed where a target has a model of its own.
"""

from pathlib import Path

ABROAD = 1.5
"""A foreign score above which a compiler leaves a choice to what the model would replace; the same where the machine is unlike any."""
MACHINE = "machine."
"""How the names of a machine's numbers begin, as models read them."""
SHIPPED = Path(__file__).with_name("shipped")
DEFAULT_MODEL = SHIPPED / "default.costmodel"


def shipped_data() -> list[Path]:
    """The data sets that come with the package."""
    return sorted(SHIPPED.glob("*.jsonl.gz"))


def shipped_model(target: str) -> Path | None:
    """The model of a target, if one comes with the package."""
    path = SHIPPED / f"{target}.costmodel"
    return path if path.exists() else None
