"""Flags of investigation: what of a section, parcel, entry or party is in doubt, from when to when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from cadastre.db.prepared import fetch, prepared
from cadastre.domain.moment import Moment
from cadastre.store.nested_rows import nested_text

# A flag on a parcel or party shows in every section that the parcel or party stands in at that moment.
_STANDING = """
    SELECT i.investigation_id, i.attribute, i.reason, i.registration_number, k.cadastral_number, i.party_id,
           i.valid_from, i.valid_to, i.recorded_leaf,
           CASE WHEN i.registration_number IS NOT NULL THEN 'entry' WHEN i.parcel_id IS NOT NULL THEN 'parcel'
                WHEN i.party_id IS NOT NULL THEN 'party' ELSE 'property' END AS subject
      FROM registry.investigation i
      LEFT JOIN cadastre.parcel k ON k.parcel_id = i.parcel_id
     WHERE ledger.is_known(i.recorded_leaf, i.superseded_leaf, CAST(:known_at AS bigint))
       AND ledger.is_in_force(i.valid_from, i.valid_to, CAST(:as_of AS date))
       AND (i.property_id = CAST(:property AS bigint)
            OR i.parcel_id = ANY (ARRAY(
                SELECT o.parcel_id FROM cadastre.property_object o
                 WHERE o.property_id = CAST(:property AS bigint) AND o.parcel_id IS NOT NULL
                   AND ledger.is_known(o.recorded_leaf, o.superseded_leaf, CAST(:known_at AS bigint))
                   AND ledger.is_in_force(o.valid_from, o.valid_to, CAST(:as_of AS date))))
            OR i.party_id = ANY (ARRAY(
                SELECT r.party_id FROM cadastre.property_right r
                 WHERE r.property_id = CAST(:property AS bigint)
                   AND ledger.is_known(r.recorded_leaf, r.superseded_leaf, CAST(:known_at AS bigint))
                   AND ledger.is_in_force(r.valid_from, r.valid_to, CAST(:as_of AS date))
                UNION
                SELECT named FROM cadastre.restriction r
                 CROSS JOIN LATERAL unnest(ARRAY[r.beneficiary_party_id, r.burdened_party_id]) AS named
                 WHERE r.property_id = CAST(:property AS bigint) AND named IS NOT NULL
                   AND ledger.is_known(r.recorded_leaf, r.superseded_leaf, CAST(:known_at AS bigint))
                   AND ledger.is_in_force(r.valid_from, r.valid_to, CAST(:as_of AS date)))))
     ORDER BY i.investigation_id
"""
_LIST = prepared(_STANDING)
FLAGS = nested_text(
    "flags",
    _STANDING,
    {
        "investigation_id": None,
        "attribute": None,
        "reason": None,
        "registration_number": None,
        "cadastral_number": None,
        "party_id": UUID,
        "valid_from": date.fromisoformat,
        "valid_to": date.fromisoformat,
        "recorded_leaf": None,
        "subject": None,
    },
)
"""The same, as part of a larger question."""
_BEGIN = text("""
    INSERT INTO registry.investigation
           (property_id, parcel_id, registration_number, party_id, attribute, reason, case_id,
            valid_from, recorded_leaf)
    VALUES (:property_id, :parcel_id, :registration_number, :party_id, :attribute, :reason, :case_id,
            ledger.today(), :leaf)
    RETURNING investigation_id
""")
_END = text("""
    WITH closed AS (
        UPDATE registry.investigation SET superseded_leaf = :leaf
         WHERE investigation_id = :flag AND superseded_leaf IS NULL AND valid_to IS NULL RETURNING *)
    INSERT INTO registry.investigation
           (property_id, parcel_id, registration_number, party_id, attribute, reason, case_id,
            valid_from, valid_to, recorded_leaf)
    SELECT property_id, parcel_id, registration_number, party_id, attribute, reason, case_id, valid_from,
           ledger.today(), :leaf FROM closed
    RETURNING investigation_id
""")
_FIND = text("""
    SELECT i.property_id, l.payload::jsonb ->> 'role' AS begun_by, i.superseded_leaf IS NOT NULL AS is_over,
           coalesce(p.district_code, k.district_code) AS district_code
      FROM registry.investigation i JOIN ledger.leaf l ON l.leaf_id = i.recorded_leaf
      LEFT JOIN cadastre.property p ON p.property_id = i.property_id
      LEFT JOIN cadastre.parcel k ON k.parcel_id = i.parcel_id
     WHERE i.investigation_id = :flag AND i.valid_to IS NULL
""")
_PARCEL = text("SELECT parcel_id, district_code FROM cadastre.parcel WHERE cadastral_number = :number")
_PROPERTY = text("SELECT property_id, district_code FROM cadastre.property WHERE register_number = :number")
_STANDS = text("""
    SELECT EXISTS (SELECT FROM cadastre.property_right
                    WHERE property_id = :property AND registration_number = :number
                      AND superseded_leaf IS NULL AND valid_to IS NULL)
        OR EXISTS (SELECT FROM cadastre.restriction
                    WHERE property_id = :property AND registration_number = :number
                      AND superseded_leaf IS NULL AND valid_to IS NULL)
""")


@dataclass(frozen=True, slots=True)
class FlagSubject:
    """What a flag is put on: a section or one entry of it, a parcel, or a party."""

    property_id: int | None = None
    registration_number: str | None = None
    parcel_id: int | None = None
    party_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class StandingFlag:
    """A flag that was begun: the section it is on, the role that began it, whether it is over, and where.

    A flag on a party is in no district.
    """

    property_id: int | None
    begun_by: str
    is_over: bool
    district_code: str | None


def list_investigations(connection: Connection, property_id: int, at: Moment) -> Sequence[Row[Any]]:
    """Give the flags that stood on a section, its parcels, entries and parties at a moment.

    Each row has ``attribute`` (codelist investigated_attributes), ``subject`` (property, parcel, entry or
    party) with ``registration_number``, ``cadastral_number`` or ``party_id``, ``reason``, ``valid_from``,
    and ``recorded_leaf``, by which a reader asks whether it is numbered.
    """
    return fetch(connection, _LIST, {"property": property_id, "as_of": at.as_of, "known_at": at.known_at})


def begin_investigation(
    connection: Connection,
    subject: FlagSubject,
    *,
    attribute: str,
    reason: str,
    case_id: UUID | None,
    leaf: int,
) -> int:
    """Flag an attribute from today on; gives the number of the flag."""
    row = {
        "property_id": subject.property_id,
        "parcel_id": subject.parcel_id,
        "registration_number": subject.registration_number,
        "party_id": subject.party_id,
        "attribute": attribute,
        "reason": reason,
        "case_id": case_id,
        "leaf": leaf,
    }
    return int(connection.execute(_BEGIN, row).scalar_one())


def end_investigation(connection: Connection, flag: int, *, leaf: int) -> bool:
    """End a flag today; False when it has ended already."""
    return connection.execute(_END, {"flag": flag, "leaf": leaf}).first() is not None


def find_investigation(connection: Connection, flag: int) -> StandingFlag | None:
    """Give a flag by the number under which it was begun."""
    row = connection.execute(_FIND, {"flag": flag}).one_or_none()
    return None if row is None else StandingFlag(*row)


def find_flagged_parcel(connection: Connection, cadastral_number: str) -> Row[Any] | None:
    """Give id and district of a parcel."""
    return connection.execute(_PARCEL, {"number": cadastral_number}).one_or_none()


def find_flagged_property(connection: Connection, register_number: str) -> Row[Any] | None:
    """Give id and district of a section."""
    return connection.execute(_PROPERTY, {"number": register_number}).one_or_none()


def is_entry_of(connection: Connection, property_id: int, registration_number: str) -> bool:
    """Tell whether an entry of this registration number stands in a section."""
    values = {"property": property_id, "number": registration_number}
    return bool(connection.execute(_STANDS, values).scalar_one())


__all__ = [
    "FLAGS",
    "FlagSubject",
    "StandingFlag",
    "begin_investigation",
    "end_investigation",
    "find_flagged_parcel",
    "find_flagged_property",
    "find_investigation",
    "is_entry_of",
    "list_investigations",
]
