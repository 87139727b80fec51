"""In which coordinate system a file is: what it declares, what the caller says, or what would fit."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field
from pathlib import Path

from cadastre.kernel.crs import (
    WGS84_SRID,
    candidate_systems,
    compute_default_operation,
    explain_missing_crs,
    identify_srid,
    parse_epsg,
    transformation,
)
from cadastre.kernel.errors import InvalidInput
from ingest.geometry_column import measure_bounds
from ingest.readers import GEOMETRY, Layer

Bounds = tuple[float, float, float, float]
_NOWHERE: Bounds = (math.inf, math.inf, -math.inf, -math.inf)


@dataclass(frozen=True, slots=True)
class SourceSystem:
    """The system of a file and the pinned way out of it; ``notes`` are findings about the file."""

    srid: int
    operation: int | None
    code: str | None
    accuracy_m: float | None
    notes: list[tuple[str, dict[str, str]]] = field(default_factory=list)


def choose_source(layer: Layer, crs: str | None, operation: str | None) -> SourceSystem:
    """Decide the system of a file before its first row.

    Raises
    ------
    InvalidInput
        The file declares none and none was given (the candidates are named), or a
        code is unknown, or the operation does not belong to the system.
    """
    notes: list[tuple[str, dict[str, str]]] = []
    declared = layer.info.crs
    if crs is not None:
        srid = parse_epsg(crs)
        transformation(srid, WGS84_SRID)
        other = None if declared is None else _identify_or_none(declared)
        if declared is not None and other != srid:
            shown = f"EPSG:{other}" if other else declared[:80]
            notes.append(("file-crs-overridden", {"declared": shown, "used": f"EPSG:{srid}"}))
    elif declared is None:
        raise InvalidInput(explain_missing_crs(measure_layer(layer) or _NOWHERE), code="crs-missing")
    else:
        srid = identify_srid(declared)
    chosen = None if operation is None else parse_epsg(operation)
    if chosen is None and transformation(srid, WGS84_SRID).operation_code is not None:
        chosen = compute_default_operation(measure_layer(layer) or _NOWHERE, srid)
    way = transformation(srid, WGS84_SRID, chosen)
    return SourceSystem(srid, chosen, way.operation_code, way.accuracy_m, notes)


def measure_layer(layer: Layer) -> Bounds | None:
    """Measure the finite coordinates of a layer, in its own system."""
    if layer.info.bounds is not None:
        return layer.info.bounds
    found = [measure_bounds(batch.rows.column(GEOMETRY)) for batch in layer.read()]
    boxes = [box for box in found if box is not None]
    if not boxes:
        return None
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)


def explain_outside(srid: int, bounds: Bounds | None) -> str | None:
    """Say which system or axis order would place the coordinates inside the country."""
    if bounds is None:
        return None
    start = f"In EPSG:{srid} the coordinates lie outside the country"
    fitting = [str(candidate) for candidate in candidate_systems(bounds)]
    if fitting:
        return f"{start}; they would lie inside in {', or '.join(fitting)}."
    return f"{start}, and in no system used here do they lie inside."


def hash_file(path: Path) -> bytes:
    """Return the SHA-256 of a file (of nothing, when it cannot be read: the reader then says why)."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError:
        return hashlib.sha256().digest()


def _identify_or_none(declared: str) -> int | None:
    try:
        return identify_srid(declared)
    except InvalidInput:
        return None


__all__ = ["Bounds", "SourceSystem", "choose_source", "explain_outside", "hash_file", "measure_layer"]
