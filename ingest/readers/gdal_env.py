"""The only place where the readers take pyogrio from: GDAL proven to be fenced in."""

from __future__ import annotations

import pyogrio
import pyogrio.errors
import pyogrio.raw

from cadastre.kernel.errors import Unavailable
from ingest.gdal_fence import ALLOWED_DRIVERS


def require_fenced() -> None:
    """Raise when GDAL was loaded before the fence and still has drivers that read other files."""
    extra = sorted(set(pyogrio.list_drivers()) - ALLOWED_DRIVERS)
    if extra:
        msg = (
            f"GDAL was started with drivers that may read other files ({', '.join(extra[:3])}, ...): "
            "import ingest before anything that imports pyogrio."
        )
        raise Unavailable(msg, code="gdal-not-fenced")


__all__ = ["pyogrio", "require_fenced"]
