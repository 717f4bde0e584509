"""A machine's configuration as MLIR says it: `#dlti.target_system_spec<"piuma" = #dlti.target_device_spec<"blocks" = 8 : i64, …>>`.

    spec = machine_spec("piuma", {"blocks": 8, "clock_ghz": 1.0})
    numbers_of(spec)["blocks"]          # 8

Costs are estimated from these numbers, so they stand in the canonical text of a kernel.
"""

from __future__ import annotations

from collections.abc import Mapping

from xdsl.dialects.builtin import ArrayAttr, FloatAttr, IntegerAttr, StringAttr, f64, i64
from xdsl.dialects.dlti import DataLayoutEntryAttr, TargetDeviceSpecAttr, TargetSystemSpecAttr
from xdsl.ir import Attribute

MODULE_ATTRIBUTE = "dlti.target_system_spec"
"""Where a module carries the spec, as upstream has it."""


def machine_spec(device: str, numbers: Mapping[str, float]) -> TargetSystemSpecAttr:
    """The spec of one device; whole numbers stay whole."""
    entries = [DataLayoutEntryAttr(StringAttr(name), _number(value)) for name, value in numbers.items()]
    spec = TargetDeviceSpecAttr(ArrayAttr(entries))
    return TargetSystemSpecAttr(ArrayAttr([DataLayoutEntryAttr(StringAttr(device), spec)]))


def numbers_of(spec: Attribute) -> dict[str, float]:
    """The numbers of a spec that `machine_spec` made."""
    assert isinstance(spec, TargetSystemSpecAttr)
    (device,) = spec.entries
    assert isinstance(device.value, TargetDeviceSpecAttr)
    return dict(_pair(entry) for entry in device.value.entries)


def _number(value: float) -> Attribute:
    return FloatAttr(value, f64) if isinstance(value, float) else IntegerAttr(value, i64)


def _pair(entry: DataLayoutEntryAttr) -> tuple[str, float]:
    key, value = entry.key, entry.value
    assert isinstance(key, StringAttr)
    if isinstance(value, FloatAttr):
        return key.data, value.value.data
    assert isinstance(value, IntegerAttr)
    return key.data, value.value.data
