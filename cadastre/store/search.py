"""Finds sections by party, paper, parcel or address, among what was registered at a moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, TextClause, text

from cadastre.domain.moment import Moment


def _stands(row: str, *, halves: bool = True) -> str:
    """Write the condition that a row (its alias) was known and in force.

    A key that the largest tables index in their current and in their past half apart is sought in both.
    """
    known = (
        f"ledger.is_known({row}.recorded_leaf, {row}.superseded_leaf, :known_at)"
        f" AND ledger.is_in_force({row}.valid_from, {row}.valid_to, :as_of)"
    )
    ended = f"({row}.superseded_leaf IS NOT NULL OR {row}.valid_to IS NOT NULL)"
    both = f"(({row}.superseded_leaf IS NULL AND {row}.valid_to IS NULL) OR {ended})"
    return f"{known} AND {both}" if halves else known


def _at_moment(question: str) -> TextClause:
    """Read a question: ``[o]`` stands for "o stood at the moment", ``[[o]]`` seeks it in both its halves."""
    for row in ("o", "e", "s", "b", "r"):
        question = question.replace(f"[[{row}]]", _stands(row)).replace(
            f"[{row}]", _stands(row, halves=False)
        )
    return text(question)


# Legacy records without a number that were merged into the one with the number are the same party.
_PARTIES = text("""
    WITH RECURSIVE up AS (
        SELECT party_id, 0 AS depth FROM party.party WHERE fin = :fin OR voen = :voen
        UNION ALL
        SELECT l.to_party_id, up.depth + 1 FROM up JOIN registry.party_link l ON l.from_party_id = up.party_id
         WHERE l.manner IN ('same', 'renamed')
           AND CASE WHEN CAST(:known_at AS bigint) IS NULL THEN l.superseded_leaf IS NULL
                    ELSE ledger.is_known(l.recorded_leaf, l.superseded_leaf, :known_at) END),
    same AS (
        (SELECT party_id FROM up ORDER BY depth DESC LIMIT 1)
        UNION
        SELECT l.from_party_id FROM same JOIN registry.party_link l ON l.to_party_id = same.party_id
         WHERE l.manner IN ('same', 'renamed')
           AND CASE WHEN CAST(:known_at AS bigint) IS NULL THEN l.superseded_leaf IS NULL
                    ELSE ledger.is_known(l.recorded_leaf, l.superseded_leaf, :known_at) END)
    SELECT party_id FROM same
""")
_STANDS_NOW = text("""
    SELECT EXISTS (SELECT FROM cadastre.property_right
                    WHERE property_id = :property AND party_id = ANY (CAST(:parties AS uuid[]))
                      AND superseded_leaf IS NULL AND (valid_to IS NULL OR valid_to > ledger.today()))
        OR EXISTS (SELECT FROM cadastre.restriction
                    WHERE property_id = :property AND beneficiary_party_id = ANY (CAST(:parties AS uuid[]))
                      AND superseded_leaf IS NULL AND (valid_to IS NULL OR valid_to > ledger.today()))
""")
_HELD = _at_moment("""
    SELECT property_id, array_agg(DISTINCT kind ORDER BY kind) AS kinds FROM (
        SELECT r.property_id, r.kind FROM cadastre.property_right r
         WHERE r.party_id = ANY (CAST(:parties AS uuid[])) AND [r]
        UNION ALL
        SELECT r.property_id, r.kind FROM cadastre.restriction r
         WHERE r.beneficiary_party_id = ANY (CAST(:parties AS uuid[])) AND [r]) AS entries
     GROUP BY property_id
""")
_BY_PAPER = text("""
    SELECT property_id FROM cadastre.property
     WHERE paper_number = :number AND paper_series = :series
       AND ledger.is_known(recorded_leaf, superseded_leaf, :known_at)
    UNION
    SELECT property_id FROM registry.paper_extract
     WHERE series = :series AND number = :number
       AND ledger.is_known(recorded_leaf, superseded_leaf, :known_at)
""")
# Where a building stands: on the parcel of its site, once its land has changed; else on that of its survey.
_HOUSES = """
    SELECT b.building_id FROM cadastre.building b JOIN land USING (parcel_id)
     WHERE [b] AND NOT EXISTS (SELECT FROM cadastre.building_site s
                                WHERE s.building_id = b.building_id AND [s])
    UNION
    SELECT b.building_id FROM land JOIN cadastre.building_site s USING (parcel_id)
      JOIN cadastre.building b ON b.building_id = s.building_id
     WHERE [s] AND [b]
"""
_OF_HOUSES = """
    SELECT o.property_id FROM {houses} h JOIN cadastre.property_object o ON o.building_id = h.building_id
     WHERE [[o]]
    UNION
    SELECT o.property_id FROM {houses} h
      JOIN cadastre.building_unit u ON u.building_id = h.building_id
       AND (u.superseded_leaf IS NULL OR u.superseded_leaf IS NOT NULL)
       AND ledger.is_known(u.recorded_leaf, u.superseded_leaf, :known_at)
      JOIN cadastre.property_object o ON o.unit_id = u.unit_id
     WHERE [[o]]
"""
_BY_PARCEL = _at_moment(f"""
    WITH land AS (SELECT parcel_id FROM cadastre.parcel WHERE cadastral_number = :number),
         houses AS ({_HOUSES})
    SELECT o.property_id FROM cadastre.property_object o JOIN land USING (parcel_id) WHERE [[o]]
    UNION {_OF_HOUSES.format(houses="houses")}
""")
_BY_ADDRESS = _at_moment(f"""
    WITH doors AS (
        SELECT e.parcel_id, e.building_id
          FROM address.street s JOIN address.entrance e USING (street_id)
         WHERE cadastre.fold_text(s.name_az) = :street
           AND (CAST(:district AS text) IS NULL OR s.district_code = :district)
           AND (CAST(:house AS text) IS NULL OR e.number = :house)
           AND [s] AND [[e]])
    SELECT o.property_id FROM doors JOIN cadastre.property_object o USING (parcel_id) WHERE [[o]]
    UNION {_OF_HOUSES.format(houses="doors")}
""")
_SECTIONS = _at_moment("""
    SELECT p.property_id, p.register_number, p.object_kind, p.district_code,
           EXISTS (SELECT FROM cadastre.property_closure c
                    WHERE c.property_id = p.property_id AND c.closed_on <= :as_of
                      AND ledger.is_known(c.recorded_leaf, c.superseded_leaf, :known_at)) AS is_closed,
           ARRAY(SELECT k.cadastral_number
                   FROM cadastre.property_object o JOIN cadastre.parcel k USING (parcel_id)
                  WHERE o.property_id = p.property_id AND [o]
                  ORDER BY 1) AS cadastral_numbers
      FROM cadastre.property p
     WHERE p.property_id = ANY (CAST(:ids AS bigint[])) AND p.opened_on <= :as_of
       AND ledger.is_known(p.recorded_leaf, p.superseded_leaf, :known_at)
     ORDER BY p.register_number LIMIT :limit
""")


def list_parties(
    connection: Connection, *, fin: str | None, voen: str | None, known_at: int | None = None
) -> list[UUID]:
    """Give every record of the party with a number, merged ones too (by ``known_at``, else by now).

    The look has been written down.
    """
    values = {"fin": fin, "voen": voen, "known_at": known_at}
    return list(connection.execute(_PARTIES, values).scalars())


def find_held(connection: Connection, parties: Sequence[UUID], at: Moment) -> Mapping[int, tuple[str, ...]]:
    """Give the sections in which these parties stood at a moment, and as what."""
    rows = connection.execute(_HELD, _bound(at, parties=[str(key) for key in parties]))
    return {row.property_id: tuple(row.kinds) for row in rows}


def stands_in(connection: Connection, property_id: int, *, fin: str | None, voen: str | None) -> bool:
    """Tell whether a party, or a record merged into it, stands in a section now."""
    if fin is None and voen is None:
        return False
    parties = [str(key) for key in list_parties(connection, fin=fin, voen=voen)]
    return bool(connection.execute(_STANDS_NOW, {"property": property_id, "parties": parties}).scalar_one())


def find_by_paper(connection: Connection, series: str, number: str, at: Moment) -> set[int]:
    """Give the sections that rested on a paper extract."""
    return set(connection.execute(_BY_PAPER, _bound(at, series=series, number=number)).scalars())


def find_by_parcel(connection: Connection, cadastral_number: str, at: Moment) -> set[int]:
    """Give the sections of a parcel, of the buildings on it and of the units in those, at a moment."""
    return set(connection.execute(_BY_PARCEL, _bound(at, number=cadastral_number)).scalars())


def find_by_address(
    connection: Connection, at: Moment, *, street_key: str, house: str | None, district_code: str | None
) -> set[int]:
    """Give the sections of what the entrances of a street, or one house in it, led to at a moment."""
    row = _bound(at, street=street_key, house=house, district=district_code)
    return set(connection.execute(_BY_ADDRESS, row).scalars())


def list_sections(
    connection: Connection, property_ids: Sequence[int], limit: int, at: Moment
) -> Sequence[Row[Any]]:
    """Give sections that were in the register with their parcels, in the order of their numbers."""
    return connection.execute(_SECTIONS, _bound(at, ids=list(property_ids), limit=limit)).all()


def _bound(at: Moment, **values: object) -> dict[str, object]:
    return {"as_of": at.as_of, "known_at": at.known_at, **values}


__all__ = [
    "find_by_address",
    "find_by_paper",
    "find_by_parcel",
    "find_held",
    "list_parties",
    "list_sections",
    "stands_in",
]
