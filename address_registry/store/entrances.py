"""Reads entrances of the address register."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from address_registry.domain.address_text import EntranceAddress
from cadastre.db.prepared import fetch, prepared
from cadastre.domain.moment import Moment

_OF_OBJECTS = prepared("""
    SELECT DISTINCT s.name_az, s.kind, e.number, s.district_code, e.building_entrance,
           e.parcel_id, e.building_id
      FROM address.entrance e JOIN address.street s USING (street_id)
     WHERE ledger.is_known(e.recorded_leaf, e.superseded_leaf, :known_at)
       AND ledger.is_in_force(e.valid_from, e.valid_to, :as_of)
       AND ledger.is_known(s.recorded_leaf, s.superseded_leaf, :known_at)
       AND ledger.is_in_force(s.valid_from, s.valid_to, :as_of)
       AND (e.parcel_id = ANY(CAST(:parcels AS bigint[]))
            OR e.building_id = ANY(CAST(:buildings AS bigint[])))
""")
_LEAVES = prepared("""
    SELECT DISTINCT leaf.id
      FROM address.entrance e JOIN address.street s USING (street_id)
     CROSS JOIN LATERAL (VALUES (e.recorded_leaf), (e.superseded_leaf),
                                (s.recorded_leaf), (s.superseded_leaf)) AS leaf(id)
     WHERE leaf.id IS NOT NULL
       AND (e.parcel_id = ANY(CAST(:parcels AS bigint[]))
            OR e.building_id = ANY(CAST(:buildings AS bigint[])))
     ORDER BY leaf.id
""")


@dataclass(frozen=True, slots=True)
class FoundAddress:
    """An address, and what it is the address of."""

    address: EntranceAddress
    parcel_id: int | None
    building_id: int | None


def list_addresses(
    connection: Connection, parcel_ids: Sequence[int], building_ids: Sequence[int], at: Moment
) -> list[FoundAddress]:
    """List the addresses of parcels and buildings at a moment, in no order."""
    bound = {
        "parcels": list(parcel_ids),
        "buildings": list(building_ids),
        "as_of": at.as_of,
        "known_at": at.known_at,
    }
    return [
        FoundAddress(EntranceAddress(*row[:5]), row.parcel_id, row.building_id)
        for row in fetch(connection, _OF_OBJECTS, bound)
    ]


def list_leaves(connection: Connection, parcel_ids: Sequence[int], building_ids: Sequence[int]) -> list[int]:
    """List the leaves that entered or closed any entrance of these objects, or its street."""
    bound = {"parcels": list(parcel_ids), "buildings": list(building_ids)}
    return [row.id for row in fetch(connection, _LEAVES, bound)]


__all__ = ["FoundAddress", "list_addresses", "list_leaves"]
