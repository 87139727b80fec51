"""Public questions about parcels."""

from __future__ import annotations

from math import isfinite

from cadastre.db.unit_of_work import UnitOfWork
from cadastre.domain.moment import Moment
from cadastre.domain.parcel import ParcelFacts
from cadastre.kernel.errors import InvalidInput, NotFound
from cadastre.kernel.ids import normalise_identifier
from cadastre.store import parcels as store

MAX_LIMIT = 1000
MAX_BOX_DEG2 = 0.25


def get_parcel(uow: UnitOfWork, cadastral_number: str, at: Moment | None = None) -> ParcelFacts:
    """Public facts of one registered parcel, as it is or stood; its number may be spelled in small letters.

    Raises
    ------
    NotFound
        There is none, or was none at the moment; the code tells whether the number ever was a parcel's.
    """
    number = normalise_identifier(cadastral_number)
    found = store.find_parcel(uow.connection, number, at)
    if found is not None:
        return found
    if store.existed(uow.connection, number):
        raise NotFound(
            "A parcel had this cadastral number, but at another time; ask for its lineage, or with as_of.",
            code="parcel-of-another-time",
        )
    raise NotFound(
        "No registered parcel has this cadastral number; check it against the plan or search the map.",
        code="parcel-not-found",
    )


def list_parcels_in_box(
    uow: UnitOfWork,
    *,
    west: float,
    south: float,
    east: float,
    north: float,
    limit: int = 100,
    at: Moment | None = None,
) -> list[ParcelFacts]:
    """Registered parcels touching a box (degrees, EPSG:4326), at most ``limit``, in order of number.

    Raises
    ------
    InvalidInput
        Not a box inside the globe, larger than ``MAX_BOX_DEG2``, or a limit outside 1..1000.
    """
    numbers = (west, south, east, north)
    inside = all(map(isfinite, numbers)) and -180 <= west < east <= 180 and -90 <= south < north <= 90
    if not inside:
        raise InvalidInput(
            "bbox must be west,south,east,north in degrees with west < east and south < north.",
            code="bad-bbox",
        )
    if (east - west) * (north - south) > MAX_BOX_DEG2:
        raise InvalidInput(
            f"The box covers more than {MAX_BOX_DEG2} square degrees; ask for a smaller one or use tiles.",
            code="bbox-too-large",
            limit_deg2=MAX_BOX_DEG2,
        )
    _require_limit(limit)
    return store.list_parcels_in_box(
        uow.connection, west=west, south=south, east=east, north=north, limit=limit, at=at
    )


def list_parcels_at(
    uow: UnitOfWork, *, lon: float, lat: float, at: Moment | None = None
) -> list[ParcelFacts]:
    """Registered parcels at a point (degrees, EPSG:4326); two or more on a shared boundary."""
    if not (isfinite(lon) and isfinite(lat) and -180 <= lon <= 180 and -90 <= lat <= 90):
        raise InvalidInput("lon must lie in -180..180 and lat in -90..90 degrees.", code="bad-point")
    return store.list_parcels_at(uow.connection, lon=lon, lat=lat, at=at)


def _require_limit(limit: int) -> None:
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidInput(f"limit must lie in 1..{MAX_LIMIT}.", code="bad-limit", maximum=MAX_LIMIT)


__all__ = ["MAX_BOX_DEG2", "MAX_LIMIT", "get_parcel", "list_parcels_at", "list_parcels_in_box"]
