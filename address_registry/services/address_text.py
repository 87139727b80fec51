"""The address line of a property: what the extract asks the address register for."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from address_registry.domain.address_text import EntranceAddress, format_address
from address_registry.domain.entrance import order_entrance_number
from address_registry.store.entrances import list_addresses, list_leaves
from cadastre.domain.codelist import load_codelist
from cadastre.domain.moment import Moment
from cadastre.domain.unit import UnitPlace
from cadastre.extract.record import Text3
from cadastre.kernel.text import sort_key


def find_address_text(
    connection: Connection,
    parcel_ids: Sequence[int],
    building_ids: Sequence[int],
    at: Moment,
    unit: UnitPlace | None = None,
) -> Text3 | None:
    """Give the address of parcels and buildings at a moment, or None when no entrance was registered there.

    With several entrances it is the first along the first street in alphabetical order; for a
    unit it is the entrance of its building that leads to it, else the building's first, else
    the first of the land under it.
    """
    if unit is None:
        found = list_addresses(connection, parcel_ids, building_ids, at)
    else:
        doors = list_addresses(connection, [], building_ids, at)
        own = [door for door in doors if door.building_entrance == unit.entrance_number is not None]
        found = own or doors or list_addresses(connection, parcel_ids, [], at)
    if not found:
        return None
    first = min(found, key=_place)
    districts = load_codelist("districts")
    return Text3(
        az=format_address(first, districts, "az", unit),
        en=format_address(first, districts, "en", unit),
        ru=format_address(first, districts, "ru", unit),
    )


def _place(address: EntranceAddress) -> tuple[object, ...]:
    return sort_key(address.street_name), address.street_kind, order_entrance_number(address.number)


class AddressBook:
    """Fills the port of the same name: what extracts and their verification ask the address register."""

    def find_text(
        self,
        connection: Connection,
        parcel_ids: Sequence[int],
        building_ids: Sequence[int],
        at: Moment,
        unit: UnitPlace | None = None,
    ) -> Text3 | None:
        """Give the address of parcels and buildings at a moment; a unit's with its number."""
        return find_address_text(connection, parcel_ids, building_ids, at, unit)

    def list_leaves(
        self, connection: Connection, parcel_ids: Sequence[int], building_ids: Sequence[int]
    ) -> list[int]:
        """Give the ledger leaves of every street and entrance that ever bore on these addresses."""
        return list_leaves(connection, parcel_ids, building_ids)


__all__ = ["AddressBook", "find_address_text"]
