"""The address line of a property: what the extract asks the address register for."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from address_registry.domain.address_text import EntranceAddress, format_address
from address_registry.domain.entrance import order_entrance_number
from address_registry.store.entrances import FoundAddress, list_addresses, list_leaves
from cadastre.domain.codelist import load_codelist
from cadastre.domain.moment import Moment
from cadastre.domain.unit import UnitPlace
from cadastre.extract.record import Text3
from cadastre.kernel.text import sort_key
from cadastre.services.addresses import AddressAsked


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
    return find_address_texts(connection, [AddressAsked(parcel_ids, building_ids, unit)], at)[0]


def find_address_texts(
    connection: Connection, asked: Sequence[AddressAsked], at: Moment
) -> list[Text3 | None]:
    """Give several addresses at a moment by one question, in the order in which they are asked for."""
    parcel_ids = [each for one in asked for each in one.parcel_ids]
    building_ids = [each for one in asked for each in one.building_ids]
    found = list_addresses(connection, parcel_ids, building_ids, at)
    return [_choose(found, one) for one in asked]


def _choose(found: Sequence[FoundAddress], asked: AddressAsked) -> Text3 | None:
    doors = [one.address for one in found if one.building_id in asked.building_ids]
    plots = [one.address for one in found if one.parcel_id in asked.parcel_ids]
    unit = asked.unit
    if unit is None:
        chosen = doors + plots
    else:
        own = [door for door in doors if door.building_entrance == unit.entrance_number is not None]
        chosen = own or doors or plots
    if not chosen:
        return None
    first = min(chosen, key=_place)
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

    def find_texts(
        self, connection: Connection, asked: Sequence[AddressAsked], at: Moment
    ) -> list[Text3 | None]:
        """Give the addresses of several properties at a moment, in their order."""
        return find_address_texts(connection, asked, at)

    def list_leaves(
        self, connection: Connection, parcel_ids: Sequence[int], building_ids: Sequence[int]
    ) -> list[int]:
        """Give the ledger leaves of every street and entrance that ever bore on these addresses."""
        return list_leaves(connection, parcel_ids, building_ids)


__all__ = ["AddressBook", "find_address_text", "find_address_texts"]
