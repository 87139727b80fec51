"""Order on the ground: tiles of a fixed grid, numbered along a Hilbert curve."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

TILE_M: Final = 256.0
_ORDER: Final = 17
_LAST: Final = (1 << _ORDER) - 1


def compute_hilbert(x: IntArray, y: IntArray, order: int = _ORDER) -> IntArray:
    """Return the position of grid cells along a Hilbert curve.

    Parameters
    ----------
    x, y
        ``(n,)`` cell numbers; clipped to ``0 .. 2**order - 1``.
    order
        Number of bits of each.

    Examples
    --------
    >>> compute_hilbert(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 0]), order=1).tolist()
    [0, 1, 2, 3]
    >>> compute_hilbert(np.array([], dtype=int), np.array([], dtype=int)).tolist()
    []
    """
    last = (1 << order) - 1
    x, y = np.clip(x, 0, last).astype(np.int64), np.clip(y, 0, last).astype(np.int64)
    code = np.zeros_like(x)
    for bit in range(order - 1, -1, -1):
        side = 1 << bit
        right, up = (x & side) > 0, (y & side) > 0
        code += side * side * ((3 * right) ^ up)
        flip = right & ~up
        x, y = np.where(flip, side - 1 - (x & (side - 1)), x), np.where(flip, side - 1 - (y & (side - 1)), y)
        x, y = np.where(~up, y, x), np.where(~up, x, y)
    return code


def list_tiles(boxes: FloatArray) -> tuple[IntArray, IntArray]:
    """List the tiles that boxes touch.

    Parameters
    ----------
    boxes
        ``(n, 4)`` of min easting, min northing, max easting, max northing, metres in one UTM zone.

    Returns
    -------
    tiles, owners
        Hilbert number of each touched tile, and the box it belongs to; the first of a
        box is the tile of its lower left corner.

    Examples
    --------
    >>> tiles, owners = list_tiles(np.array([[0, 0, 10, 10], [250, 0, 260, 10.0]]))
    >>> owners.tolist(), len(set(tiles.tolist()))
    ([0, 1, 1], 2)
    """
    low = np.floor(boxes[:, :2] / TILE_M).astype(np.int64)
    size = np.floor(boxes[:, 2:] / TILE_M).astype(np.int64) - low + 1
    count = size[:, 0] * size[:, 1]
    owners = np.repeat(np.arange(len(boxes)), count)
    nth = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    column, line = nth % size[owners, 0], nth // size[owners, 0]
    return compute_hilbert(low[owners, 0] + column, low[owners, 1] + line), owners


__all__ = ["TILE_M", "compute_hilbert", "list_tiles"]
