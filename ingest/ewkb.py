"""Polygons as extended well-known binary, written for whole columns at a time."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely

_HEAD: Final = np.dtype(
    [("order", "u1"), ("type", "<u4"), ("srid", "<u4"), ("rings", "<u4"), ("points", "<u4")]
)
_POLYGON_WITH_SRID: Final = 0x20000003
_NOTHING: Final = pa.scalar(b"", pa.binary())


def write_ewkb(polygons: npt.NDArray[np.object_], srid: int) -> pa.Array:
    """Write polygons as EWKB, little endian.

    Parameters
    ----------
    polygons
        ``(n,)`` two-dimensional Polygons; none missing or empty.
    srid
        EPSG code written into each.

    Returns
    -------
    pyarrow.Array
        ``(n,)`` binary, the very bytes of ``shapely.to_wkb(..., include_srid=True)``.

    Examples
    --------
    >>> box = shapely.set_srid(shapely.box(0, 0, 1, 1), 32639)
    >>> write_ewkb(np.array([box]), 32639)[0].as_py() == shapely.to_wkb(box, include_srid=True)
    True
    >>> len(write_ewkb(np.array([], dtype=object), 32639))
    0
    """
    counts = shapely.get_num_coordinates(polygons)
    head = np.empty(len(polygons), dtype=_HEAD)
    head["order"], head["type"], head["srid"], head["rings"] = 1, _POLYGON_WITH_SRID, srid, 1
    head["points"] = counts
    xy = np.ascontiguousarray(shapely.get_coordinates(polygons), dtype="<f8")
    ends = np.concatenate(([0], np.cumsum(counts, dtype=np.int64))) * 16
    written = pc.binary_join_element_wise(
        _cut(head.tobytes(), np.arange(len(head) + 1) * _HEAD.itemsize), _cut(xy.tobytes(), ends), _NOTHING
    )
    holed = shapely.get_num_interior_rings(polygons) > 0
    if holed.any():
        exact = shapely.to_wkb(shapely.set_srid(polygons[holed], srid), include_srid=True, byte_order=1)
        written = pc.replace_with_mask(written, pa.array(holed), pa.array(exact, pa.binary()))
    return written


def _cut(data: bytes, ends: npt.NDArray[np.int64]) -> pa.Array:
    offsets = pa.py_buffer(ends.astype(np.int32).tobytes())
    return pa.Array.from_buffers(pa.binary(), len(ends) - 1, [None, offsets, pa.py_buffer(data)])


__all__ = ["write_ewkb"]
