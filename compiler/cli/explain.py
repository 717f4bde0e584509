"""What `--explain` prints: per function and pointer, the representation chosen and why none better holds.

mix.c:9: mix: exact
  buf   uint32_t *        &mut [u32]      slice: no bound is known for its index (mix.c:12)
  key   const uint8_t *   &[u8; 32]       array: element 31 is used (mix.c:15)
  hi                      (line 14)       another name for `buf + n`
mix.c:9: mix_a_in_place: exact
  a variant of mix for the call in twice (mix.c:31)
"""

from collections.abc import Iterator

from compiler.report import (
    CallReport,
    FunctionReport,
    ParameterReport,
    PlaceReport,
    RefusalReport,
    Report,
    Rung,
    StructReport,
)

_Row = tuple[str, str, str, str]


def explanation(report: Report) -> str:
    """The text for a whole translation."""
    structs = [line for struct in report.structs for line in _struct(struct)]
    functions = [line for function in report.functions for line in _function(function)]
    return "".join(f"{line}\n" for line in (*structs, *functions))


def _struct(struct: StructReport) -> Iterator[str]:
    """A struct that holds pointers."""
    rows = [
        (each.name, each.c_type, each.rust_type, f"{each.rung}: {each.reason}") for each in struct.fields if each.rung
    ]
    if rows:
        yield f"{struct.file}:{struct.line}: {struct.c_type}"
        yield from _aligned(rows)


def _function(function: FunctionReport) -> Iterator[str]:
    yield f"{function.file}:{function.line}: {function.rust_name or function.name}: {function.verdict}"
    yield from (_refusal(each) for each in function.refusals)
    if function.variant_of:
        yield f"  a variant of {function.variant_of} for {_calls(function.made_for)}"
    yield from _aligned([*_parameters(function), *_places(function)])
    if function.copies:
        yield f"  copies {', '.join(map(str, function.copies))} bytes"


def _refusal(refusal: RefusalReport) -> str:
    return f"  {refusal.code} at {refusal.file}:{refusal.line}: {refusal.message}"


def _calls(calls: tuple[CallReport, ...]) -> str:
    """The places of the calls, by caller."""
    places: dict[tuple[str, str], list[str]] = {}
    for call in calls:
        places.setdefault((call.caller, call.file), []).append(str(call.line))
    each = [f"{caller} ({file}:{', '.join(lines)})" for (caller, file), lines in places.items()]
    return f"the call{'s' if len(calls) > 1 else ''} in {' and '.join(each)}"


def _parameters(function: FunctionReport) -> Iterator[_Row]:
    for each in function.parameters:
        if each.rung is not None:
            yield each.name, each.c_type, each.rust_type, _because(each)


def _places(function: FunctionReport) -> Iterator[_Row]:
    for each in function.places:
        yield each.name, "", f"(line {each.line})", _position(each)


def _because(parameter: ParameterReport) -> str:
    if parameter.rung is Rung.REFERENCE:
        return "reference: one object"
    return f"{parameter.rung}: {parameter.reason}{_at(parameter.evidence)}"


def _position(place: PlaceReport) -> str:
    if place.rung is Rung.ALIAS:
        return f"another name for `{place.base}`"
    return f"{place.rung} in `{place.base}`: {place.reason}{_at(place.evidence)}"


def _at(evidence: str) -> str:
    return f" ({evidence})" if evidence else ""


def _aligned(rows: list[_Row]) -> Iterator[str]:
    """The rows as columns; the last one is prose and needs no width."""
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    for row in rows:
        cells = [f"{cell:{width}}" for cell, width in zip(row, widths, strict=False)]
        yield f"  {'   '.join([*cells, row[3]])}".rstrip()
