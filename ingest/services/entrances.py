"""Loading of entrances: numbered points on the streets of a district."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import shapely

from address_registry import find_kind, parse_entrance_number, parse_street
from cadastre.kernel.errors import InvalidInput
from cadastre.rules.shape import Geometries, Mask
from cadastre.rules.simple_shape import POINT, check_simple_shapes
from ingest.readers import Field, FieldKind
from ingest.report import LoadReport
from ingest.services.options import Progress, VectorOptions
from ingest.services.vector import Fault, Subject, load_vector
from ingest.vector_shapes import CheckedRows


def load_entrances(
    options: VectorOptions,
    admin_url: str,
    *,
    now: Callable[[], datetime],
    progress: Progress | None = None,
) -> LoadReport:
    """Load the entrances of a district; see :func:`ingest.services.vector.load_vector`."""
    return load_vector(ENTRANCES, options, admin_url, now=now, progress=progress)


def _check_points(geometries: Geometries, missing: Mask) -> CheckedRows:
    found = check_simple_shapes(geometries, missing, POINT)
    found.add("shape-multipart", found.partless, shapely.get_num_geometries(geometries))
    return CheckedRows(found.shapes, found.partless & False, found.findings)


def describe_entrance(values: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    """Read street and number of an entrance.

    Examples
    --------
    >>> described, faults = describe_entrance({"street_name": "Nərgiz küçəsi", "number": "12 a"})
    >>> described["name_key"], described["kind"], described["number"], faults
    ('nergiz', 'kuce', '12A', [])
    >>> describe_entrance({"street_name": "", "number": "A"})[1]
    [('entrance-number-malformed', {'number': 'A'}), ('entrance-street-missing', {})]
    """
    faults: list[Fault] = []
    number = None
    try:
        number = parse_entrance_number(values.get("number") or "")
    except InvalidInput:
        faults.append(("entrance-number-malformed", {"number": str(values.get("number") or "")[:40]}))
    given = values.get("street_kind")
    kind = find_kind(given) if given else None
    if given and kind is None:
        faults.append(("street-kind-unknown", {"kind": str(given)[:60]}))
    street = parse_street(values.get("street_name") or "", kind)
    if not street.name:
        faults.append(("entrance-street-missing", {}))
    nth = values.get("building_entrance")
    described = {
        "name": street.name,
        "name_key": street.key or street.name,
        "kind": street.kind,
        "number": number,
        "cadastral_number": values.get("cadastral_number") or None,
        "building_number": values.get("building_number") or None,
        "building_entrance": None if nth is None else int(nth),
    }
    return described, faults


ENTRANCES: Final = Subject(
    kind="entrances",
    fields=(
        Field("street_name", FieldKind.TEXT, longest=200),
        Field("street_kind", FieldKind.TEXT, longest=60),
        Field("number", FieldKind.TEXT, longest=40),
        Field("cadastral_number", FieldKind.IDENTIFIER),
        Field("building_number", FieldKind.IDENTIFIER),
        Field("building_entrance", FieldKind.INTEGER, least=1, most=100),
    ),
    required=("street_name", "number"),
    locks="address.street, address.entrance",
    check=_check_points,
    describe=describe_entrance,
)

__all__ = ["ENTRANCES", "describe_entrance", "load_entrances"]
