"""What ingest does for its callers: one function per kind of file."""

from __future__ import annotations

from ingest.services.load_parcels import LoadOptions, Progress, load_parcels

__all__ = ["LoadOptions", "Progress", "load_parcels"]
