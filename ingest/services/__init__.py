"""What ingest does for its callers: one function per kind of file.

Each loader is fetched when it is first asked for: a load of parcels does not wait for
what reads workbooks and compares addresses.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ingest.services.options import (
    DistrictOptions,
    LoadOptions,
    Progress,
    TableOptions,
    VectorOptions,
    ZoneOptions,
)

if TYPE_CHECKING:
    from ingest.services.buildings import load_buildings
    from ingest.services.districts import load_districts
    from ingest.services.entrances import load_entrances
    from ingest.services.parcels import load_parcels
    from ingest.services.rights import load_rights
    from ingest.services.streets import load_streets
    from ingest.services.units import load_units
    from ingest.services.zones import load_zones


def __getattr__(name: str) -> Any:
    """Fetch ``load_<kind>`` from the module of its kind (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{name.removeprefix('load_')}"), name)
    globals()[name] = value
    return value


__all__ = [
    "DistrictOptions",
    "LoadOptions",
    "Progress",
    "TableOptions",
    "VectorOptions",
    "ZoneOptions",
    "load_buildings",
    "load_districts",
    "load_entrances",
    "load_parcels",
    "load_rights",
    "load_streets",
    "load_units",
    "load_zones",
]
