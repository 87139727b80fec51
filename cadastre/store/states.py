"""Reads everything current in sections of the register, as rules and planners see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeVar
from uuid import UUID

import shapely
from shapely import Polygon
from sqlalchemy import Connection

from cadastre.db.prepared import fetch, prepared
from cadastre.domain.priority import Notice
from cadastre.domain.property_state import (
    Encumbrance,
    ParcelState,
    PropertyState,
    RestrictionState,
    RightState,
    Terms,
)
from cadastre.domain.share import Share
from cadastre.store.notices import NOTICE_COLUMNS, read_standing

# One statement, one snapshot. Numbers with a fraction come as text: JSON would make floats of them.
_SECTIONS: Final = """
    SELECT p.property_id, p.register_number, p.object_kind, p.district_code, c.closed_on,
           coalesce(h.version, 0) AS version,
           ARRAY(SELECT o.unit_id FROM cadastre.property_object o
                  WHERE o.property_id = p.property_id AND o.unit_id IS NOT NULL
                    AND o.superseded_leaf IS NULL AND o.valid_to IS NULL ORDER BY 1) AS unit_ids,
           ARRAY(SELECT o.building_id FROM cadastre.property_object o
                  WHERE o.property_id = p.property_id AND o.building_id IS NOT NULL
                    AND o.superseded_leaf IS NULL AND o.valid_to IS NULL ORDER BY 1) AS building_ids,
           ARRAY(SELECT b.building_number
                   FROM cadastre.property_object o JOIN cadastre.building b USING (building_id)
                  WHERE o.property_id = p.property_id AND o.superseded_leaf IS NULL AND o.valid_to IS NULL
                  ORDER BY b.building_id) AS building_numbers,
           ARRAY(SELECT i.attribute FROM registry.investigation i
                  WHERE i.property_id = p.property_id AND i.superseded_leaf IS NULL AND i.valid_to IS NULL
                 UNION
                 SELECT i.attribute
                   FROM cadastre.property_object o JOIN registry.investigation i USING (parcel_id)
                  WHERE o.property_id = p.property_id AND o.superseded_leaf IS NULL AND o.valid_to IS NULL
                    AND i.superseded_leaf IS NULL AND i.valid_to IS NULL
                 UNION
                 SELECT i.attribute
                   FROM cadastre.property_right h JOIN registry.investigation i USING (party_id)
                  WHERE h.property_id = p.property_id AND h.superseded_leaf IS NULL AND h.valid_to IS NULL
                    AND i.superseded_leaf IS NULL AND i.valid_to IS NULL) AS under_investigation,
           (SELECT json_agg(r ORDER BY r.right_id) FROM (
               SELECT right_id, kind, party_id, share_numerator, share_denominator, registration_number,
                      registration_date, valid_from, source_id, until, CAST(rent AS text), rent_currency,
                      rent_period, dispose_by, encode(public.ST_AsBinary(part_geom), 'hex') AS part
                 FROM cadastre.property_right
                WHERE property_id = p.property_id AND superseded_leaf IS NULL
                  AND (valid_to IS NULL OR valid_to > day.today)) AS r) AS rights,
           (SELECT json_agg(r ORDER BY r.restriction_id) FROM (
               SELECT restriction_id, kind, beneficiary_party_id, burdened_party_id, benefits_property_id,
                      CAST(amount AS text), currency, CAST(interest_rate AS text), rank, note_number,
                      note_dated, until, authority, registration_number, registration_date, valid_from,
                      source_id, encode(public.ST_AsBinary(part_geom), 'hex') AS part
                 FROM cadastre.restriction
                WHERE property_id = p.property_id AND superseded_leaf IS NULL
                  AND (valid_to IS NULL OR valid_to > day.today)) AS r) AS restrictions,
           (SELECT json_agg(r ORDER BY r.property_object_id) FROM (
               SELECT o.property_object_id, v.parcel_id, v.version_id, l.cadastral_number, d.legal_srid,
                      CAST(v.surveyed_area_m2 AS text), CAST(v.documentary_area_m2 AS text),
                      v.land_category, v.ownership_form, v.purpose, v.quality_group, v.address_text,
                      encode(public.ST_AsBinary(v.geom), 'hex') AS outline,
                      CASE WHEN p.divisible IS FALSE THEN 'indivisible' END AS divisibility
                 FROM cadastre.property_object o
                 JOIN cadastre.parcel_version v ON v.parcel_id = o.parcel_id AND v.superseded_leaf IS NULL
                                               AND v.valid_to IS NULL
                 JOIN cadastre.parcel l ON l.parcel_id = o.parcel_id
                 JOIN cadastre.district d ON d.code = l.district_code
                WHERE o.property_id = p.property_id AND o.superseded_leaf IS NULL
                  AND o.valid_to IS NULL) AS r) AS parcels
      FROM cadastre.property p
     CROSS JOIN (SELECT ledger.today() AS today OFFSET 0) AS day
      LEFT JOIN registry.property_head h USING (property_id)
      LEFT JOIN cadastre.property_closure c ON c.property_id = p.property_id AND c.superseded_leaf IS NULL
     WHERE p.property_id = ANY (<properties>)
"""


def sections_of(properties: str) -> str:
    """Give the query of the sections whose ids an SQL expression gives as an array."""
    return _SECTIONS.replace("<properties>", properties)


_GIVEN: Final = "CAST(:properties AS bigint[])"
_STATES = prepared(sections_of(_GIVEN))
# What the second statement reads is fresh: its snapshot is taken when the heads are held.
_ENTER = prepared(f"""
    SELECT FROM registry.enter_properties({_GIVEN});
    SELECT section.*,
           (SELECT json_agg(n ORDER BY n.queue_number) FROM (
               SELECT {NOTICE_COLUMNS} FROM registry.priority_notice
                WHERE property_id = section.property_id AND superseded_leaf IS NULL AND state = 'held'
                  AND expires_at > clock_timestamp()) AS n) AS notices
      FROM ({sections_of(_GIVEN)}) AS section
""")
Record = Mapping[str, Any]
"""A row as a mapping, or a record in JSON: days, numbers, identifiers and WKB in hex are then text."""
T = TypeVar("T")
_PARCEL_ATTRIBUTES = (
    "land_category",
    "ownership_form",
    "purpose",
    "quality_group",
    "address_text",
    "divisibility",
)


def read_states(connection: Connection, properties: Sequence[int]) -> dict[int, PropertyState]:
    """Read sections whose heads this transaction has taken; a number that is none is left out."""
    found = fetch(connection, _STATES, {"properties": list(properties)})
    return {row.property_id: read_state(row) for row in found}


def enter_states(
    connection: Connection, properties: Sequence[int]
) -> tuple[dict[int, PropertyState], list[Notice]]:
    """Take the heads of properties, then read their sections and the living notices before them, at once."""
    found = fetch(connection, _ENTER, {"properties": list(properties)})
    notices = [notice for row in found for notice in read_standing(row.notices or ())]
    return {row.property_id: read_state(row) for row in found}, notices


def read_state(row: Any) -> PropertyState:
    """Read a row of :func:`sections_of`."""
    return PropertyState(
        property_id=row.property_id,
        register_number=row.register_number,
        object_kind=row.object_kind,
        district_code=row.district_code,
        version=row.version,
        closed_on=row.closed_on,
        rights=tuple(read_right(record) for record in row.rights or ()),
        restrictions=tuple(read_restriction(record) for record in row.restrictions or ()),
        parcels=tuple(_parcel(record) for record in row.parcels or ()),
        unit_ids=tuple(row.unit_ids),
        building_ids=tuple(row.building_ids),
        building_numbers=tuple(row.building_numbers),
        under_investigation=frozenset(row.under_investigation),
    )


def read_right(record: Record) -> RightState:
    """Read a record of cadastre.property_right whose ``part`` is given as WKB."""
    terms = Terms(
        until=_if_any(_day, record["until"]),
        rent=_if_any(_number, record["rent"]),
        rent_currency=record["rent_currency"],
        rent_period=record["rent_period"],
        part=_if_any(_polygon, record["part"]),
        dispose_by=_if_any(_day, record["dispose_by"]),
    )
    share = None
    if record["share_numerator"] is not None:
        share = Share(record["share_numerator"], record["share_denominator"])
    return RightState(
        right_id=record["right_id"],
        kind=record["kind"],
        party_id=_key(record["party_id"]),
        share=share,
        registration_number=record["registration_number"],
        registration_date=_day(record["registration_date"]),
        valid_from=_day(record["valid_from"]),
        source_id=record["source_id"],
        terms=terms,
    )


def read_restriction(record: Record) -> RestrictionState:
    """Read a record of cadastre.restriction whose ``part`` is given as WKB."""
    contents = Encumbrance(
        kind=record["kind"],
        beneficiary=_if_any(_key, record["beneficiary_party_id"]),
        burdened=_if_any(_key, record["burdened_party_id"]),
        benefits_property_id=record["benefits_property_id"],
        amount=_if_any(_number, record["amount"]),
        currency=record["currency"],
        interest_rate=_if_any(_number, record["interest_rate"]),
        rank=record["rank"],
        note_number=record["note_number"],
        note_dated=_if_any(_day, record["note_dated"]),
        until=_if_any(_day, record["until"]),
        part=_if_any(_polygon, record["part"]),
        authority=record["authority"],
    )
    return RestrictionState(
        restriction_id=record["restriction_id"],
        contents=contents,
        registration_number=record["registration_number"],
        registration_date=_day(record["registration_date"]),
        valid_from=_day(record["valid_from"]),
        source_id=record["source_id"],
    )


def _parcel(record: Record) -> ParcelState:
    return ParcelState(
        parcel_id=record["parcel_id"],
        version_id=record["version_id"],
        property_object_id=record["property_object_id"],
        cadastral_number=record["cadastral_number"],
        outline=_if_any(_polygon, record["outline"]),
        srid=record["legal_srid"],
        surveyed_area_m2=_if_any(_number, record["surveyed_area_m2"]),
        documentary_area_m2=_if_any(_number, record["documentary_area_m2"]),
        attributes={name: record[name] for name in _PARCEL_ATTRIBUTES},
    )


def _day(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _key(value: UUID | str) -> UUID:
    return UUID(value) if isinstance(value, str) else value


def _number(value: Decimal | str) -> Decimal:
    return Decimal(value)


def _if_any(read: Callable[[Any], T], value: Any) -> T | None:
    return None if value is None else read(value)


def _polygon(wkb: memoryview | str) -> Polygon:
    """Read a polygon in the UTM zone of its district, metres; the column's type admits nothing else."""
    shape = shapely.from_wkb(wkb if isinstance(wkb, str) else bytes(wkb))
    if not isinstance(shape, Polygon):
        raise TypeError(f"legal geometry is a {shape.geom_type}")
    return shape


__all__ = [
    "Record",
    "enter_states",
    "read_restriction",
    "read_right",
    "read_state",
    "read_states",
    "sections_of",
]
