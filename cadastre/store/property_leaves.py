"""Which ledger leaves, and which land and buildings, a property's extract rests on, over all time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from cadastre.store.tables import (
    building,
    building_unit,
    cadastral_zone,
    parcel_version,
    property_,
    property_object,
    property_right,
    restriction,
)


@dataclass(frozen=True, slots=True)
class Objects:
    """Everything that ever was, carried or surrounded an object of one property."""

    parcel_ids: tuple[int, ...]  # its own land, and the land under the buildings of its units
    building_ids: tuple[int, ...]  # its own, those on its own land, and those of its units
    unit_ids: tuple[int, ...]


def list_objects_of_property(connection: Connection, property_id: int) -> Objects:
    """Objects of a property whatever their state."""
    rows = connection.execute(
        select(property_object.c.parcel_id, property_object.c.building_id, property_object.c.unit_id).where(
            property_object.c.property_id == property_id
        )
    ).all()
    parcels = {row.parcel_id for row in rows}
    buildings = {row.building_id for row in rows}
    units = _sorted(row.unit_id for row in rows)
    on_land = select(building.c.building_id).where(building.c.parcel_id.in_(_sorted(parcels)))
    buildings.update(connection.execute(on_land).scalars())
    of_units = (
        select(building.c.building_id, building.c.parcel_id)
        .join(building_unit, building_unit.c.building_id == building.c.building_id)
        .where(building_unit.c.unit_id.in_(units))
    )
    for row in connection.execute(of_units):
        buildings.add(row.building_id)
        parcels.add(row.parcel_id)
    return Objects(_sorted(parcels), _sorted(buildings), units)


def _sorted(ids: Iterable[int | None]) -> tuple[int, ...]:
    return tuple(sorted({identity for identity in ids if identity is not None}))


def list_leaves_of_property(connection: Connection, property_id: int, objects: Objects) -> list[int]:
    """Leaves that entered or closed any row this property's extract is made of."""
    rows = (
        (property_, property_.c.property_id == property_id),
        (property_object, property_object.c.property_id == property_id),
        (property_right, property_right.c.property_id == property_id),
        (restriction, restriction.c.property_id == property_id),
        (parcel_version, parcel_version.c.parcel_id.in_(objects.parcel_ids)),
        (building, building.c.building_id.in_(objects.building_ids)),
        (building_unit, building_unit.c.unit_id.in_(objects.unit_ids)),
    )
    leaves: set[int] = set()
    for table, where in rows:
        for row in connection.execute(select(table.c.recorded_leaf, table.c.superseded_leaf).where(where)):
            leaves.update(leaf for leaf in row if leaf is not None)
    leaves.update(_zone_leaves(connection, objects.parcel_ids))
    return sorted(leaves)


def _zone_leaves(connection: Connection, parcel_ids: tuple[int, ...]) -> set[int]:
    """Leaves of every zone that ever held one of these parcels."""
    holds = func.ST_Covers(cadastral_zone.c.geom_wgs84, func.ST_PointOnSurface(parcel_version.c.geom_wgs84))
    query = (
        select(cadastral_zone.c.recorded_leaf, cadastral_zone.c.superseded_leaf)
        .join(parcel_version, holds)
        .where(parcel_version.c.parcel_id.in_(parcel_ids))
    )
    return {leaf for row in connection.execute(query) for leaf in row if leaf is not None}


__all__ = ["Objects", "list_leaves_of_property", "list_objects_of_property"]
