"""Reads everything current in sections of the register, as rules and planners see it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import shapely
from shapely import Polygon
from sqlalchemy import Connection, Row, text

from cadastre.domain.property_state import (
    Encumbrance,
    ParcelState,
    PropertyState,
    RestrictionState,
    RightState,
    Terms,
)
from cadastre.domain.share import Share

T = TypeVar("T")

_SECTIONS = text("""
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
                  WHERE i.property_id = p.property_id AND i.superseded_leaf IS NULL
                    AND i.valid_to IS NULL) AS under_investigation
      FROM cadastre.property p
      LEFT JOIN registry.property_head h USING (property_id)
      LEFT JOIN cadastre.property_closure c ON c.property_id = p.property_id AND c.superseded_leaf IS NULL
     WHERE p.property_id = ANY (CAST(:properties AS bigint[]))
""")
_RIGHTS = text("""
    SELECT property_id, right_id, kind, party_id, share_numerator, share_denominator, registration_number,
           registration_date, valid_from, source_id, until, rent, rent_currency, rent_period, dispose_by,
           public.ST_AsBinary(part_geom) AS part
      FROM cadastre.property_right
     WHERE property_id = ANY (CAST(:properties AS bigint[])) AND superseded_leaf IS NULL
       AND (valid_to IS NULL OR valid_to > ledger.today())
     ORDER BY right_id
""")
_RESTRICTIONS = text("""
    SELECT property_id, restriction_id, kind, beneficiary_party_id, burdened_party_id, benefits_property_id,
           amount, currency, interest_rate, rank, note_number, note_dated, until, authority,
           registration_number, registration_date, valid_from, source_id,
           public.ST_AsBinary(part_geom) AS part
      FROM cadastre.restriction
     WHERE property_id = ANY (CAST(:properties AS bigint[])) AND superseded_leaf IS NULL
       AND (valid_to IS NULL OR valid_to > ledger.today())
     ORDER BY restriction_id
""")
_PARCELS = text("""
    SELECT o.property_id, o.property_object_id, v.parcel_id, v.version_id, p.cadastral_number, d.legal_srid,
           v.surveyed_area_m2, v.documentary_area_m2, v.land_category, v.ownership_form, v.purpose,
           v.quality_group, v.address_text, public.ST_AsBinary(v.geom) AS outline
      FROM cadastre.property_object o
      JOIN cadastre.parcel_version v ON v.parcel_id = o.parcel_id AND v.superseded_leaf IS NULL
                                    AND v.valid_to IS NULL
      JOIN cadastre.parcel p ON p.parcel_id = o.parcel_id
      JOIN cadastre.district d ON d.code = p.district_code
     WHERE o.property_id = ANY (CAST(:properties AS bigint[])) AND o.superseded_leaf IS NULL
       AND o.valid_to IS NULL
     ORDER BY o.property_object_id
""")
_PARCEL_ATTRIBUTES = ("land_category", "ownership_form", "purpose", "quality_group", "address_text")


def read_states(connection: Connection, properties: Sequence[int]) -> dict[int, PropertyState]:
    """Read sections whose heads this transaction has taken; a number that is none is left out."""
    asked = {"properties": list(properties)}
    rights = _by_property(connection.execute(_RIGHTS, asked), _right)
    restrictions = _by_property(connection.execute(_RESTRICTIONS, asked), _restriction)
    parcels = _by_property(connection.execute(_PARCELS, asked), _parcel)
    return {
        row.property_id: PropertyState(
            property_id=row.property_id,
            register_number=row.register_number,
            object_kind=row.object_kind,
            district_code=row.district_code,
            version=row.version,
            closed_on=row.closed_on,
            rights=tuple(rights[row.property_id]),
            restrictions=tuple(restrictions[row.property_id]),
            parcels=tuple(parcels[row.property_id]),
            unit_ids=tuple(row.unit_ids),
            building_ids=tuple(row.building_ids),
            building_numbers=tuple(row.building_numbers),
            under_investigation=frozenset(row.under_investigation),
        )
        for row in connection.execute(_SECTIONS, asked)
    }


def _by_property(rows: Iterable[Row[Any]], read: Callable[[Row[Any]], T]) -> defaultdict[int, list[T]]:
    found: defaultdict[int, list[T]] = defaultdict(list)
    for row in rows:
        found[row.property_id].append(read(row))
    return found


def _right(row: Row[Any]) -> RightState:
    terms = Terms(
        until=row.until,
        rent=row.rent,
        rent_currency=row.rent_currency,
        rent_period=row.rent_period,
        part=_polygon(row.part),
        dispose_by=row.dispose_by,
    )
    share = None
    if row.share_numerator is not None:
        share = Share(row.share_numerator, row.share_denominator)
    return RightState(
        right_id=row.right_id,
        kind=row.kind,
        party_id=row.party_id,
        share=share,
        registration_number=row.registration_number,
        registration_date=row.registration_date,
        valid_from=row.valid_from,
        source_id=row.source_id,
        terms=terms,
    )


def _restriction(row: Row[Any]) -> RestrictionState:
    contents = Encumbrance(
        kind=row.kind,
        beneficiary=row.beneficiary_party_id,
        burdened=row.burdened_party_id,
        benefits_property_id=row.benefits_property_id,
        amount=row.amount,
        currency=row.currency,
        interest_rate=row.interest_rate,
        rank=row.rank,
        note_number=row.note_number,
        note_dated=row.note_dated,
        until=row.until,
        part=_polygon(row.part),
        authority=row.authority,
    )
    return RestrictionState(
        restriction_id=row.restriction_id,
        contents=contents,
        registration_number=row.registration_number,
        registration_date=row.registration_date,
        valid_from=row.valid_from,
        source_id=row.source_id,
    )


def _parcel(row: Row[Any]) -> ParcelState:
    return ParcelState(
        parcel_id=row.parcel_id,
        version_id=row.version_id,
        property_object_id=row.property_object_id,
        cadastral_number=row.cadastral_number,
        outline=_polygon(row.outline),
        srid=row.legal_srid,
        surveyed_area_m2=row.surveyed_area_m2,
        documentary_area_m2=row.documentary_area_m2,
        attributes={name: row._mapping[name] for name in _PARCEL_ATTRIBUTES},
    )


def _polygon(wkb: memoryview | None) -> Polygon | None:
    """Read a polygon in the UTM zone of its district, metres; the column's type admits nothing else."""
    if wkb is None:
        return None
    shape = shapely.from_wkb(bytes(wkb))
    if not isinstance(shape, Polygon):
        raise TypeError(f"legal geometry is a {shape.geom_type}")
    return shape


__all__ = ["read_states"]
