"""What comes with the package: data sets, the default model, and models of single targets.

    shipped_model("piuma")        …/shipped/piuma.costmodel, for a compiler that asks about one target; None where there is none

`default.costmodel` is what the commands use; it is not needed where a target has a model of its own.
"""

from pathlib import Path

SHIPPED = Path(__file__).with_name("shipped")
DEFAULT_MODEL = SHIPPED / "default.costmodel"


def shipped_data() -> list[Path]:
    """The data sets that come with the package."""
    return sorted(SHIPPED.glob("*.jsonl.gz"))


def shipped_model(target: str) -> Path | None:
    """The model of a target, if one comes with the package."""
    path = SHIPPED / f"{target}.costmodel"
    return path if path.exists() else None
