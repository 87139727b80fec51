"""Loading of buildings: footprints, linked to the parcel they stand on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import numpy as np

from cadastre.kernel.errors import InvalidInput
from cadastre.kernel.ids import parse_cadastral_number
from cadastre.rules.shape import Geometries, Mask, check_shapes
from ingest.readers import Field, FieldKind
from ingest.report import LoadReport
from ingest.services.options import Progress, VectorOptions
from ingest.services.vector import Fault, Subject, load_vector
from ingest.vector_shapes import CheckedRows

_MOST_VERTICES: Final = 100_000
_KIND: Final = "building"


def load_buildings(
    options: VectorOptions,
    admin_url: str,
    *,
    now: Callable[[], datetime],
    progress: Progress | None = None,
) -> LoadReport:
    """Load the buildings of a district; see :func:`ingest.services.vector.load_vector`."""
    return load_vector(BUILDINGS, options, admin_url, now=now, progress=progress)


def _check_polygons(geometries: Geometries, missing: Mask) -> CheckedRows:
    checked = check_shapes(geometries, missing, most_vertices=_MOST_VERTICES)
    return CheckedRows(checked.polygons, np.zeros(len(geometries), dtype=np.bool_), list(checked.findings))


def describe_building(values: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    """Read the number and kind of a building; without a number the register gives one.

    Examples
    --------
    >>> describe_building({"building_number": "A-1-B1", "floors": 3.0})[0]["floors"]
    3
    >>> describe_building({"building_number": "?"})[1]
    [('building-number-malformed', {'number': '?'})]
    """
    faults: list[Fault] = []
    number = values.get("building_number") or None
    if number is not None:
        try:
            number = parse_cadastral_number(number)
        except InvalidInput:
            faults.append(("building-number-malformed", {"number": str(number)[:40]}))
    floors = values.get("floors")
    described = {
        "building_number": number,
        "kind": values.get("kind") or _KIND,
        "floors": None if floors is None else int(floors),
        "cadastral_number": values.get("cadastral_number") or None,
    }
    return described, faults


BUILDINGS: Final = Subject(
    kind="buildings",
    fields=(
        Field("building_number", FieldKind.IDENTIFIER),
        Field("kind", FieldKind.TEXT, longest=60),
        Field("floors", FieldKind.INTEGER, least=1, most=200),
        Field("cadastral_number", FieldKind.IDENTIFIER),
    ),
    required=(),
    locks="cadastre.building",
    check=_check_polygons,
    describe=describe_building,
    has_area=True,
)

__all__ = ["BUILDINGS", "describe_building", "load_buildings"]
