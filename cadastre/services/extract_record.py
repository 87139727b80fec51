"""Turns the rows of a property into the record that a statement is written from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Row

from cadastre.domain.caller import Caller, CallerRole
from cadastre.domain.codelist import load_codelist
from cadastre.domain.unit import UnitPlace, format_unit
from cadastre.extract.boundary import rings_of
from cadastre.extract.record import (
    BasisRecord,
    BuildingOutline,
    CrsOperation,
    District,
    HolderRecord,
    IdentifierPolicy,
    ParcelRecord,
    PartyRecord,
    PropertyRecord,
    RestrictionRecord,
    RightRecord,
    Share,
    Text3,
    UnitArea,
    UnitRecord,
)
from cadastre.store.properties import PropertyRows, polygon_of

_SEES_FULL_IDENTIFIERS = frozenset({CallerRole.NOTARY, CallerRole.COURT, CallerRole.REGISTRAR})


def identifier_policy(caller: Caller) -> IdentifierPolicy:
    """Who sees FIN and VOEN whole: those who must tell namesakes apart."""
    return IdentifierPolicy.FULL if caller.role in _SEES_FULL_IDENTIFIERS else IdentifierPolicy.MASKED


def district_record(code: str, on: date) -> District:
    """Administrative unit with its names, and its city's when it lies in one."""
    districts = load_codelist("districts")
    entry = districts.find_entry(code, on) or districts.latest(code)
    parent_code = entry.find_text("parent")
    parent = None if parent_code in (None, "AZ") else districts.latest(str(parent_code))
    names = Text3(entry.az, entry.en, entry.ru)
    return District(code, names, None if parent is None else Text3(parent.az, parent.en, parent.ru))


def property_record(rows: PropertyRows, address: Text3 | None, on: date) -> PropertyRecord:
    """Description block: number, kind, areas, floors, address."""
    unit = rows.units[0] if rows.units else None
    own_buildings = [b for b in rows.buildings if b.floors is not None]
    storeys = unit.floors if unit else (own_buildings[0].floors if own_buildings else None)
    forms = {p.ownership_form for p in rows.parcels if p.ownership_form}
    section = rows.property
    return PropertyRecord(
        register_number=section.register_number,
        object_kind=section.object_kind,
        opened=section.opened_on,
        book=section.book_number,
        sheet=section.sheet_number,
        ownership_form=forms.pop() if len(forms) == 1 else None,
        unit=_unit(unit, section.district_code, on),
        unit_areas=_unit_areas(unit),
        room_count=unit.room_count if unit else None,
        floor=unit.floor if unit else None,
        storeys=storeys,
        address=address or _recorded_address(rows),
    )


def unit_place(unit: Row[Any]) -> UnitPlace:
    """What the address of a unit says of it."""
    return UnitPlace(unit.kind, unit.unit_number, unit.entrance_number)


def _recorded_address(rows: PropertyRows) -> Text3 | None:
    """Address as the survey of the land recorded it, for want of one in the address register."""
    for unit in rows.units:
        if unit.address_text:
            return Text3(f"{unit.address_text}, {format_unit(unit_place(unit), 'az')}")
    return next((Text3(p.address_text) for p in rows.parcels if p.address_text), None)


def _unit(unit: Row[Any] | None, district_code: str, on: date) -> UnitRecord | None:
    if unit is None:
        return None
    return UnitRecord(
        number=unit.unit_number,
        building_number=unit.building_number,
        district=district_record(district_code, on),
        building_entrance=unit.entrance_number,
        cadastral_number=unit.cadastral_number,
    )


def _unit_areas(unit: Row[Any] | None) -> tuple[UnitArea, ...]:
    if unit is None:
        return ()
    total = UnitArea("total", factual_m2=unit.total_area_m2) if unit.total_area_m2 is not None else None
    living = UnitArea("living", factual_m2=unit.living_area_m2) if unit.living_area_m2 is not None else None
    return tuple(area for area in (total, living) if area is not None)


def parcel_records(rows: PropertyRows, on: date) -> tuple[ParcelRecord, ...]:
    """Land of the property, each parcel with its turning points and the buildings on it."""
    return tuple(_parcel(row, rows.buildings, on) for row in rows.parcels)


def _parcel(row: Row[Any], buildings: Sequence[Row[Any]], on: date) -> ParcelRecord:
    polygon = polygon_of(row)
    outlines = [(b, polygon_of(b)) for b in buildings if b.parcel_id == row.parcel_id]
    return ParcelRecord(
        cadastral_number=row.cadastral_number,
        district=district_record(row.district_code, on),
        land_category=None if row.land_category is None else str(row.land_category),
        ownership_form=row.ownership_form,
        srid=row.legal_srid,
        rings=() if polygon is None else rings_of(polygon),
        purpose=row.purpose,
        quality_group=None if row.quality_group is None else str(row.quality_group),
        documentary_area_m2=row.documentary_area_m2,
        surveyed_area_m2=row.surveyed_area_m2,
        crs=CrsOperation(row.source_srid, row.operation_code, _decimal(row.operation_accuracy_m)),
        survey_accuracy_m=_decimal(row.accuracy_m),
        source_number=row.source_number,
        source_date=row.source_date,
        buildings=tuple(
            BuildingOutline(rings_of(shape), storeys=b.floors) for b, shape in outlines if shape is not None
        ),
    )


def _decimal(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(round(value, 3)))


def right_records(rows: PropertyRows) -> tuple[RightRecord, ...]:
    """Rights, holders of one ownership gathered in one block, each with his own registration."""
    blocks: dict[tuple[str, str], list[Row[Any]]] = {}
    for row in rows.rights:
        own_block = "" if row.kind == "ownership" else str(row.right_id)
        blocks.setdefault((row.kind, own_block), []).append(row)
    return tuple(_right(kind, members) for (kind, _), members in blocks.items())


def _right(kind: str, rows: list[Row[Any]]) -> RightRecord:
    bases = {(r.basis_kind, r.basis_number, r.basis_date): None for r in rows if r.basis_kind}
    return RightRecord(
        kind=kind,
        holders=tuple(_holder(row) for row in rows),
        registration_number=rows[0].registration_number,
        registration_date=rows[0].registration_date,
        bases=tuple(BasisRecord(*basis) for basis in bases),
        until=rows[0].valid_to,
    )


def _holder(row: Row[Any]) -> HolderRecord:
    return HolderRecord(
        party=_party(row),
        share=None if row.joint else Share(row.share_numerator, row.share_denominator),
        joint=row.joint,
        registration_number=row.registration_number,
        registration_date=row.registration_date,
    )


def _party(row: Row[Any]) -> PartyRecord:
    return PartyRecord(name=row.party_name, kind=row.party_kind, fin=row.fin, voen=row.voen)


def restriction_records(rows: PropertyRows) -> tuple[RestrictionRecord, ...]:
    """Restrictions in the order of their registration."""
    return tuple(
        RestrictionRecord(
            kind=row.kind,
            registration_number=row.registration_number,
            registration_date=row.registration_date,
            beneficiaries=(_party(row),) if row.party_name else (),
            bases=(BasisRecord(row.basis_kind, row.basis_number, row.basis_date),) if row.basis_kind else (),
            until=row.until,
            amount=row.amount,
            currency=row.currency or "AZN",
            rank=row.rank,
        )
        for row in rows.restrictions
    )


__all__ = [
    "district_record",
    "identifier_policy",
    "parcel_records",
    "property_record",
    "restriction_records",
    "right_records",
]
