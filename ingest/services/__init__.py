"""What ingest does for its callers: one function per kind of file."""

from __future__ import annotations

from ingest.services.load_parcels import LoadOptions, Progress, load_parcels
from ingest.services.load_rights import RightsOptions, load_rights

__all__ = ["LoadOptions", "Progress", "RightsOptions", "load_parcels", "load_rights"]
