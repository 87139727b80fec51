"""Which coordinate systems this country uses, which of them a file can be in, and where the country lies.

Legal geometry is stored in the UTM zone of its district; files arrive in any of
four families of systems. Bounds are ``(west or minimum x, south or minimum y,
east or maximum x, north or maximum y)``, east first whatever the official axis order.

References
----------
Presidential order of 19.07.2025: WGS 84 on UTM is mandatory for cadastral work.
EPSG data set for the systems and their areas of use.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cadastre.kernel.errors import InvalidInput
from cadastre.kernel.operations import (
    COAST_OPERATION,
    INLAND_OPERATION,
    PINNED_OPERATIONS,
    Bounds,
    Coordinates,
    Transformation,
    area_of_use,
    default_operation,
    parse_epsg,
    transformation,
)

WGS84_SRID: Final = 4326
LEGAL_SRIDS: Final = (32638, 32639)
SEAM_LON_DEG: Final = 48.0

COUNTRY_BOUNDS: Final[Bounds] = (44.75, 38.35, 51.0, 41.95)
"""The country with its islands (Neft Daşları is at 50.87), degrees, some kilometres wide of the border."""

_ZONE_MARGIN_DEG: Final = 0.6


@dataclass(frozen=True, slots=True)
class SourceSystem:
    """A system in which Azerbaijani survey files are found; its area of use in degrees of longitude."""

    srid: int
    name: str
    family: Literal["WGS 84", "Pulkovo 1942", "Pulkovo 1942, 3 degrees", "SK-63"]
    west: float
    east: float


SOURCE_SYSTEMS: Final = (
    SourceSystem(32638, "WGS 84 / UTM zone 38N", "WGS 84", 42, 48),
    SourceSystem(32639, "WGS 84 / UTM zone 39N", "WGS 84", 48, 54),
    SourceSystem(4326, "WGS 84", "WGS 84", -180, 180),
    SourceSystem(28408, "Pulkovo 1942 / Gauss-Kruger zone 8", "Pulkovo 1942", 42, 48),
    SourceSystem(28409, "Pulkovo 1942 / Gauss-Kruger zone 9", "Pulkovo 1942", 48, 54),
    SourceSystem(2498, "Pulkovo 1942 / Gauss-Kruger CM 45E", "Pulkovo 1942", 42, 48),
    SourceSystem(2499, "Pulkovo 1942 / Gauss-Kruger CM 51E", "Pulkovo 1942", 48, 54),
    SourceSystem(2531, "Pulkovo 1942 / 3-degree Gauss-Kruger zone 15", "Pulkovo 1942, 3 degrees", 43.5, 46.5),
    SourceSystem(2532, "Pulkovo 1942 / 3-degree Gauss-Kruger zone 16", "Pulkovo 1942, 3 degrees", 46.5, 49.5),
    SourceSystem(2533, "Pulkovo 1942 / 3-degree Gauss-Kruger zone 17", "Pulkovo 1942, 3 degrees", 49.5, 52.5),
    SourceSystem(2590, "Pulkovo 1942 / 3-degree Gauss-Kruger CM 45E", "Pulkovo 1942, 3 degrees", 43.5, 46.5),
    SourceSystem(2591, "Pulkovo 1942 / 3-degree Gauss-Kruger CM 48E", "Pulkovo 1942, 3 degrees", 46.5, 49.5),
    SourceSystem(2592, "Pulkovo 1942 / 3-degree Gauss-Kruger CM 51E", "Pulkovo 1942, 3 degrees", 49.5, 52.5),
    SourceSystem(2936, "Pulkovo 1942 / CS63 zone A2", "SK-63", 43.03, 46.04),
    SourceSystem(2937, "Pulkovo 1942 / CS63 zone A3", "SK-63", 46.03, 49.04),
    SourceSystem(2938, "Pulkovo 1942 / CS63 zone A4", "SK-63", 49.03, 51.73),
    SourceSystem(4284, "Pulkovo 1942", "Pulkovo 1942", 19.57, 180),
)
"""The plausible ones, most plausible first."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A system that places some bounds in the country; ``swapped`` when only with x and y exchanged."""

    system: SourceSystem
    swapped: bool
    bounds_wgs84: Bounds

    def __str__(self) -> str:
        suffix = " with x and y swapped" if self.swapped else ""
        return f"EPSG:{self.system.srid} ({self.system.name}){suffix}"


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a declared system puts a file: inside the country or not, and what would put it inside."""

    srid: int
    inside: bool
    bounds_wgs84: Bounds | None
    candidates: tuple[Candidate, ...]

    def sentence(self) -> str:
        """Say in one sentence what is wrong with the place, and what fits; empty when nothing is."""
        if self.inside:
            return ""
        start = f"In EPSG:{self.srid} the coordinates lie outside Azerbaijan"
        if not self.candidates:
            return f"{start}, and in no coordinate system used here do they lie inside."
        return f"{start}; they would lie inside in {_either(self.candidates)}."


def check_placement(bounds: Bounds, srid: int) -> Placement:
    """Find where a declared system places the bounds of a file.

    Parameters
    ----------
    bounds
        In the declared system, metres or degrees.
    srid
        EPSG code of the declared system.

    Returns
    -------
    Placement
        ``inside`` only when the whole of the bounds lies in the country; otherwise with every system
        that would place them inside.

    Examples
    --------
    >>> check_placement((410000.0, 4470000.0, 411000.0, 4471000.0), 32639).inside
    True
    >>> check_placement((9410000.0, 4470000.0, 9411000.0, 4471000.0), 28408).sentence()
    'In EPSG:28408 the coordinates lie outside Azerbaijan; they would lie inside in EPSG:28409 \
(Pulkovo 1942 / Gauss-Kruger zone 9).'
    >>> [c.system.srid for c in check_placement((41e4, 447e4, 41e4, 447e4), 32638).candidates][:2]
    [32639, 2499]
    >>> check_placement((math.inf, math.inf, -math.inf, -math.inf), 32639).inside
    False
    """
    placed = _to_wgs84(bounds, srid)
    inside = placed is not None and _within(placed, COUNTRY_BOUNDS)
    return Placement(srid, inside, placed, () if inside else candidate_systems(bounds))


def candidate_systems(bounds: Bounds) -> tuple[Candidate, ...]:
    """Find the systems that place bounds in the country and in their own area of use.

    Parameters
    ----------
    bounds
        In an unknown system.

    Returns
    -------
    tuple of Candidate
        Most plausible first. Readings with x and y exchanged are given only where no straight one
        fits. Empty for coordinates that fit nowhere, or are not finite.

    Examples
    --------
    >>> [c.system.srid for c in candidate_systems((9410000.0, 4470000.0, 9411000.0, 4471000.0))]
    [28409]
    >>> [(c.system.srid, c.swapped) for c in candidate_systems((40.3, 49.8, 40.4, 49.9))]
    [(4326, True), (4284, True)]
    >>> candidate_systems((0.0, 0.0, 0.0, 0.0))
    ()
    """
    if not all(math.isfinite(value) for value in bounds):
        return ()
    west, south, east, north = bounds
    straight = _fitting(bounds, swapped=False)
    return straight or _fitting((south, west, north, east), swapped=True)


def measure_overhang_deg(
    low: NDArray[np.float64], high: NDArray[np.float64], legal_srid: int
) -> NDArray[np.float64]:
    """Measure how far extents of longitude reach beyond the six degrees of a UTM zone of the country.

    Parameters
    ----------
    low, high
        ``(n,)`` least and greatest longitude, degrees.
    legal_srid
        EPSG:32638 or EPSG:32639.

    Examples
    --------
    >>> measure_overhang_deg(np.array([47.0, 49.9]), np.array([48.2, 50.0]), 32638).round(3).tolist()
    [0.2, 2.0]
    """
    west = SEAM_LON_DEG - 6.0 if legal_srid == LEGAL_SRIDS[0] else SEAM_LON_DEG
    return np.maximum(np.maximum(west - low, high - (west + 6.0)), 0.0)


def legal_srid_at(lon_deg: float) -> int:
    """Give the mandated UTM zone of a meridian; a district's own zone is in its codelist entry.

    Examples
    --------
    >>> legal_srid_at(47.999), legal_srid_at(48.0)
    (32638, 32639)
    """
    return LEGAL_SRIDS[0] if lon_deg < SEAM_LON_DEG else LEGAL_SRIDS[1]


def is_in_country(lon_deg: ArrayLike, lat_deg: ArrayLike) -> NDArray[np.bool_]:
    """Tell for points in degrees whether they lie in the country's bounds; nan does not.

    Examples
    --------
    >>> is_in_country([49.9, -76.7, np.nan], [40.4, 37.3, 40.0]).tolist()
    [True, False, False]
    >>> is_in_country([], []).tolist()
    []
    """
    lon, lat = np.asarray(lon_deg, dtype=np.float64), np.asarray(lat_deg, dtype=np.float64)
    west, south, east, north = COUNTRY_BOUNDS
    return np.asarray((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))


def identify_srid(definition: str) -> int:
    """Find the EPSG code of a system given as ``EPSG:n``, WKT (ESRI's too) or PROJ text.

    Examples
    --------
    >>> identify_srid("EPSG:28409"), identify_srid("OGC:CRS84")
    (28409, 4326)
    """
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        system = CRS.from_user_input(definition)
    except CRSError:
        shown = definition if len(definition) < 60 else definition[:57] + "..."
        raise InvalidInput(
            f"{shown!r} does not describe a coordinate system; name one as EPSG:n.", code="crs-malformed"
        ) from None
    if system.is_compound:
        system = system.sub_crs_list[0]
    code = _code_of(system)
    if code is None:
        raise InvalidInput(
            f"The coordinate system {system.name!r} has no EPSG code; "
            f"name the one that it stands for: {describe_source_systems()}.",
            code="crs-without-code",
        )
    return code


def describe_source_systems() -> str:
    """List the plausible systems for a person who must name one."""
    return ", ".join(f"EPSG:{system.srid} ({system.name})" for system in SOURCE_SYSTEMS)


def explain_missing_crs(bounds: Bounds) -> str:
    """Say what to do about a file without a coordinate system, naming those that fit its coordinates.

    Examples
    --------
    >>> explain_missing_crs((9410000.0, 4470000.0, 9411000.0, 4471000.0))
    'The file declares no coordinate system; its coordinates fit EPSG:28409 (Pulkovo 1942 / \
Gauss-Kruger zone 9). Name the right one, such as --crs EPSG:28409.'
    """
    found = candidate_systems(bounds)
    if not found:
        return (
            "The file declares no coordinate system and its coordinates fit none that is used here: "
            f"{describe_source_systems()}."
        )
    return (
        f"The file declares no coordinate system; its coordinates fit {_either(found)}. "
        f"Name the right one, such as --crs EPSG:{found[0].system.srid}."
    )


def compute_default_operation(bounds: Bounds, source_srid: int) -> int | None:
    """Choose the pinned operation for a file, or None when its datum is not Pulkovo 1942.

    Examples
    --------
    >>> compute_default_operation((9410000.0, 4470000.0, 9411000.0, 4471000.0), 28409)
    1808
    >>> compute_default_operation((9350000.0, 4310000.0, 9351000.0, 4311000.0), 28409)
    1809
    >>> compute_default_operation((410000.0, 4470000.0, 411000.0, 4471000.0), 32639) is None
    True
    """
    if transformation(source_srid, WGS84_SRID).operation_code is None:
        return None
    placed = _to_wgs84(bounds, source_srid)
    return INLAND_OPERATION if placed is None else default_operation(placed)


def _fitting(bounds: Bounds, *, swapped: bool) -> tuple[Candidate, ...]:
    found = []
    for system in SOURCE_SYSTEMS:
        placed = _to_wgs84(bounds, system.srid)
        if placed is None or not _within(placed, COUNTRY_BOUNDS):
            continue
        if system.west - _ZONE_MARGIN_DEG <= placed[0] and placed[2] <= system.east + _ZONE_MARGIN_DEG:
            found.append(Candidate(system, swapped, placed))
    return tuple(found)


def _to_wgs84(bounds: Bounds, srid: int) -> Bounds | None:
    """Carry the corners and the middle of bounds to degrees; None when one of them has no image."""
    west, south, east, north = bounds
    if not (west <= east and south <= north):
        return None
    xs = (west, west, east, east, (west + east) / 2)
    ys = (south, north, south, north, (south + north) / 2)
    placed = transformation(srid, WGS84_SRID).apply(np.column_stack([xs, ys]))
    if not np.isfinite(placed).all():
        return None
    (lon_min, lat_min), (lon_max, lat_max) = placed.min(axis=0), placed.max(axis=0)
    return (float(lon_min), float(lat_min), float(lon_max), float(lat_max))


def _within(inner: Bounds, outer: Bounds) -> bool:
    inside = outer[0] <= inner[0] and outer[1] <= inner[1]
    return inside and inner[2] <= outer[2] and inner[3] <= outer[3]


def _either(candidates: tuple[Candidate, ...]) -> str:
    return ", or ".join(str(candidate) for candidate in candidates)


def _code_of(system: Any) -> int | None:
    """Give the EPSG code of a system, or of its two-dimensional form; CRS84 is 4326 read east first."""
    authority = system.to_authority(min_confidence=70)
    if authority and authority[0] == "OGC" and authority[1] in ("CRS84", "84"):
        return WGS84_SRID
    code = system.to_epsg(min_confidence=70)
    if code is None or len(system.axis_info) > 2:
        code = system.to_2d().to_epsg(min_confidence=70)
    return None if code is None else int(code)


__all__ = [
    "COAST_OPERATION",
    "COUNTRY_BOUNDS",
    "INLAND_OPERATION",
    "LEGAL_SRIDS",
    "PINNED_OPERATIONS",
    "SEAM_LON_DEG",
    "SOURCE_SYSTEMS",
    "WGS84_SRID",
    "Bounds",
    "Candidate",
    "Coordinates",
    "Placement",
    "SourceSystem",
    "Transformation",
    "area_of_use",
    "candidate_systems",
    "check_placement",
    "compute_default_operation",
    "default_operation",
    "describe_source_systems",
    "explain_missing_crs",
    "identify_srid",
    "is_in_country",
    "legal_srid_at",
    "measure_overhang_deg",
    "parse_epsg",
    "transformation",
]
