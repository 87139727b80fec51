"""GDAL is fenced by ingest: it comes before whatever else reads files with pyogrio."""

import ingest  # noqa: F401
