"""Finds sections by party, paper, parcel or address, among what is registered now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

# Legacy records without a number that were merged into the one with the number are the same party.
_PARTIES = text("""
    WITH RECURSIVE same AS (
        SELECT registry.resolve_party(party_id) AS party_id FROM party.party
         WHERE fin = :fin OR voen = :voen
        UNION
        SELECT l.from_party_id FROM same JOIN registry.party_link l ON l.to_party_id = same.party_id
         WHERE l.superseded_leaf IS NULL AND l.manner IN ('same', 'renamed'))
    SELECT party_id FROM same
""")
_HELD = text("""
    SELECT property_id, array_agg(DISTINCT kind ORDER BY kind) AS kinds FROM (
        SELECT property_id, kind FROM cadastre.property_right
         WHERE party_id = ANY (CAST(:parties AS uuid[])) AND superseded_leaf IS NULL
           AND (valid_to IS NULL OR valid_to > ledger.today())
        UNION ALL
        SELECT property_id, kind FROM cadastre.restriction
         WHERE beneficiary_party_id = ANY (CAST(:parties AS uuid[])) AND superseded_leaf IS NULL
           AND (valid_to IS NULL OR valid_to > ledger.today())) AS entries
     GROUP BY property_id
""")
_BY_PAPER = text("""
    SELECT property_id FROM cadastre.property WHERE paper_number = :number AND paper_series = :series
    UNION
    SELECT property_id FROM registry.paper_extract
     WHERE series = :series AND number = :number AND superseded_leaf IS NULL
""")
_BY_PARCEL = text("""
    WITH land AS (SELECT parcel_id FROM cadastre.parcel WHERE cadastral_number = :number),
         houses AS (SELECT b.building_id FROM cadastre.building b JOIN land USING (parcel_id)
                     WHERE b.superseded_leaf IS NULL AND b.valid_to IS NULL)
    SELECT o.property_id FROM cadastre.property_object o JOIN land USING (parcel_id)
     WHERE o.superseded_leaf IS NULL AND o.valid_to IS NULL
    UNION
    SELECT o.property_id FROM cadastre.property_object o JOIN houses USING (building_id)
     WHERE o.superseded_leaf IS NULL AND o.valid_to IS NULL
    UNION
    SELECT o.property_id FROM cadastre.building_unit u JOIN houses USING (building_id)
      JOIN cadastre.property_object o ON o.unit_id = u.unit_id
     WHERE o.superseded_leaf IS NULL AND o.valid_to IS NULL AND u.superseded_leaf IS NULL
""")
_BY_ADDRESS = text("""
    WITH doors AS (
        SELECT e.parcel_id, e.building_id
          FROM address.street s JOIN address.entrance e USING (street_id)
         WHERE cadastre.fold_text(s.name_az) = :street
           AND (CAST(:district AS text) IS NULL OR s.district_code = :district)
           AND (CAST(:house AS text) IS NULL OR e.number = :house)
           AND s.superseded_leaf IS NULL AND s.valid_to IS NULL
           AND e.superseded_leaf IS NULL AND e.valid_to IS NULL)
    SELECT o.property_id FROM doors JOIN cadastre.property_object o USING (parcel_id)
     WHERE o.superseded_leaf IS NULL AND o.valid_to IS NULL
    UNION
    SELECT o.property_id FROM doors JOIN cadastre.property_object o USING (building_id)
     WHERE o.superseded_leaf IS NULL AND o.valid_to IS NULL
    UNION
    SELECT o.property_id FROM doors JOIN cadastre.building_unit u USING (building_id)
      JOIN cadastre.property_object o ON o.unit_id = u.unit_id
     WHERE o.superseded_leaf IS NULL AND o.valid_to IS NULL AND u.superseded_leaf IS NULL
""")
_SECTIONS = text("""
    SELECT p.property_id, p.register_number, p.object_kind, p.district_code,
           EXISTS (SELECT FROM cadastre.property_closure c
                    WHERE c.property_id = p.property_id AND c.superseded_leaf IS NULL) AS is_closed,
           ARRAY(SELECT k.cadastral_number
                   FROM cadastre.property_object o JOIN cadastre.parcel k USING (parcel_id)
                  WHERE o.property_id = p.property_id AND o.superseded_leaf IS NULL AND o.valid_to IS NULL
                  ORDER BY 1) AS cadastral_numbers
      FROM cadastre.property p WHERE p.property_id = ANY (CAST(:ids AS bigint[]))
     ORDER BY p.register_number LIMIT :limit
""")


def list_parties(connection: Connection, *, fin: str | None, voen: str | None) -> list[UUID]:
    """Give every record of the party with a number, merged ones too; the look has been written down."""
    return list(connection.execute(_PARTIES, {"fin": fin, "voen": voen}).scalars())


def find_held(connection: Connection, parties: Sequence[UUID]) -> Mapping[int, tuple[str, ...]]:
    """Give the sections in which these parties stand now, and as what."""
    rows = connection.execute(_HELD, {"parties": [str(key) for key in parties]})
    return {row.property_id: tuple(row.kinds) for row in rows}


def stands_in(connection: Connection, property_id: int, *, fin: str | None, voen: str | None) -> bool:
    """Tell whether a party, or a record merged into it, stands in a section now."""
    if fin is None and voen is None:
        return False
    return property_id in find_held(connection, list_parties(connection, fin=fin, voen=voen))


def find_by_paper(connection: Connection, series: str, number: str) -> set[int]:
    """Give the sections that rest on a paper extract."""
    return set(connection.execute(_BY_PAPER, {"series": series, "number": number}).scalars())


def find_by_parcel(connection: Connection, cadastral_number: str) -> set[int]:
    """Give the sections of a parcel, of the buildings on it and of the units in those."""
    return set(connection.execute(_BY_PARCEL, {"number": cadastral_number}).scalars())


def find_by_address(
    connection: Connection, *, street_key: str, house: str | None, district_code: str | None
) -> set[int]:
    """Give the sections of what the entrances of a street, or one house in it, lead to."""
    row = {"street": street_key, "house": house, "district": district_code}
    return set(connection.execute(_BY_ADDRESS, row).scalars())


def list_sections(connection: Connection, property_ids: Sequence[int], limit: int) -> Sequence[Row[Any]]:
    """Give sections with their parcels, in the order of their numbers."""
    return connection.execute(_SECTIONS, {"ids": list(property_ids), "limit": limit}).all()


__all__ = [
    "find_by_address",
    "find_by_paper",
    "find_by_parcel",
    "find_held",
    "list_parties",
    "list_sections",
    "stands_in",
]
