"""From the number that somebody names a property by, its own or its parcel's, to the property."""

from __future__ import annotations

from sqlalchemy import Connection

from cadastre.domain.moment import Moment
from cadastre.kernel.ids import is_register_number, resembles_register_number
from cadastre.store import properties as store


def list_candidates(connection: Connection, number: str) -> list[int]:
    """Give every property that the number names or ever named."""
    if is_register_number(number):
        found = store.find_property_id(connection, number)
        return [] if found is None else [found]
    return store.list_properties_of_parcel(connection, number)


def find_named_property(connection: Connection, number: str, at: Moment) -> int | None:
    """Give the property that the number names at a moment; a register number names its own for ever."""
    if is_register_number(number):
        return store.find_property_id(connection, number)
    return store.find_property_of_parcel(connection, number, at)


def is_mistyped(connection: Connection, number: str) -> bool:
    """Whether it is no parcel's number and rather a register number with a digit too many or too few."""
    return resembles_register_number(number) and not store.is_parcel_number(connection, number)


__all__ = ["find_named_property", "is_mistyped", "list_candidates"]
