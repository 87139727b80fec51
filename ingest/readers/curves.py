"""Curved geometry (ISO 19125 types 8-12) turned into straight segments, with the error stated.

GDAL does this silently, with a fixed 4 degree step. Here an arc is cut so that
no chord leaves it by more than ``sagitta_m`` and the caller is told.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_MAX_SEGMENTS = 10_000
_CIRCULAR, _COMPOUND, _CURVE_POLYGON, _MULTI_CURVE, _MULTI_SURFACE = 8, 9, 10, 11, 12
_LINEAR_OF = {_CIRCULAR: 2, _COMPOUND: 2, _CURVE_POLYGON: 3, _MULTI_CURVE: 5, _MULTI_SURFACE: 6}
CURVED_TYPES = frozenset(_LINEAR_OF)


class BrokenWkbError(ValueError):
    """The bytes are not well-known binary."""


@dataclass(slots=True)
class _Cursor:
    data: bytes
    at: int = 0

    def read(self, layout: str) -> tuple[float, ...]:
        size = struct.calcsize(layout)
        if self.at + size > len(self.data):
            raise BrokenWkbError("well-known binary is cut short")
        values = struct.unpack_from(layout, self.data, self.at)
        self.at += size
        return values


def get_wkb_type(wkb: bytes) -> int:
    """Return the plain geometry type number of well-known binary (0 when there is none)."""
    if len(wkb) < 5:
        return 0
    code = int(struct.unpack_from("<I" if wkb[0] == 1 else ">I", wkb, 1)[0])
    return (code & 0x0FFFFFFF) % 1000


def linearise(wkb: bytes, sagitta: float) -> bytes:
    """Return the same geometry as straight 2D well-known binary.

    Parameters
    ----------
    wkb
        ISO or EWKB bytes of any type; Z and M are dropped.
    sagitta
        Largest distance between an arc and its chord, in the units of the coordinates.

    Raises
    ------
    BrokenWkbError
        When the bytes are not well-known binary of a known type.
    """
    if sagitta <= 0:
        raise ValueError("sagitta must be positive")
    return _convert(_Cursor(wkb), sagitta)


def _read_header(cursor: _Cursor) -> tuple[str, int, int]:
    order = "<" if cursor.read("<B")[0] == 1 else ">"
    code = int(cursor.read(f"{order}I")[0])
    extra = bin(code >> 30 & 0b11).count("1")
    if code & 0x20000000:
        cursor.read(f"{order}I")
    code &= 0x0FFFFFFF
    extra = max(extra, {0: 0, 1: 1, 2: 1, 3: 2}.get(code // 1000, 0))
    return order, code % 1000, 2 + extra


def _convert(cursor: _Cursor, sagitta: float) -> bytes:
    order, kind, dims = _read_header(cursor)
    if kind in (1, 2, _CIRCULAR, _COMPOUND):
        line = _read_line(cursor, order, kind, dims, sagitta)
        if kind == 1:
            return struct.pack("<BI", 1, 1) + line.tobytes()
        return struct.pack("<BII", 1, 2, len(line)) + line.tobytes()
    count = int(cursor.read(f"{order}I")[0])
    if kind == 3:
        rings = [_read_points(cursor, order, dims) for _ in range(count)]
        return _pack_polygon(rings)
    if kind == _CURVE_POLYGON:
        rings = [_read_part(cursor, sagitta) for _ in range(count)]
        return _pack_polygon(rings)
    if kind in (4, 5, 6, 7, _MULTI_CURVE, _MULTI_SURFACE):
        parts = b"".join(_convert(cursor, sagitta) for _ in range(count))
        return struct.pack("<BII", 1, _LINEAR_OF.get(kind, kind), count) + parts
    raise BrokenWkbError(f"unknown geometry type {kind}")


def _read_part(cursor: _Cursor, sagitta: float) -> npt.NDArray[np.float64]:
    order, kind, dims = _read_header(cursor)
    return _read_line(cursor, order, kind, dims, sagitta)


def _read_line(cursor: _Cursor, order: str, kind: int, dims: int, sagitta: float) -> npt.NDArray[np.float64]:
    if kind == 1:
        return np.array([cursor.read(f"{order}{dims}d")[:2]])
    if kind == 2:
        return _read_points(cursor, order, dims)
    if kind == _CIRCULAR:
        return _cut_arcs(_read_points(cursor, order, dims), sagitta)
    if kind != _COMPOUND:
        raise BrokenWkbError(f"geometry type {kind} inside a curve")
    parts = [_read_part(cursor, sagitta) for _ in range(int(cursor.read(f"{order}I")[0]))]
    joined = [parts[0], *(part[1:] for part in parts[1:])] if parts else [np.empty((0, 2))]
    return np.concatenate(joined)


def _read_points(cursor: _Cursor, order: str, dims: int) -> npt.NDArray[np.float64]:
    count = int(cursor.read(f"{order}I")[0])
    size = count * dims * 8
    if cursor.at + size > len(cursor.data):
        raise BrokenWkbError("well-known binary is cut short")
    points = np.frombuffer(cursor.data, f"{order}f8", count * dims, cursor.at).reshape(count, dims)
    cursor.at += size
    return points[:, :2].astype(np.float64)


def _pack_polygon(rings: list[npt.NDArray[np.float64]]) -> bytes:
    body = b"".join(struct.pack("<I", len(ring)) + np.ascontiguousarray(ring).tobytes() for ring in rings)
    return struct.pack("<BII", 1, 3, len(rings)) + body


def _cut_arcs(points: npt.NDArray[np.float64], sagitta: float) -> npt.NDArray[np.float64]:
    pieces = [points[:1]]
    for start in range(0, len(points) - 2, 2):
        pieces.append(_cut_arc(points[start], points[start + 1], points[start + 2], sagitta))
    return np.concatenate(pieces)


def _cut_arc(
    start: npt.NDArray[np.float64],
    middle: npt.NDArray[np.float64],
    end: npt.NDArray[np.float64],
    sagitta: float,
) -> npt.NDArray[np.float64]:
    """Cut one arc through three points; the first point is left out, the last is kept exactly."""
    centre, sweep = _find_circle(start, middle, end)
    if centre is None:
        return np.array([middle, end])
    radius = float(math.dist(start, centre))
    step = 2 * math.acos(max(-1.0, 1 - min(sagitta / radius, 1.0)))
    count = min(_MAX_SEGMENTS, max(2, math.ceil(abs(sweep) / step) if step > 0 else _MAX_SEGMENTS))
    first = math.atan2(start[1] - centre[1], start[0] - centre[0])
    angles = first + sweep * np.arange(1, count) / count
    inner = np.column_stack((centre[0] + radius * np.cos(angles), centre[1] + radius * np.sin(angles)))
    return np.concatenate((inner, end[None, :]))


def _find_circle(
    start: npt.NDArray[np.float64], middle: npt.NDArray[np.float64], end: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64] | None, float]:
    if np.array_equal(start, end):  # a whole circle: the middle point is opposite
        return (start + middle) / 2, 2 * math.pi
    (ax, ay), (bx, by) = middle - start, end - start
    twice = 2 * (ax * by - ay * bx)
    if twice == 0:
        return None, 0.0
    ux = (by * (ax * ax + ay * ay) - ay * (bx * bx + by * by)) / twice
    uy = (ax * (bx * bx + by * by) - bx * (ax * ax + ay * ay)) / twice
    centre = start + np.array([ux, uy])
    first = math.atan2(-uy, -ux)
    last = math.atan2(end[1] - centre[1], end[0] - centre[0])
    sweep = (last - first) % (2 * math.pi)
    return centre, sweep if twice > 0 else sweep - 2 * math.pi


__all__ = ["CURVED_TYPES", "BrokenWkbError", "get_wkb_type", "linearise"]
