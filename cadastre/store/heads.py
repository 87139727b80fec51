"""Takes the heads of properties, so that from then on nobody else decides about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from cadastre.db.prepared import fetch, prepared

_ENTER = prepared("""
    SELECT property_id, version, ledger.today() AS today
      FROM registry.enter_properties(CAST(:properties AS bigint[]))
""")
_VERSION = prepared("SELECT registry.property_version(:property)")


@dataclass(frozen=True, slots=True)
class Entered:
    """Properties whose heads are held: what is read of them afterwards stays true until the commit.

    ``today`` is the civil day of the register (Baku) on which this transaction began.
    """

    versions: Mapping[int, int]
    today: date


def enter_properties(connection: Connection, properties: Sequence[int]) -> Entered:
    """Take the heads of properties; waits for whoever holds one of them."""
    rows = fetch(connection, _ENTER, {"properties": list(properties)})
    return _entered([(row.property_id, row.version, row.today) for row in rows])


def get_version(connection: Connection, property_id: int) -> int:
    """Give how often what is registered of a property has changed; it is not entered, only looked at."""
    return int(fetch(connection, _VERSION, {"property": property_id})[0][0])


def _entered(rows: Sequence[tuple[int, int, date]]) -> Entered:
    return Entered({property_id: version for property_id, version, _ in rows}, rows[0][2])


__all__ = ["Entered", "enter_properties", "get_version"]
