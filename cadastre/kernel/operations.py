"""Pinned coordinate operations: the same file gives the same coordinates on every machine, for ever.

PROJ left alone picks an operation by availability of grids and by area; between
Pulkovo 1942 and WGS 84 its pick lies 1 to 7 m from the one that this register
uses. So every shift of datum is built from an explicit pipeline whose Helmert
parameters, signs of rotation included, come from the EPSG data set.

References
----------
EPSG operations 1807, 1808, 1809 (position vector) and 15865 (coordinate frame);
IOGP Guidance Note 7-2, methods 9606 and 9607.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from cadastre.kernel.errors import InvalidInput

Coordinates = NDArray[np.float64]
Bounds = tuple[float, float, float, float]

PINNED_OPERATIONS: Final = (1808, 1809, 1807, 15865)
INLAND_OPERATION: Final = 1808
COAST_OPERATION: Final = 1809

_PULKOVO_1942: Final = 4284
_WGS_84: Final = 4326
_NOT_CORE: Final = ("+proj=axisswap", "+proj=unitconvert", "+proj=noop", "+proj=pipeline")


@dataclass(frozen=True, slots=True)
class Transformation:
    """One way from a system to another, with what must be recorded beside every row it touched.

    ``operation_code`` is ``EPSG:n`` of the shift of datum, or None when the datum stays
    (``accuracy_m`` is then 0) or when PROJ composed several operations.
    """

    source_srid: int
    target_srid: int
    operation_code: str | None
    accuracy_m: float | None
    definition: str
    _transformer: Any = field(repr=False, compare=False)

    def apply(self, coordinates: Coordinates) -> Coordinates:
        """Transform points.

        Parameters
        ----------
        coordinates
            ``(n, 2)`` in the source system, east (or longitude) first, whatever its official axis
            order; metres, or degrees for a geographic system.

        Returns
        -------
        Coordinates
            ``(n, 2)`` in the target system, same order; nan where no image exists.

        Examples
        --------
        >>> to_utm = transformation(28409, 32639, operation_code=1808)
        >>> to_utm.apply(np.array([[9421000.0, 4475000.0]])).round(3).tolist()
        [[420936.249, 4473126.809]]
        >>> to_utm.apply(np.array([[np.nan, 4475000.0]])).tolist()
        [[nan, nan]]
        >>> to_utm.apply(np.empty((0, 2))).shape
        (0, 2)
        """
        return self._run(coordinates, "FORWARD")

    def undo(self, coordinates: Coordinates) -> Coordinates:
        """Transform points back, from the target to the source; see :meth:`apply`."""
        return self._run(coordinates, "INVERSE")

    def apply_to_geometries(self, geometries: NDArray[np.object_]) -> NDArray[np.object_]:
        """Transform an array of geometries.

        Parameters
        ----------
        geometries
            ``(n,)`` of any type, in the source system, east first; Z is dropped.

        Returns
        -------
        NDArray
            ``(n,)`` in the same order, SRID set to the target; None and empty stay so, and rings
            stay closed. A vertex without image becomes nan.

        Examples
        --------
        >>> shift = transformation(4326, 32639)
        >>> point, nothing = shift.apply_to_geometries(np.array([shapely.Point(51, 0), None]))
        >>> (round(point.x, 3), round(point.y, 3), nothing)
        (500000.0, 0.0, None)
        """
        moved = shapely.transform(geometries, self.apply)
        return np.asarray(shapely.set_srid(moved, self.target_srid), dtype=object)

    def _run(self, coordinates: Coordinates, direction: str) -> Coordinates:
        points = np.asarray(coordinates, dtype=np.float64)
        if points.ndim != 2 or points.shape[1] != 2:
            raise InvalidInput("Coordinates must be an (n, 2) array.", code="coordinates-shape")
        result = np.empty(points.shape, dtype=np.float64)
        result[:, 0], result[:, 1] = points[:, 0], points[:, 1]
        if len(points):
            columns = self._transformer.transform(
                points[:, 0].copy(), points[:, 1].copy(), direction=direction
            )
            result[:, 0], result[:, 1] = columns[0], columns[1]
            result[~np.isfinite(result).all(axis=1)] = np.nan
        return result


@lru_cache(maxsize=64)
def transformation(source_srid: int, target_srid: int, operation_code: int | None = None) -> Transformation:
    """Build the way from one system to another, by a named operation where the datum changes.

    Parameters
    ----------
    source_srid, target_srid
        EPSG codes; geographic two-dimensional or projected systems.
    operation_code
        EPSG code of the operation from Pulkovo 1942 to WGS 84; the inland one when omitted. It is
        refused where the datum does not change so.

    Raises
    ------
    InvalidInput
        Unknown system, unknown operation, or an operation between other datums.

    References
    ----------
    EPSG operation 1808 (AIOC 1997, 5 m), the default of this register.

    Examples
    --------
    >>> way = transformation(28409, 32639)
    >>> way.operation_code, way.accuracy_m
    ('EPSG:1808', 5.0)
    >>> transformation(32638, 32639).accuracy_m
    0.0
    """
    source, target = _horizontal(source_srid), _horizontal(target_srid)
    datums = (_datum(source), _datum(target))
    if datums == (_PULKOVO_1942, _WGS_84):
        return _shifted(source, target, operation_code or INLAND_OPERATION, (source_srid, target_srid))
    if operation_code is not None:
        raise InvalidInput(
            f"EPSG:{operation_code} leads from Pulkovo 1942 to WGS 84, so it does not apply to "
            f"EPSG:{source_srid} and EPSG:{target_srid}; leave the operation out.",
            code="operation-not-applicable",
        )
    if datums == (_WGS_84, _WGS_84) or datums == (_PULKOVO_1942, _PULKOVO_1942):
        pipeline = " ".join(["+proj=pipeline", *_inverse_steps(source), *_forward_steps(target)])
        return Transformation(source_srid, target_srid, None, 0.0, pipeline, _transformer_of(pipeline))
    return _chosen_by_proj(source, target, (source_srid, target_srid))


def parse_epsg(text: str) -> int:
    """Read ``EPSG:n`` (or a bare number) as a code.

    Examples
    --------
    >>> parse_epsg("epsg:28409"), parse_epsg(" 1808 ")
    (28409, 1808)
    """
    authority, _, code = text.strip().rpartition(":")
    if authority.upper() not in ("", "EPSG") or not (code.isascii() and code.isdecimal() and len(code) < 7):
        raise InvalidInput(f"{text!r} is not an EPSG code; write it as EPSG:28409.", code="epsg-malformed")
    return int(code)


@lru_cache(maxsize=16)
def area_of_use(operation_code: int) -> Bounds:
    """Give the area of use of a pinned operation: west, south, east, north in degrees.

    Examples
    --------
    >>> area_of_use(1809)
    (48.93, 38.31, 50.4, 40.33)
    """
    area = _operation(operation_code).area_of_use
    return (area.west, area.south, area.east, area.north)


def default_operation(bounds_wgs84: Bounds) -> int:
    """Choose the operation for a whole file: the coast's when all of it lies there, else the inland one.

    One file is moved by one operation: two of them differ by up to 3 m here and would tear
    neighbours apart.

    Examples
    --------
    >>> default_operation((49.2, 39.0, 49.4, 39.2)), default_operation((49.9, 40.3, 50.3, 40.6))
    (1809, 1808)
    """
    west, south, east, north = area_of_use(COAST_OPERATION)
    inside = west <= bounds_wgs84[0] and south <= bounds_wgs84[1]
    inside = inside and bounds_wgs84[2] <= east and bounds_wgs84[3] <= north
    return COAST_OPERATION if inside else INLAND_OPERATION


def _shifted(source: Any, target: Any, operation_code: int, srids: tuple[int, int]) -> Transformation:
    """Chain inverse projection, the pinned shift of datum and projection."""
    operation = _operation(operation_code)
    shift = [f"+step {step}" for step in _core_steps(operation)]
    steps = ["+proj=pipeline", *_inverse_steps(source), *shift, *_forward_steps(target)]
    pipeline = " ".join(steps)
    return Transformation(
        *srids, f"EPSG:{operation_code}", operation.accuracy, pipeline, _transformer_of(pipeline)
    )


def _chosen_by_proj(source: Any, target: Any, srids: tuple[int, int]) -> Transformation:
    """Take PROJ's best operation for a foreign datum, and record which it was.

    A rough one ("Ballpark" in its name) is the last resort; its accuracy is None: unknown.
    """
    from pyproj.transformer import TransformerGroup

    with warnings.catch_warnings():
        # PROJ tells of better operations whose grids are not installed; the accuracy recorded says as much.
        warnings.simplefilter("ignore", UserWarning)
        group = TransformerGroup(source, target, always_xy=True, allow_ballpark=False)
        if not group.transformers:
            group = TransformerGroup(source, target, always_xy=True)
    if not group.transformers:
        raise InvalidInput(
            f"No known operation leads from EPSG:{srids[0]} to EPSG:{srids[1]}; "
            "transform the file before loading it.",
            code="no-operation",
        )
    best = group.transformers[0]
    accuracy = best.accuracy if best.accuracy >= 0 else None
    return Transformation(*srids, None, accuracy, best.description, best)


def _horizontal(srid: int) -> Any:
    """Give the horizontal, two-dimensional part of a system."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        system = CRS.from_epsg(srid)
    except CRSError:
        raise InvalidInput(
            f"EPSG:{srid} is not a coordinate reference system; look its code up at epsg.org.",
            code="unknown-crs",
        ) from None
    system = system.sub_crs_list[0] if system.is_compound else system.to_2d()
    if not (system.is_geographic or system.is_projected):
        raise InvalidInput(
            f"EPSG:{srid} ({system.name}) is neither geographic nor projected; "
            "parcels need a horizontal system.",
            code="crs-not-horizontal",
        )
    return system


def _datum(system: Any) -> int | None:
    """Give the EPSG code of the geographic system underneath."""
    geographic = system.geodetic_crs
    code = geographic.to_epsg() if geographic is not None else None
    return None if code is None else int(code)


def _operation(operation_code: int) -> Any:
    """Read a pinned operation from the EPSG data set."""
    from pyproj.crs import CoordinateOperation  # type: ignore[attr-defined]

    if operation_code not in PINNED_OPERATIONS:
        known = ", ".join(f"EPSG:{code}" for code in PINNED_OPERATIONS)
        raise InvalidInput(
            f"EPSG:{operation_code} is not an operation from Pulkovo 1942 to WGS 84 that this register "
            f"knows; choose one of {known}.",
            code="unknown-operation",
        )
    return CoordinateOperation.from_epsg(operation_code)


def _core_steps(operation: Any) -> list[str]:
    """Give the steps of an operation without its swaps of axes and units: radians in and out, or metres."""
    parts = str(operation.to_proj4()).split(" +step ")
    return [part.strip() for part in parts if not part.startswith(_NOT_CORE)]


def _forward_steps(system: Any) -> list[str]:
    if system.is_geographic:
        return ["+step +proj=unitconvert +xy_in=rad +xy_out=deg"]
    return [f"+step {step}" for step in _core_steps(system.coordinate_operation)]


def _inverse_steps(system: Any) -> list[str]:
    if system.is_geographic:
        return ["+step +proj=unitconvert +xy_in=deg +xy_out=rad"]
    return [f"+step +inv {step}" for step in reversed(_core_steps(system.coordinate_operation))]


def _transformer_of(pipeline: str) -> Any:
    from pyproj import Transformer

    return Transformer.from_pipeline(pipeline)


__all__ = [
    "COAST_OPERATION",
    "INLAND_OPERATION",
    "PINNED_OPERATIONS",
    "Bounds",
    "Coordinates",
    "Transformation",
    "area_of_use",
    "default_operation",
    "parse_epsg",
    "transformation",
]
