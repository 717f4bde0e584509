"""A model as one file: a ZIP of JSON, tree texts and arrays; no pickle, no clock, equal models give equal bytes.

    manifest.json            format, columns, experts and all that is small
    0/cycles.0.txt           trees of the first expert's head for cycles
    0/foreign.npy            the measure of what is foreign

Refused, by name: a file that is no such ZIP, a damaged one, another format, and a model fitted to other columns than this program
computes (`columns`: a digest of the names of all columns and tokens of the groups that it uses).
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from costmodel.features.encoder import SEQUENCES, Encoder, Group
from costmodel.features.executed import executed_names
from costmodel.features.ladders import ladder_names
from costmodel.features.pressure import pressure_names
from costmodel.features.running import running_names
from costmodel.features.scheduled import scheduled_names
from costmodel.features.sequence import sequence_names
from costmodel.features.straight import straight_names
from costmodel.features.streams import Floats
from costmodel.features.structure import structure_names
from costmodel.features.work import work_names
from costmodel.looking.cores import known_core
from costmodel.model import CostModel
from costmodel.models.beside import Beside
from costmodel.models.boosting import Booster
from costmodel.models.expert import Expert, Trust
from costmodel.models.foreign import Foreign
from costmodel.models.head import PRIMARY, Base, Head, Kind, Shift
from costmodel.models.nearby import Nearby
from costmodel.models.neighbours import Neighbours
from costmodel.models.neural.network import Network, NetworkKind, shapes
from costmodel.models.second import MADE_UP, TOLD, Second
from costmodel.refusals import ArtifactError, UnreadableError
from costmodel.tokens.stream import BUFFERS, RUNNING_VOCABULARY, VOCABULARY

FORMAT = 6
"""Where an expert takes a second look."""
_WITHOUT_SECOND = 5
"""Where a correction looks at what other experts say, which a program that knows only format 4 would not compute."""
_WITH_LINES = 4
"""Where a head is corrected by what is nearby: before, its table had no coefficients of lines."""
_WITHOUT_LINES = 3
"""Where an expert has half widths by band, which a program that knows only format 2 would take no notice of."""
_WITHOUT_BANDS = 2
LARGEST = 5_000_000
"""Bytes that a model may have."""
_TOKENS = {Group.DISTANCE, Group.OPERATIONS, Group.OPERANDS}
_ARRAYS = ("centre", "scale", "directions", "references")
_EPOCH = (1980, 1, 1, 0, 0, 0)


def columns_digest(groups: Collection[Group] = tuple(Group)) -> str:
    """What every column and token of some groups is, in sixteen characters; descriptors have no names but the text's own."""
    structure = structure_names() if Group.STRUCTURE in groups else ()
    lowered = executed_names() if Group.EXECUTED in groups else ()
    rungs = ladder_names() if Group.LADDERS in groups else ()
    straight = straight_names() if Group.STRAIGHT in groups else ()
    tokens = VOCABULARY if _TOKENS & set(groups) else ()
    pressure = pressure_names() if Group.PRESSURE in groups else ()
    scheduled = scheduled_names() if Group.SCHEDULED in groups else ()
    running = (*RUNNING_VOCABULARY, *BUFFERS, *running_names()) if Group.RUNNING in groups else ()
    in_order = (*RUNNING_VOCABULARY, *sequence_names()) if SEQUENCES.keys() & set(groups) else ()
    mixed = work_names() if Group.WORK in groups else ()
    names = "\n".join(
        (*structure, *lowered, *rungs, "", *straight, "", *tokens, *pressure, *scheduled, *running, *in_order, *mixed)
    )
    return hashlib.sha256(names.encode()).hexdigest()[:16]


def save(path: Path, model: CostModel) -> int:
    """Write a model, complete or not at all; gives its size in bytes."""
    data = to_bytes(model)
    if len(data) > LARGEST:
        raise ArtifactError(str(path), f"the model would have {len(data):,} bytes, {LARGEST:,} are allowed")
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_bytes(data)
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise ArtifactError(str(path), error.strerror or str(error)) from None
    return len(data)


def check_place(path: Path) -> None:
    """Refuse, before anything is computed, a place where no model can be written."""
    part = path.with_name(f"{path.name}.part")
    try:
        part.touch()
        part.unlink()
    except OSError as error:
        raise ArtifactError(str(path), error.strerror or str(error)) from None


def to_bytes(model: CostModel) -> bytes:
    """The file's bytes."""
    files: dict[str, bytes] = {}
    experts = [_expert_to(expert, str(at), files) for at, expert in enumerate(model.experts)]
    groups = {group for expert in model.experts for group in expert.encoder.groups}
    manifest = {"format": _format(model), "columns": columns_digest(groups), "experts": experts}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as archive:
        text = json.dumps(manifest, sort_keys=True, indent=1).encode()
        for name, data in (("manifest.json", text), *sorted(files.items())):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), data, zipfile.ZIP_LZMA)
    return out.getvalue()


def _format(model: CostModel) -> int:
    """The oldest that can hold the model."""
    if any(expert.second is not None for expert in model.experts):
        return FORMAT
    nearby = [shift for expert in model.experts for head in expert.heads if isinstance(shift := head.shift, Nearby)]
    if nearby:
        return _WITHOUT_SECOND if any(shift.beside for shift in nearby) else _WITH_LINES
    return _WITHOUT_LINES if any(expert.trust.bands for expert in model.experts) else _WITHOUT_BANDS


def _expert_to(expert: Expert, folder: str, files: dict[str, bytes]) -> dict[str, Any]:
    for head in expert.heads:
        for at, booster in enumerate(head.boosters):
            if isinstance(booster, Network):
                files |= {
                    f"{folder}/{head.label}.{at}.{name}.npy": _array_to(each) for name, each in booster.arrays.items()
                }
            else:
                files[f"{folder}/{head.label}.{at}.txt"] = booster.text.encode()
        if isinstance(head.shift, Nearby):
            files[f"{folder}/{head.label}.nearby.npy"] = _array_to(head.shift.table)
        elif head.shift is not None:
            files[f"{folder}/{head.label}.shift.txt"] = head.shift.trees.text.encode()
    for label, booster in expert.scales.items():
        files[f"{folder}/{label}.scale.txt"] = booster.text.encode()
    if expert.ranker is not None:
        files[f"{folder}/ranker.txt"] = expert.ranker.text.encode()
    files |= _foreign_to(expert.foreign, f"{folder}/foreign.")
    neighbours = expert.neighbours
    if neighbours is not None:
        files |= _foreign_to(neighbours.measure, f"{folder}/neighbours.")
    return {
        "source": expert.source,
        "target": expert.target,
        "encoder": {
            "groups": [group.value for group in expert.encoder.groups],
            "grams": list(expert.encoder.grams),
            "numbers": list(expert.encoder.numbers),
            "words": list(expert.encoder.words),
        },
        "heads": [_head_to(head, folder, files) for head in expert.heads],
        "scales": sorted(expert.scales),
        "ranker": expert.ranker is not None,
        "rank_weight": expert.rank_weight,
        "edge": expert.foreign.edge,
        "shares": list(expert.trust.shares),
        "widths": {label: list(widths) for label, widths in expert.trust.widths.items()},
        "offsets": dict(expert.trust.offsets),
        "analytical": expert.uses_analytical,
        "samples": expert.samples,
        "families": list(expert.families),
        **_bands_to(expert.trust),
        **({"edges": list(neighbours.edges)} if neighbours is not None else {}),
        **_second_to(expert.second, f"{folder}/second", files),
    }


def _second_to(second: Second | None, folder: str, files: dict[str, bytes]) -> dict[str, Any]:
    """Nothing, of experts that take none."""
    if second is None:
        return {}
    head, core = second.head, second.core
    assert isinstance(head.boosters[0], Booster)
    files[f"{folder}.txt"] = head.boosters[0].text.encode()
    if second.ranker is not None:
        files[f"{folder}.ranker.txt"] = second.ranker.text.encode()
    said = {"core": core.name, "label": head.label, "base": head.base.value, "ranker": second.ranker is not None}
    return {"second": said}


def _second_from(value: Mapping[str, Any], folder: str, files: Mapping[str, bytes], names: list[str]) -> Second | None:
    said = value.get("second")
    if said is None:
        return None
    core, base = known_core(value["target"], said["core"]), Base(said["base"])
    named = said["label"] in PRIMARY and said["label"] in value["offsets"] and MADE_UP in names
    if core is None or base is Base.ANALYTICAL or not named:
        raise ValueError("a second look that is none")
    head = _booster(files[f"{folder}.txt"])
    ranker = _booster(files[f"{folder}.ranker.txt"]) if said["ranker"] else None
    if any(trees.columns != len(names) + TOLD for trees in (head, ranker) if trees is not None):
        raise ValueError("trees for other columns")
    return Second(core, Head(said["label"], Kind.LOG, base, (head,)), ranker)


def _bands_to(trust: Trust) -> dict[str, Any]:
    """Nothing, of experts from before there were bands."""
    if not trust.bands:
        return {}
    return {"bands": {label: list(bands) for label, bands in trust.bands.items()}, "least": dict(trust.least)}


def _foreign_to(foreign: Foreign, prefix: str) -> dict[str, bytes]:
    return {f"{prefix}{name}.npy": _array_to(getattr(foreign, name)) for name in _ARRAYS}


def _foreign_from(files: Mapping[str, bytes], prefix: str, edge: float) -> Foreign:
    centre, scale, directions, references = (_array_from(files[f"{prefix}{name}.npy"]) for name in _ARRAYS)
    return Foreign(centre, scale, directions, references, edge)


def _head_to(head: Head, folder: str, files: dict[str, bytes]) -> dict[str, Any]:
    nearby = isinstance(head.shift, Nearby)
    others = head.shift.beside if isinstance(head.shift, Nearby) else ()
    beside = [
        {"trees": _kept(each.trees, files, f"{folder}/{head.label}.beside.{at}.txt"), "places": list(each.places)}
        for at, each in enumerate(others)
    ]
    shift = [head.shift.slope, head.shift.offset] if isinstance(head.shift, Shift) else None
    networks = [[b.kind.value, b.squash] for b in head.boosters if isinstance(b, Network)]
    return {
        "label": head.label,
        "kind": head.kind.value,
        "base": head.base.value,
        "boosters": len(head.boosters),
        "shift": shift,
        **({"nearby": True} if nearby else {}),
        **({"beside": beside} if beside else {}),
        **({"networks": networks} if networks else {}),
    }


def _kept(trees: Booster, files: dict[str, bytes], name: str) -> str:
    """The file that holds the trees: another expert's, where they are its own and it stands in the same model, else a new one."""
    data = trees.text.encode()
    found = next((each for each, known in files.items() if known == data), name)
    files[found] = data
    return found


def _head_from(value: Mapping[str, Any], folder: str, files: Mapping[str, bytes], form: int, columns: int) -> Head:
    label, shift = value["label"], value["shift"]
    networks = value.get("networks", [])
    if networks:
        boosters = tuple(
            _network(kind, squash, f"{folder}/{label}.{at}.", files) for at, (kind, squash) in enumerate(networks)
        )
    else:
        boosters = tuple(_booster(files[f"{folder}/{label}.{at}.txt"]) for at in range(value["boosters"]))
    moved = Shift(float(shift[0]), float(shift[1]), _booster(files[f"{folder}/{label}.shift.txt"])) if shift else None
    if value.get("nearby"):
        table = _array_from(files[f"{folder}/{label}.nearby.npy"])
        beside = tuple(_beside(each, files, columns) for each in value.get("beside", []))
        moved = Nearby(table if form >= _WITH_LINES else np.insert(table, 3, 0.0, axis=0), beside)
    return Head(label, Kind(value["kind"]), Base(value["base"]), boosters, moved)


def _beside(value: Mapping[str, Any], files: Mapping[str, bytes], columns: int) -> Beside:
    places = tuple(int(each) for each in value["places"])
    if not all(0 <= place < columns for place in places):
        raise ValueError("trees for columns that there are not")
    trees = _booster(files[value["trees"]])
    if trees.columns != len(places):
        raise ValueError("trees for other columns")
    return Beside(trees, places)


def _network(kind: str, squash: bool, prefix: str, files: Mapping[str, bytes]) -> Network:
    arrays = {
        name.removeprefix(prefix).removesuffix(".npy"): _array_from(data).astype(np.float32)
        for name, data in files.items()
        if name.startswith(prefix)
    }
    found, vocabulary = NetworkKind(kind), len(arrays["word"])
    expected = shapes(found, vocabulary) | {"centre": (1,), "spread": (1,)}
    if {name: array.shape for name, array in arrays.items()} != expected:
        raise ValueError("a network of other arrays")
    return Network(found, arrays, bool(squash))


def _array_to(array: NDArray[np.floating[Any]]) -> bytes:
    out = io.BytesIO()
    np.lib.format.write_array(out, array.astype(np.float32), version=(1, 0), allow_pickle=False)
    return out.getvalue()


def load(path: Path) -> CostModel:
    """The model in a file."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableError(str(path), error) from None
    return from_bytes(data, str(path))


def from_bytes(data: bytes, name: str) -> CostModel:
    """The model that bytes are; `name` is for messages."""
    files = _unpacked(data, name)
    try:
        manifest: dict[str, Any] = json.loads(files["manifest.json"])
        found, columns = manifest["format"], manifest["columns"]
    except (KeyError, ValueError, TypeError):
        raise ArtifactError(name, "is not a cost model: it has no readable manifest") from None
    if found not in range(_WITHOUT_BANDS, FORMAT + 1):
        known = f"{_WITHOUT_BANDS} to {FORMAT}"
        raise ArtifactError(name, f"is a cost model of format {found}; this program reads {known}: fit it again")
    ours = columns_digest(_groups_in(manifest, name))
    if columns != ours:
        raise ArtifactError(name, f"was fitted to columns {columns}, this program computes {ours}: fit it again")
    try:
        return CostModel(
            tuple(_expert_from(each, str(at), files, found) for at, each in enumerate(manifest["experts"]))
        )
    except (KeyError, ValueError, TypeError) as error:
        raise ArtifactError(name, f"is damaged: {type(error).__name__}: {error}") from None


def _groups_in(manifest: Mapping[str, Any], name: str) -> set[Group]:
    """Those that this program knows; another one makes another digest."""
    known = {group.value: group for group in Group}
    experts: list[dict[str, Any]] = manifest.get("experts", [])
    try:
        named = [each for expert in experts for each in expert["encoder"]["groups"]]
    except (KeyError, TypeError) as error:
        raise ArtifactError(name, f"is damaged: {type(error).__name__}: {error}") from None
    return {known[each] for each in named if each in known}


def _unpacked(data: bytes, name: str) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > 40 * LARGEST:
                raise ArtifactError(name, "is not a cost model: it would unpack to more than a model can be")
            return {entry: archive.read(entry) for entry in archive.namelist()}
    except (zipfile.BadZipFile, EOFError, NotImplementedError, ValueError, OSError) as error:
        raise ArtifactError(name, f"is not a cost model, or damaged: {error}") from None
    except Exception as error:
        if type(error).__name__ == "LZMAError":
            raise ArtifactError(name, "is damaged: its compressed data does not unpack") from None
        raise


def _expert_from(value: Mapping[str, Any], folder: str, files: Mapping[str, bytes], form: int) -> Expert:
    columns = value["encoder"]
    encoder = Encoder(
        tuple(Group(each) for each in columns["groups"]),
        tuple(columns["grams"]),
        tuple(columns["numbers"]),
        tuple(columns["words"]),
    )
    heads = tuple(_head_from(each, folder, files, form, len(encoder.names)) for each in value["heads"])
    neighbours = None
    if "edges" in value:
        measure = _foreign_from(files, f"{folder}/neighbours.", 1.0)
        neighbours = Neighbours(measure, tuple(float(each) for each in value["edges"]))
    return Expert(
        value["source"],
        value["target"],
        encoder,
        heads,
        {label: _booster(files[f"{folder}/{label}.scale.txt"]) for label in value["scales"]},
        _booster(files[f"{folder}/ranker.txt"]) if value["ranker"] else None,
        float(value["rank_weight"]),
        _foreign_from(files, f"{folder}/foreign.", float(value["edge"])),
        Trust(
            tuple(value["shares"]),
            {label: tuple(widths) for label, widths in value["widths"].items()},
            {label: float(offset) for label, offset in value["offsets"].items()},
            {label: tuple(bands) for label, bands in value.get("bands", {}).items()},
            {label: float(least) for label, least in value.get("least", {}).items()},
        ),
        bool(value["analytical"]),
        int(value["samples"]),
        tuple(value["families"]),
        neighbours,
        _second_from(value, f"{folder}/second", files, encoder.names) if form >= FORMAT else None,
    )


def _booster(data: bytes) -> Booster:
    """Trees as text. LightGBM ends the process on text that it does not understand, so its frame is checked here."""
    text = data.decode()
    sizes = [int(each) for each in text.partition("tree_sizes=")[2].partition("\n")[0].split()]
    body = text.partition("\nTree=0\n")
    if (
        not text.startswith("tree\nversion=v4\n")
        or not text.endswith("end of trees\n")
        or len(body[1] + body[2]) - 1 - 13 != sum(sizes)
    ):
        raise ValueError("trees that are none")
    return Booster(text)


def _array_from(data: bytes) -> Floats:
    return np.lib.format.read_array(io.BytesIO(data), allow_pickle=False).astype(np.float64)
