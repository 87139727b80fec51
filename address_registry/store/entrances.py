"""Reads entrances of the address register."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, text

from address_registry.domain.address_text import EntranceAddress

_OF_OBJECTS = text("""
    SELECT DISTINCT s.name_az, s.kind, e.number, s.district_code, e.building_entrance
      FROM address.entrance e JOIN address.street s USING (street_id)
     WHERE e.superseded_leaf IS NULL AND e.valid_to IS NULL
       AND s.superseded_leaf IS NULL AND s.valid_to IS NULL
       AND (e.parcel_id = ANY(:parcels) OR e.building_id = ANY(:buildings))
""")


def list_addresses(
    connection: Connection, parcel_ids: Sequence[int], building_ids: Sequence[int]
) -> list[EntranceAddress]:
    """List the current addresses of parcels and buildings, in no order."""
    bound = {"parcels": list(parcel_ids), "buildings": list(building_ids)}
    return [EntranceAddress(*row) for row in connection.execute(_OF_OBJECTS, bound)]


__all__ = ["list_addresses"]
