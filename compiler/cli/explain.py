"""What `--explain` prints: per function and pointer, the representation chosen and why none better holds.

mix.c:9: mix: exact
  buf: &mut [u32] (slice): `n` is not a constant
  hi (line 14): slice of buf: its offset is `n`
"""

from compiler.report import FunctionReport, ParameterReport, PlaceReport, Report


def explanation(report: Report) -> str:
    return "".join(_function(each) for each in report.functions)


def _function(function: FunctionReport) -> str:
    of = f" (variant of {function.variant_of})" if function.variant_of else ""
    lines = [f"{function.file}:{function.line}: {function.rust_name}{of}: {function.verdict}"]
    lines += [_parameter(each) for each in function.parameters if each.rung is not None]
    lines += [_place(each) for each in function.places]
    if function.copies:
        lines.append(f"  copies {', '.join(map(str, function.copies))} bytes")
    return "\n".join(lines) + "\n"


def _parameter(parameter: ParameterReport) -> str:
    return f"  {parameter.name}: {parameter.rust_type} ({parameter.rung})" + _because(parameter.reason)


def _place(place: PlaceReport) -> str:
    return f"  {place.name} (line {place.line}): {place.rung} of {place.base}" + _because(place.reason)


def _because(reason: str) -> str:
    return f": {reason}" if reason else ""
