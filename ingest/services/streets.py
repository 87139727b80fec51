"""Loading of streets: directed centre lines with kind and name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Final

import numpy as np
import shapely

from address_registry import MAX_NAME_WORDS, find_kind, parse_street
from cadastre.kernel.errors import InvalidInput
from cadastre.kernel.text import clean_text
from cadastre.rules.shape import Geometries, Mask
from cadastre.rules.simple_shape import LINE, check_simple_shapes
from ingest.readers import Field, FieldKind
from ingest.report import LoadReport
from ingest.services.options import Progress, VectorOptions
from ingest.services.vector import Fault, Subject, load_vector
from ingest.vector_shapes import CheckedRows

_ASSUMED_KIND: Final = "kuce"


def load_streets(
    options: VectorOptions,
    admin_url: str,
    *,
    now: Callable[[], datetime],
    progress: Progress | None = None,
) -> LoadReport:
    """Load the streets of a district; see :func:`ingest.services.vector.load_vector`."""
    subject = replace(STREETS, check=partial(_check_lines, without_line=options.without_line))
    return load_vector(subject, options, admin_url, now=now, progress=progress)


def _check_lines(geometries: Geometries, missing: Mask, *, without_line: bool = False) -> CheckedRows:
    found = check_simple_shapes(geometries, missing, LINE)
    parts = shapely.get_num_geometries(geometries)
    found.add("street-line-dropped" if without_line else "shape-multipart", found.partless, parts)
    nameable = found.partless if without_line else np.zeros_like(found.partless)
    return CheckedRows(found.shapes, nameable, found.findings)


def describe_street(values: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    """Read kind and name of a street.

    Examples
    --------
    >>> describe_street({"name": "Nərgiz küçəsi"})
    ({'name': 'Nərgiz', 'name_key': 'nergiz', 'kind': 'kuce'}, [])
    >>> describe_street({"name": "Dyredvej"})[1], describe_street({"name": None})[1]
    ([('street-kind-assumed', {'name': 'Dyredvej'})], [('street-name-missing', {})])
    """
    try:
        text = clean_text(values.get("name") or "", field="name", max_length=120)
    except InvalidInput as error:
        return {}, [("street-name-missing", {"code": error.code})]
    kind: str | None = None
    faults: list[Fault] = []
    if values.get("kind"):
        kind = find_kind(values["kind"])
        if kind is None:
            faults.append(("street-kind-unknown", {"kind": str(values["kind"])[:60]}))
    street = parse_street(text, kind)
    if not street.name:
        return {}, [*faults, ("street-name-missing", {})]
    if street.kind is None and not faults:
        faults.append(("street-kind-assumed", {"name": street.name}))
    if street.is_long:
        words = len(street.name.split())
        faults.append(("street-name-long", {"name": street.name, "words": words, "limit": MAX_NAME_WORDS}))
    key = street.key or street.name
    return {"name": street.name, "name_key": key, "kind": street.kind or _ASSUMED_KIND}, faults


STREETS: Final = Subject(
    kind="streets",
    fields=(Field("name", FieldKind.TEXT, longest=200), Field("kind", FieldKind.TEXT, longest=60)),
    required=("name",),
    locks="address.street",
    check=_check_lines,
    describe=describe_street,
)

__all__ = ["STREETS", "describe_street", "load_streets"]
