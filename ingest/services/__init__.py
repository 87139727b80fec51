"""What ingest does for its callers: one function per kind of file."""

from __future__ import annotations

from ingest.services.load_districts import DistrictOptions, load_districts
from ingest.services.load_parcels import LoadOptions, Progress, load_parcels
from ingest.services.load_rights import RightsOptions, load_rights

__all__ = [
    "DistrictOptions",
    "LoadOptions",
    "Progress",
    "RightsOptions",
    "load_districts",
    "load_parcels",
    "load_rights",
]
