"""Reading files, checking them, and bringing what passes into the register.

Importing this package fences GDAL in (``ingest.gdal_fence``); nothing else happens.
"""

from __future__ import annotations

from ingest import gdal_fence

__all__ = ["gdal_fence"]
