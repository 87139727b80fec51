"""The geometry column of a batch: bytes of any kind into geometries, curves straightened and counted."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from ingest.readers.curves import CURVED_TYPES, BrokenWkbError, linearise

Geometries = npt.NDArray[np.object_]
IntArray = npt.NDArray[np.int64]
_METRES_PER_DEGREE: Final = 111_320.0
_BROKEN: Final = b"\x00"


def read_geometries(
    column: pa.Array, srid: int, sagitta_m: float
) -> tuple[Geometries, npt.NDArray[np.bool_], IntArray]:
    """Read well-known binary of a batch.

    Parameters
    ----------
    column
        ``(n,)`` binary array, ISO or EWKB, any type, null where a row has none.
    srid
        EPSG code of the file, which tells metres from degrees.
    sagitta_m
        Largest distance of an arc from its chord.

    Returns
    -------
    geometries, missing, curved
        ``(n,)`` shapely geometries (None where missing or unreadable), the mask of the
        rows that have no bytes at all, and the rows whose curves were straightened.
    """
    missing = pc.fill_null(pc.equal(pc.binary_length(column), 0), True).to_numpy(zero_copy_only=False)
    wkb = column.to_numpy(zero_copy_only=False)
    curved = np.flatnonzero(np.isin(read_types(column), list(CURVED_TYPES)) & ~missing)
    if missing.any() or curved.size:
        wkb = wkb.copy()
        wkb[missing] = None
    for row in curved.tolist():
        try:
            wkb[row] = linearise(wkb[row], _in_source_units(sagitta_m, srid))
        except BrokenWkbError:
            wkb[row] = _BROKEN
    return _parse(wkb), missing, curved.astype(np.int64)


def measure_bounds(column: pa.Array) -> tuple[float, float, float, float] | None:
    """Measure the finite coordinates of a batch in the system of the file; None when there are none."""
    straight = ~np.isin(read_types(column), list(CURVED_TYPES))
    wkb = column.to_numpy(zero_copy_only=False)[straight]
    boxes = shapely.bounds(_parse(wkb))
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    if not len(boxes):
        return None
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def read_types(column: pa.Array) -> IntArray:
    """Return the plain well-known-binary type number of each row (0 where there is none).

    Examples
    --------
    >>> read_types(pa.array([shapely.to_wkb(shapely.Point(1, 2)), None], pa.binary())).tolist()
    [1, 0]
    """
    size = len(column)
    types = np.zeros(size, dtype=np.int64)
    if size == 0:
        return types
    offsets = np.frombuffer(column.buffers()[1], np.int32, size + 1, column.offset * 4).astype(np.int64)
    data = np.frombuffer(column.buffers()[2] or b"", np.uint8)
    rows = np.flatnonzero(np.diff(offsets) >= 5)
    at = offsets[rows]
    octets = np.stack([data[at + n] for n in range(1, 5)]).astype(np.int64)
    little = octets[0] | octets[1] << 8 | octets[2] << 16 | octets[3] << 24
    big = octets[3] | octets[2] << 8 | octets[1] << 16 | octets[0] << 24
    types[rows] = (np.where(data[at] == 1, little, big) & 0x0FFFFFFF) % 1000
    return types


def _parse(wkb: npt.NDArray[np.object_]) -> Geometries:
    """Parse well-known binary, None where it is unreadable; a coordinate that is no number is no news here.

    NaN in a ring sets the processor's flag, which numpy would tell on stderr; the row gets its finding later.
    """
    with np.errstate(invalid="ignore"):
        geometries: Geometries = shapely.from_wkb(wkb, on_invalid="ignore")
    return geometries


def _in_source_units(length_m: float, srid: int) -> float:
    from pyproj import CRS

    return length_m / _METRES_PER_DEGREE if CRS.from_epsg(srid).is_geographic else length_m


__all__ = ["measure_bounds", "read_geometries", "read_types"]
