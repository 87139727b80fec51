"""Buildings set on their parcels, facing the street, and their entrances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from ingest.sample.streets import Bools, Floats, Ints
from ingest.sample.town import Use
from ingest.sample.warp import round_mm

# per Use: part of the front and of the depth, limits of width and depth (m), setback (m), part built on
_HABIT: Final = np.array(
    [
        [0.70, 0.42, 6, 16, 6, 14, 1.0, 5.0, 0.95],
        [0.84, 0.50, 5, 14, 6, 14, 0.6, 1.2, 0.98],
        [0.82, 0.38, 16, 72, 11, 15, 4.0, 9.0, 0.98],
        [0.74, 0.50, 8, 40, 8, 26, 1.0, 6.0, 0.94],
        [0.06, 0.08, 4, 9, 4, 6, 6.0, 12.0, 1.00],
        [0.50, 0.30, 20, 80, 12, 18, 8.0, 14.0, 1.00],
        [0.62, 0.48, 12, 48, 12, 42, 3.0, 10.0, 0.92],
        [0.50, 0.32, 5, 13, 5, 11, 3.0, 9.0, 0.80],
        [0.10, 0.10, 6, 12, 5, 9, 8.0, 20.0, 0.12],
        [0.00, 0.00, 0, 0, 0, 0, 0.0, 0.0, 0.00],
    ]
)
_MARGIN_M: Final = 0.4
_SCALES: Final = (1.0, 0.8, 0.62, 0.45)


@dataclass(slots=True)
class Houses:
    """One building per parcel at most; row ``i`` belongs to parcel ``i``.

    ``corners`` (n, 6, 2) easting, northing: four corners, or six of an L (``angled``), the first
    two on the street side. ``stands`` whether there is a building at all.
    """

    corners: Floats
    stands: Bools
    angled: Bools
    entrances: Ints

    def polygons(self, index: slice) -> NDArray[np.object_]:
        """Build the outlines of the buildings in ``index``, ``None`` where there is none."""
        corners, stands, angled = self.corners[index], self.stands[index], self.angled[index]
        out = np.full(len(stands), None, dtype=object)
        for mask, size in ((stands & ~angled, 4), (stands & angled, 6)):
            if mask.any():
                out[mask] = shapely.polygons(corners[mask, :size])
        return out

    def doors(self, index: slice) -> tuple[Ints, Ints, Floats]:
        """Give parcel (within ``index``), place in its building and position of each entrance."""
        n = np.where(self.stands[index], self.entrances[index], 0)
        parcel = np.repeat(np.arange(len(n)), n)
        nth = np.arange(len(parcel)) - np.repeat(np.cumsum(n) - n, n)
        a, b = self.corners[index][parcel, 0], self.corners[index][parcel, 1]
        return parcel, nth, round_mm(a + (b - a) * ((nth + 0.5) / n[parcel])[:, None])


def plan_houses(use: Ints, seed: np.random.Generator) -> tuple[Bools, Bools, Floats]:
    """Draw which parcels are to be built on, which buildings are L-shaped, and their proportions."""
    n = len(use)
    stands = seed.random(n) < _HABIT[use, 8]
    angled = (seed.random(n) < 0.3) & np.isin(
        use, (Use.HOUSES, Use.SCHOOL, Use.GARDENS, Use.TRADE, Use.INDUSTRY)
    )
    return stands, angled, seed.random((n, 4))


def place_houses(
    parcels: NDArray[np.object_],
    front: Floats,
    inside_left: Bools,
    use: Ints,
    plan: tuple[Bools, Bools, Floats],
) -> Houses:
    """Set a building on each parcel that is to have one.

    Parameters
    ----------
    parcels
        (n,) valid polygons, metres of a projected CRS.
    front
        (n, 2, 2) the two ends of the side towards the street.

    Returns
    -------
    Houses
        Buildings at least 0.4 m within their parcels; a parcel too narrow for one stays empty.
    """
    stands, angled, draw = plan
    size = _Size(shapely.area(parcels), front, use, draw)
    corners = np.zeros((len(use), 6, 2))
    open_ = np.flatnonzero(stands)
    for scale in _SCALES:
        outer, six = _outline(size, (front, inside_left, angled), open_, scale, draw)
        fits = shapely.covers(parcels[open_], shapely.polygons(outer))
        corners[open_[fits]] = six[fits]
        open_ = open_[~fits]
    stands = stands.copy()
    stands[open_] = False
    corners = round_mm(corners.reshape(-1, 2)).reshape(corners.shape)
    corners[~angled, 3] = corners[~angled, 5]
    wide = np.linalg.norm(corners[:, 1] - corners[:, 0], axis=1)
    doors = np.where(use == Use.FLATS, np.clip(np.rint(wide / 17.0), 1, 4), 1).astype(np.int64)
    return Houses(corners, stands, angled, doors)


class _Size:
    """Wanted width, depth, setback and sideways place of each building, metres."""

    def __init__(self, area: Floats, front: Floats, use: Ints, draw: Floats) -> None:
        habit = _HABIT[use]
        self.front_m = np.linalg.norm(front[:, 1] - front[:, 0], axis=1)
        depth = area / np.maximum(self.front_m, 1.0)
        vary = 0.85 + 0.3 * draw
        self.width = np.clip(self.front_m * habit[:, 0] * vary[:, 0], habit[:, 2], habit[:, 3])
        self.depth = np.clip(depth * habit[:, 1] * vary[:, 1], habit[:, 4], habit[:, 5])
        self.setback = habit[:, 6] + (habit[:, 7] - habit[:, 6]) * draw[:, 2]
        self.sideways = draw[:, 3]


def _outline(
    size: _Size, site: tuple[Floats, Bools, Bools], at: Ints, scale: float, draw: Floats
) -> tuple[Floats, Floats]:
    """Give the space that a building needs (k, 4, 2) and its six corners (k, 6, 2)."""
    front, inside_left, angled = site
    a, b = front[at, 0], front[at, 1]
    along = (b - a) / np.maximum(size.front_m[at], 1e-6)[:, None]
    inward = np.column_stack([-along[:, 1], along[:, 0]]) * np.where(inside_left[at], 1.0, -1.0)[:, None]
    w, d = size.width[at] * scale, size.depth[at] * scale
    free = np.maximum(size.front_m[at] - w - 2 * _MARGIN_M, 0.0)
    lean = size.sideways[at] if scale == 1.0 else 0.5 + 0.3 * (size.sideways[at] - 0.5)
    x, y = _MARGIN_M + free * lean, size.setback[at] * (scale if scale == 1.0 else 0.9)
    y = np.maximum(y, _MARGIN_M + 0.1)
    m = _MARGIN_M

    def at_xy(px: Floats, py: Floats) -> Floats:
        place: Floats = a + along * px[:, None] + inward * py[:, None]
        return place

    outer = np.stack(
        [at_xy(x - m, y - m), at_xy(x + w + m, y - m), at_xy(x + w + m, y + d + m), at_xy(x - m, y + d + m)],
        axis=1,
    )
    wing, step = w * (0.4 + 0.25 * draw[at, 1]), d * (0.45 + 0.2 * draw[at, 0])
    left_wing = draw[at, 2] < 0.5
    inner_x = np.where(left_wing, x + wing, x + w - wing)
    right_y = np.where(angled[at] & left_wing, y + step, y + d)
    left_y = np.where(angled[at] & ~left_wing, y + step, y + d)
    six = np.stack(
        [
            at_xy(x, y),
            at_xy(x + w, y),
            at_xy(x + w, right_y),
            at_xy(inner_x, right_y),
            at_xy(inner_x, left_y),
            at_xy(x, left_y),
        ],
        axis=1,
    )
    return outer, six
