"""Port to the address register: what a property's address was at a moment, and what it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection

from cadastre.domain.moment import Moment
from cadastre.domain.unit import UnitPlace
from cadastre.extract.record import Text3
from cadastre.store.property_leaves import list_leaves_of_property, list_objects_of_property


@dataclass(frozen=True, slots=True)
class AddressAsked:
    """What an address is asked for: parcels and buildings, or a unit of a building."""

    parcel_ids: Sequence[int]
    building_ids: Sequence[int]
    unit: UnitPlace | None = None


class AddressBook(Protocol):
    """What the register asks the address register."""

    def find_text(
        self,
        connection: Connection,
        parcel_ids: Sequence[int],
        building_ids: Sequence[int],
        at: Moment,
        unit: UnitPlace | None = None,
    ) -> Text3 | None:
        """Give the address of parcels and buildings at a moment; a unit's with its number."""
        ...

    def find_texts(
        self, connection: Connection, asked: Sequence[AddressAsked], at: Moment
    ) -> list[Text3 | None]:
        """Give the addresses of several properties at a moment, in their order."""
        ...

    def list_leaves(
        self, connection: Connection, parcel_ids: Sequence[int], building_ids: Sequence[int]
    ) -> list[int]:
        """Give the ledger leaves of every entry that ever bore on these addresses."""
        ...


def list_leaves_of_extract(connection: Connection, property_id: int, addresses: AddressBook) -> list[int]:
    """Give the leaves of everything that an extract of the property says, its address included."""
    objects = list_objects_of_property(connection, property_id)
    leaves = set(list_leaves_of_property(connection, property_id, objects))
    leaves.update(addresses.list_leaves(connection, objects.parcel_ids, objects.building_ids))
    return sorted(leaves)


__all__ = ["AddressAsked", "AddressBook", "list_leaves_of_extract"]
