"""What ingest does for its callers: one function per kind of file."""

from __future__ import annotations

from ingest.services.load_buildings import load_buildings
from ingest.services.load_districts import DistrictOptions, load_districts
from ingest.services.load_entrances import load_entrances
from ingest.services.load_parcels import Progress, load_parcels
from ingest.services.load_rights import load_rights
from ingest.services.load_streets import load_streets
from ingest.services.load_units import load_units
from ingest.services.options import LoadOptions, TableOptions, VectorOptions

__all__ = [
    "DistrictOptions",
    "LoadOptions",
    "Progress",
    "TableOptions",
    "VectorOptions",
    "load_buildings",
    "load_districts",
    "load_entrances",
    "load_parcels",
    "load_rights",
    "load_streets",
    "load_units",
]
