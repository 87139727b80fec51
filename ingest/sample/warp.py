"""From the flat sheet of the street plan to the ground: turned, and bent so that streets curve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from pyproj import Transformer
from pyproj.enums import TransformDirection

from ingest.sample.spec import GAUSS_KRUGER_9, Anchor
from ingest.sample.streets import Floats

_WAVES_M: Final = ((5200.0, 120.0), (2300.0, 42.0), (900.0, 9.0), (430.0, 2.4))
_FROM_GAUSS_KRUGER_9: Final = (
    "+proj=pipeline +step +inv +proj=tmerc +lat_0=0 +lon_0=51 +k=1 +x_0=9500000 +y_0=0 +ellps=krass "
    "+step +proj=push +v_3 +step +proj=cart +ellps=krass "
    "+step +proj=helmert +x=686.1 +y=-123.5 +z=-574.4 +rx=8.045 +ry=-23.366 +rz=10.791 "
    "+s=-2.926 +convention=position_vector "
    "+step +inv +proj=cart +ellps=WGS84 +step +proj=pop +v_3 +step +proj=utm +zone=39 +ellps=WGS84"
)


@dataclass(frozen=True, slots=True)
class Ground:
    """Places sheet coordinates in the UTM zone of a district."""

    easting_m: float
    northing_m: float
    angle: float
    phases: Floats
    srid: int

    def place(self, sheet: Floats) -> Floats:
        """Place points.

        Parameters
        ----------
        sheet
            (n, 2) metres east and north of the town's middle on the flat sheet.

        Returns
        -------
        numpy.ndarray
            (n, 2) easting, northing in metres of the district's UTM zone, rounded to
            the millimetre; the order is kept, none gives none. Equal input gives
            bitwise equal output, so a shared vertex stays shared.
        """
        x, y = sheet[:, 0], sheet[:, 1]
        moved_x, moved_y = x.copy(), y.copy()
        for (wave, swing), (a, b, c, d) in zip(_WAVES_M, self.phases, strict=True):
            k = 2 * np.pi / wave
            moved_x += swing * np.sin(k * (0.94 * y + 0.34 * x) + a) * (0.8 + 0.2 * np.sin(k * x / 2 + b))
            moved_y += swing * np.sin(k * (0.90 * x - 0.43 * y) + c) * (0.8 + 0.2 * np.sin(k * y / 2 + d))
        cos, sin = np.cos(self.angle), np.sin(self.angle)
        out = np.empty((len(sheet), 2))
        out[:, 0] = self.easting_m + cos * moved_x - sin * moved_y
        out[:, 1] = self.northing_m + sin * moved_x + cos * moved_y
        return round_mm(out)


def ground_of(anchor: Anchor, rng: np.random.Generator) -> Ground:
    """Give the ground of a district: its middle, a seeded turn and seeded bends."""
    to_utm = Transformer.from_crs(4326, anchor.srid, always_xy=True)
    easting, northing = to_utm.transform(anchor.lon, anchor.lat)
    angle = float(rng.uniform(0.12, 0.5))
    return Ground(easting, northing, angle, rng.uniform(0, 2 * np.pi, (len(_WAVES_M), 4)), anchor.srid)


def to_output(points: Floats, target: int) -> Floats:
    """Bring UTM coordinates into the CRS of the files, to the millimetre.

    Parameters
    ----------
    points
        (n, 2) easting, northing in metres: EPSG:32639, or already the target system.
    target
        28409 applies the inverse of EPSG operation 1808; any other code changes nothing.

    Returns
    -------
    numpy.ndarray
        (n, 2) easting, northing in metres of ``target``; none gives none. The operation itself
        brings them back within a millimetre: a plane inverse that leaves the height behind
        is 11 mm off here, so what it misses is added.

    References
    ----------
    EPSG coordinate operation 1808 (Pulkovo 1942 to WGS 84 (14), position vector).
    """
    if target != GAUSS_KRUGER_9:
        return points
    pipeline = Transformer.from_pipeline(_FROM_GAUSS_KRUGER_9)
    x, y = pipeline.transform(points[:, 0], points[:, 1], direction=TransformDirection.INVERSE)
    back_x, back_y = pipeline.transform(x, y)
    return round_mm(np.column_stack([x + points[:, 0] - back_x, y + points[:, 1] - back_y]))


def round_mm(points: Floats) -> Floats:
    """Round metres to whole millimetres, so that each value is the double nearest to its decimal.

    Examples
    --------
    >>> round_mm(np.array([[0.00049, 1.2345678]])).tolist()
    [[0.0, 1.235]]
    >>> round_mm(np.empty((0, 2))).tolist()
    []
    """
    return np.rint(points * 1000.0) / 1000.0
