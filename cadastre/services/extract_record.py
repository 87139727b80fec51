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
    BuildingOutline,
    ClosingRecord,
    CrsOperation,
    District,
    FlagRecord,
    IdentifierPolicy,
    ParcelRecord,
    PropertyRecord,
    Text3,
    UnitArea,
    UnitRecord,
)
from cadastre.services.addresses import AddressAsked
from cadastre.store.properties import PropertyRows
from cadastre.store.property_land import polygon_of

_FORM_OF_OWNER = {"state": "dovlet", "municipality": "belediyye"}
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
    section = rows.property
    own = own_buildings(rows)
    storeys = unit.floors if unit else max((b.floors for b in own if b.floors is not None), default=None)
    return PropertyRecord(
        register_number=section.register_number,
        object_kind=section.object_kind,
        opened=section.opened_on,
        book=section.book_number,
        sheet=section.sheet_number,
        ownership_form=_ownership_form(rows),
        unit=_unit(unit, section.district_code, on),
        unit_areas=_areas(section, unit),
        room_count=unit.room_count if unit and unit.room_count is not None else section.room_count,
        floor=unit.floor if unit else None,
        storeys=storeys,
        divisible=section.divisible,
        address=address or _recorded_address(rows),
        former_address=None if section.former_address is None else Text3(section.former_address),
        paper_series=section.paper_series,
        paper_number=section.paper_number,
        flags=tuple(_flag(row) for row in rows.flags),
        closing=None
        if rows.closing is None
        else ClosingRecord(rows.closing.closed_on, rows.closing.reason, tuple(rows.closing.successors)),
    )


def _flag(row: Row[Any]) -> FlagRecord:
    number = row.cadastral_number if row.subject == "parcel" else row.registration_number
    return FlagRecord(row.subject, row.attribute, row.valid_from, number)


def unit_place(unit: Row[Any]) -> UnitPlace:
    """What the address of a unit says of it."""
    return UnitPlace(unit.kind, unit.unit_number, unit.entrance_number)


def address_asked(rows: PropertyRows) -> AddressAsked:
    """What the address of a property is asked for: its land and buildings, or its unit."""
    parcel_ids = [p.parcel_id for p in rows.parcels] + [u.parcel_id for u in rows.units if u.parcel_id]
    building_ids = [b.building_id for b in rows.buildings] + [u.building_id for u in rows.units]
    return AddressAsked(parcel_ids, building_ids, unit_place(rows.units[0]) if rows.units else None)


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


def _areas(section: Row[Any], unit: Row[Any] | None) -> tuple[UnitArea, ...]:
    """Areas that the form has for such an object, whether they are known or not; bare land has none."""
    kind = load_codelist("object_kinds").latest(section.object_kind)
    areas = tuple(
        UnitArea(
            name,
            documentary_m2=getattr(section, f"{name}_area_m2"),
            factual_m2=None if unit is None else getattr(unit, f"{name}_area_m2"),
        )
        for name in ("total", "living", "auxiliary")
    )
    if kind.flag("is_dwelling"):
        return areas
    expected = {"total"} if kind.flag("is_unit") or kind.flag("has_building") else set()
    return tuple(a for a in areas if a.kind in expected or (a.documentary_m2, a.factual_m2) != (None, None))


def own_buildings(rows: PropertyRows) -> list[Row[Any]]:
    """Buildings that are part of the property: land and what is built on it are one object.

    Those entered as its objects; where none was, those on the land of a kind that has a building.
    """
    entered = [b for b in rows.buildings if b.building_id in rows.own_building_ids]
    if entered or not load_codelist("object_kinds").latest(rows.property.object_kind).flag("has_building"):
        return entered
    return [b for b in rows.buildings if b.building_id not in rows.other_building_ids]


def _ownership_form(rows: PropertyRows) -> str | None:
    """Form of ownership as the land has it; a flat has none, and there the owners tell."""
    forms = {p.ownership_form for p in rows.parcels if p.ownership_form}
    forms = forms or {
        _FORM_OF_OWNER.get(right.party_kind, "xususi") for right in rows.rights if right.kind == "ownership"
    }
    return forms.pop() if len(forms) == 1 else None


def parcel_records(rows: PropertyRows, on: date) -> tuple[ParcelRecord, ...]:
    """Land of the property, each parcel with its turning points and the buildings on it."""
    own = {b.building_id for b in own_buildings(rows)}
    return tuple(_parcel(row, rows.buildings, own, on) for row in rows.parcels)


def _outline(row: Row[Any], own: set[int]) -> BuildingOutline:
    shape = polygon_of(row)
    entry = next((e for e in load_codelist("object_kinds") if e.code == row.kind), None)
    mark = "B" if entry is None else entry.find_text("plan_mark") or "B"
    return BuildingOutline(
        () if shape is None else rings_of(shape),
        label=mark if row.floors is None else f"{row.floors}{mark}",
        storeys=row.floors,
        number=row.building_number,
        kind=None if entry is None else entry.code,
        footprint_m2=row.footprint_area_m2,
        belongs=row.building_id in own,
    )


def _parcel(row: Row[Any], buildings: Sequence[Row[Any]], own: set[int], on: date) -> ParcelRecord:
    polygon = polygon_of(row)
    return ParcelRecord(
        cadastral_number=row.cadastral_number,
        district=district_record(row.district_code, on),
        land_category=None if row.land_category is None else str(row.land_category),
        ownership_form=row.ownership_form,
        srid=row.legal_srid,
        cadastral_zone=row.zone,
        rings=() if polygon is None else rings_of(polygon),
        purpose=row.purpose,
        quality_group=None if row.quality_group is None else str(row.quality_group),
        documentary_area_m2=row.documentary_area_m2,
        surveyed_area_m2=row.surveyed_area_m2,
        crs=CrsOperation(row.source_srid, row.operation_code, _decimal(row.operation_accuracy_m)),
        survey_accuracy_m=_decimal(row.accuracy_m),
        source_number=row.source_number,
        source_date=row.source_date,
        buildings=tuple(_outline(b, own) for b in buildings if b.parcel_id == row.parcel_id),
    )


def _decimal(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(round(value, 3)))


__all__ = [
    "address_asked",
    "district_record",
    "identifier_policy",
    "own_buildings",
    "parcel_records",
    "property_record",
]
