"""The address register: streets, entrances and the addresses of parcels and buildings."""

from __future__ import annotations

from address_registry.domain.address_text import EntranceAddress, format_address
from address_registry.domain.entrance import order_entrance_number, parse_entrance_number
from address_registry.domain.street import (
    KINDS,
    MAX_NAME_WORDS,
    StreetKind,
    StreetName,
    find_kind,
    parse_street,
)
from address_registry.services.address_text import AddressBook, find_address_text
from address_registry.services.following import Followed, follow_ground

__all__ = [
    "KINDS",
    "MAX_NAME_WORDS",
    "AddressBook",
    "EntranceAddress",
    "Followed",
    "StreetKind",
    "StreetName",
    "find_address_text",
    "find_kind",
    "follow_ground",
    "format_address",
    "order_entrance_number",
    "parse_entrance_number",
    "parse_street",
]
