"""Looks up objects that have no section yet, buildings that are not finished, and paper extracts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from cadastre.domain.first_objects import (
    FirstObjects,
    FoundBuilding,
    FoundParcel,
    FoundUnit,
    KnownPaper,
    LandSection,
    ObjectNames,
    UnfinishedBuilding,
)
from cadastre.domain.unit import UnitKey
from cadastre.kernel.errors import NotFound

_ENTER = text("SELECT registry.enter_objects(CAST(:keys AS text[]))")
_ENTER_OF_CASE = text("""
    WITH named AS MATERIALIZED (SELECT registry.list_object_keys(:case) AS keys)
    SELECT ledger.today() AS today, registry.enter_objects(keys) FROM named WHERE keys IS NOT NULL
""")
_JOIN_CASE = text("""
    INSERT INTO registry.case_object (case_id, object_kind, object_number, district_code, recorded_leaf)
    SELECT :case, kind, number, :district, :leaf
      FROM unnest(CAST(:kinds AS text[]), CAST(:numbers AS text[])) AS named (kind, number)
     ORDER BY kind, number
    RETURNING object_kind, object_number, place,
              (SELECT count(*) FROM registry.case_object other
                 JOIN registry.case_file f ON f.case_id = other.case_id AND f.closed_leaf IS NULL
                WHERE (other.object_kind, other.object_number)
                      = (case_object.object_kind, case_object.object_number)
                  AND other.case_id <> case_object.case_id) AS earlier
""")
_OF_CASE = text("""
    SELECT object_kind, object_number, district_code, place FROM registry.case_object
     WHERE case_id = :case ORDER BY object_kind, object_number
""")
_PARCELS = text("""
    SELECT p.parcel_id, p.cadastral_number, p.district_code, o.property_id
      FROM cadastre.parcel p
      JOIN cadastre.parcel_version v ON v.parcel_id = p.parcel_id AND v.superseded_leaf IS NULL
                                    AND v.valid_to IS NULL
      LEFT JOIN cadastre.property_object o ON o.parcel_id = p.parcel_id AND o.superseded_leaf IS NULL
                                          AND o.valid_to IS NULL
     WHERE p.cadastral_number = ANY (CAST(:numbers AS text[]))
""")
_BUILDINGS = text("""
    SELECT b.building_id, b.building_number, p.parcel_id, s.stage, o.property_id,
           coalesce(p.district_code, (
               SELECT d.district_code FROM cadastre.district_boundary d
                WHERE public.ST_Covers(d.geom_wgs84, public.ST_PointOnSurface(b.geom_wgs84))
                  AND d.superseded_leaf IS NULL AND d.valid_to IS NULL
                ORDER BY d.district_code LIMIT 1)) AS district_code,
           EXISTS (SELECT FROM cadastre.building_unit u JOIN cadastre.property_object f USING (unit_id)
                    WHERE u.building_id = b.building_id AND u.superseded_leaf IS NULL
                      AND f.superseded_leaf IS NULL AND f.valid_to IS NULL) AS is_shared
      FROM cadastre.building b
      LEFT JOIN cadastre.building_site m ON m.building_id = b.building_id AND m.superseded_leaf IS NULL
                                        AND m.valid_to IS NULL
      LEFT JOIN cadastre.parcel p
             ON p.parcel_id = CASE WHEN m.site_id IS NULL THEN b.parcel_id ELSE m.parcel_id END
      LEFT JOIN registry.building_stage s ON s.building_id = b.building_id AND s.superseded_leaf IS NULL
      LEFT JOIN cadastre.property_object o ON o.building_id = b.building_id AND o.superseded_leaf IS NULL
                                          AND o.valid_to IS NULL
     WHERE b.building_number = ANY (CAST(:numbers AS text[])) AND b.superseded_leaf IS NULL
       AND b.valid_to IS NULL
""")
_UNIT = text("""
    SELECT u.unit_id, u.kind, o.property_id
      FROM cadastre.building_unit u
      LEFT JOIN cadastre.property_object o ON o.unit_id = u.unit_id AND o.superseded_leaf IS NULL
                                          AND o.valid_to IS NULL
     WHERE u.building_id = :building AND u.unit_number = :number AND u.superseded_leaf IS NULL
""")
_LANDS = text("""
    SELECT o.parcel_id, o.property_id, registry.resolve_party(r.party_id) AS owner
      FROM cadastre.property_object o
      LEFT JOIN cadastre.property_right r ON r.property_id = o.property_id AND r.kind = 'ownership'
                                         AND r.superseded_leaf IS NULL AND r.valid_to IS NULL
     WHERE o.parcel_id = ANY (CAST(:parcels AS bigint[])) AND o.superseded_leaf IS NULL
       AND o.valid_to IS NULL
""")
_PERSONS = text("""
    SELECT party_id, registry.resolve_party(party_id) AS person
      FROM unnest(CAST(:parties AS uuid[])) AS named (party_id)
""")
_UNFINISHED = text("""
    SELECT DISTINCT o.property_id, b.building_id, b.building_number, s.stage
      FROM cadastre.property_object o
      LEFT JOIN cadastre.building_unit u ON u.unit_id = o.unit_id
      JOIN cadastre.building b ON b.building_id = coalesce(o.building_id, u.building_id)
      LEFT JOIN registry.building_stage s ON s.building_id = b.building_id AND s.superseded_leaf IS NULL
     WHERE o.property_id = ANY (CAST(:properties AS bigint[])) AND o.superseded_leaf IS NULL
       AND o.valid_to IS NULL
     ORDER BY b.building_id
""")
_PAPER = text("""
    SELECT property_id, state FROM registry.paper_extract
     WHERE series = :series AND number = :number AND superseded_leaf IS NULL
    UNION ALL
    SELECT property_id, 'in_use' FROM cadastre.property
     WHERE paper_series = :series AND paper_number = :number AND superseded_leaf IS NULL
""")
_OFFICE = text("SELECT office_code FROM cadastre.district WHERE code = :district")


def enter_objects(connection: Connection, keys: Iterable[str]) -> None:
    """Take the turnstiles of objects, after the heads of properties; waits for whoever holds one."""
    connection.execute(_ENTER, {"keys": list(keys)})


def enter_objects_of_case(connection: Connection, case_id: UUID) -> date | None:
    """Take the turnstiles of what a case names by numbers of its own; gives today, None when nothing is."""
    return connection.execute(_ENTER_OF_CASE, {"case": case_id}).scalar_one_or_none()


def join_case(
    connection: Connection, case_id: UUID, keys: Sequence[tuple[str, str]], *, district: str, leaf: int
) -> Sequence[Row[Any]]:
    """Let a case that is being filed take its place before objects; gives kind, number and place of each.

    ``earlier`` says how many cases about it are not decided yet.
    """
    values = {"case": case_id, "district": district, "leaf": leaf}
    kinds, numbers = [kind for kind, _ in keys], [number for _, number in keys]
    return connection.execute(_JOIN_CASE, {**values, "kinds": kinds, "numbers": numbers}).all()


def list_objects(connection: Connection, case_id: UUID) -> Sequence[Row[Any]]:
    """Give what a case names by numbers of its own: kind, number, district, place."""
    return connection.execute(_OF_CASE, {"case": case_id}).all()


def get_office(connection: Connection, district: str) -> str:
    """Give the office of a district."""
    return str(connection.execute(_OFFICE, {"district": district}).scalar_one())


def find_objects(connection: Connection, names: ObjectNames, parties: Sequence[UUID] = ()) -> FirstObjects:
    """Give what is known of objects whose turnstiles are held.

    Raises
    ------
    NotFound
        There is no parcel or building of a number.
    """
    parcels = _by_number(connection, _PARCELS, names.parcels, "cadastral_number", "parcel")
    sites = [] if names.unit is None else [names.unit.building_number]
    wanted = list(dict.fromkeys([*names.buildings, *sites]))
    buildings = _by_number(connection, _BUILDINGS, wanted, "building_number", "building")
    found = [_building(buildings[number]) for number in names.buildings]
    site = None if names.unit is None else _building(buildings[names.unit.building_number])
    plots = [building.parcel_id for building in found if building.parcel_id is not None]
    return FirstObjects(
        parcels=tuple(_parcel(parcels[number]) for number in names.parcels),
        buildings=tuple(found),
        site=site,
        unit=None if site is None or names.unit is None else _unit(connection, site, names.unit),
        lands=_lands(connection, plots) if plots else {},
        persons=_persons(connection, parties) if parties else {},
    )


def find_unfinished(
    connection: Connection, property_ids: Sequence[int]
) -> dict[int, tuple[UnfinishedBuilding, ...]]:
    """Give the buildings that sections are about, or have units in, with their stages."""
    found: defaultdict[int, list[UnfinishedBuilding]] = defaultdict(list)
    for row in connection.execute(_UNFINISHED, {"properties": list(property_ids)}):
        found[row.property_id].append(UnfinishedBuilding(row.building_id, row.building_number, row.stage))
    return {property_id: tuple(buildings) for property_id, buildings in found.items()}


def find_paper(connection: Connection, series: str, number: str) -> KnownPaper | None:
    """Give what is on record of a paper extract, or that a section names it as its own."""
    row = connection.execute(_PAPER, {"series": series, "number": number}).first()
    return None if row is None else KnownPaper(row.property_id, row.state)


def _by_number(
    connection: Connection, query: Any, numbers: Sequence[str], column: str, what: str
) -> Mapping[str, Row[Any]]:
    if not numbers:
        return {}
    rows = {row._mapping[column]: row for row in connection.execute(query, {"numbers": list(numbers)})}
    for number in numbers:
        if number not in rows:
            raise NotFound(
                f"There is no {what} {number}; check the number.", code=f"{what}-not-found", number=number
            )
    return rows


def _parcel(row: Row[Any]) -> FoundParcel:
    return FoundParcel(row.parcel_id, row.cadastral_number, row.district_code, row.property_id)


def _building(row: Row[Any]) -> FoundBuilding:
    return FoundBuilding(
        row.building_id,
        row.building_number,
        row.district_code,
        row.parcel_id,
        row.stage,
        row.property_id,
        row.is_shared,
    )


def _unit(connection: Connection, site: FoundBuilding, key: UnitKey) -> FoundUnit:
    values = {"building": site.building_id, "number": key.unit_number}
    row = connection.execute(_UNIT, values).one_or_none()
    return FoundUnit(key) if row is None else FoundUnit(key, row.unit_id, row.kind, row.property_id)


def _lands(connection: Connection, parcels: Sequence[int]) -> dict[int, LandSection]:
    owners: defaultdict[tuple[int, int], set[UUID]] = defaultdict(set)
    for row in connection.execute(_LANDS, {"parcels": list(parcels)}):
        owners[row.parcel_id, row.property_id].update({row.owner} - {None})
    return {parcel: LandSection(section, frozenset(held)) for (parcel, section), held in owners.items()}


def _persons(connection: Connection, parties: Sequence[UUID]) -> dict[UUID, UUID]:
    rows = connection.execute(_PERSONS, {"parties": [str(party) for party in parties]})
    return {row.party_id: row.person for row in rows}


__all__ = [
    "enter_objects",
    "enter_objects_of_case",
    "find_objects",
    "find_paper",
    "find_unfinished",
    "get_office",
    "join_case",
    "list_objects",
]
