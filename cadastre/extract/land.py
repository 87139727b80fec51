"""The description block of a statement: the register section and its parcels."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from cadastre.extract.boundary import NumberedRing, number_rings
from cadastre.extract.labels import Coder, optional, text3
from cadastre.extract.neighbour import NeighbourRecord
from cadastre.extract.record import (
    BuildingOutline,
    ClosingRecord,
    District,
    FlagRecord,
    ParcelRecord,
    PropertyRecord,
    UnitArea,
    UnitRecord,
)
from cadastre.extract.text import fixed, from_mm, nfc

_M2_PER_HA = Decimal(10_000)


def write_property(record: PropertyRecord, coded: Coder) -> dict[str, Any]:
    """Write the register section (LA_BAUnit)."""
    return {
        "register_number": nfc(record.register_number),
        "object_kind": coded("object_kind", record.object_kind),
        "opened": record.opened.isoformat(),
        "book": record.book,
        "sheet": record.sheet,
        "ownership_form": optional(record.ownership_form, lambda code: coded("ownership_form", code)),
        "unit": optional(record.unit, _unit),
        "unit_areas": [_unit_area(area) for area in record.unit_areas],
        "room_count": record.room_count,
        "floor": record.floor,
        "storeys": record.storeys,
        "divisible": record.divisible,
        "address": optional(record.address, text3),
        "former_address": optional(record.former_address, text3),
        "paper_series": record.paper_series,
        "paper_number": record.paper_number,
        "flags": [_flag(flag, coded) for flag in record.flags],
        "closing": optional(record.closing, lambda closing: _closing(closing, coded)),
    }


def _flag(flag: FlagRecord, coded: Coder) -> dict[str, Any]:
    return {
        "subject": flag.subject,
        "attribute": coded("investigated_attribute", flag.attribute),
        "number": optional(flag.number, nfc),
        "since": flag.since.isoformat(),
    }


def _closing(closing: ClosingRecord, coded: Coder) -> dict[str, Any]:
    return {
        "closed_on": closing.closed_on.isoformat(),
        "reason": coded("closing_reason", closing.reason),
        "successors": list(closing.successors),
    }


def write_parcel(record: ParcelRecord, coded: Coder) -> dict[str, Any]:
    """Write a parcel (LA_SpatialUnit) with its turning points."""
    rings = number_rings(record.rings, srid=record.srid)
    return {
        "cadastral_number": nfc(record.cadastral_number),
        "district": _district(record.district),
        "cadastral_zone": optional(record.cadastral_zone, nfc),
        "land_category": optional(record.land_category, lambda code: coded("land_category", code)),
        "purpose": optional(record.purpose, nfc),
        "ownership_form": optional(record.ownership_form, lambda code: coded("ownership_form", code)),
        "quality_group": record.quality_group,
        "documentary_area": optional(record.documentary_area_m2, _area),
        "surveyed_area": optional(record.surveyed_area_m2, _area),
        "survey": {
            "accuracy_m": optional(record.survey_accuracy_m, lambda value: fixed(value, 3)),
            "source_number": record.source_number,
            "source_date": optional(record.source_date, date.isoformat),
        },
        "crs": {
            "srid": record.srid,
            "source_srid": record.crs.source_srid,
            "operation": record.crs.operation,
            "operation_accuracy_m": optional(record.crs.accuracy_m, lambda value: fixed(value, 3)),
        },
        "perimeter_m": from_mm(sum(p.side_mm for p in rings[0].points)) if rings else None,
        "rings": [_ring(ring) for ring in rings],
        "buildings": [_building(building, record.srid, coded) for building in record.buildings],
        "neighbours": optional(record.neighbours, lambda found: [_neighbour(one) for one in found]),
    }


def _neighbour(neighbour: NeighbourRecord) -> dict[str, Any]:
    return {
        "cadastral_number": nfc(neighbour.cadastral_number),
        "first": neighbour.first,
        "last": neighbour.last,
    }


def _district(district: District) -> dict[str, Any]:
    return {
        "code": district.code,
        "name": text3(district.name),
        "parent_name": optional(district.parent_name, text3),
    }


def _area(area_m2: Decimal) -> dict[str, str]:
    return {"m2": fixed(area_m2, 2), "ha": fixed(area_m2 / _M2_PER_HA, 4)}


def _unit(unit: UnitRecord) -> dict[str, Any]:
    return {
        "number": nfc(unit.number),
        "building_number": nfc(unit.building_number),
        "building_entrance": unit.building_entrance,
        "district": _district(unit.district),
        "cadastral_number": optional(unit.cadastral_number, nfc),
    }


def _unit_area(area: UnitArea) -> dict[str, Any]:
    return {
        "kind": area.kind,
        "documentary_m2": optional(area.documentary_m2, lambda value: fixed(value, 2)),
        "factual_m2": optional(area.factual_m2, lambda value: fixed(value, 2)),
    }


def _ring(ring: NumberedRing) -> dict[str, Any]:
    return {
        "role": ring.role,
        "points": [
            {
                "number": point.number,
                "northing": from_mm(point.northing_mm),
                "easting": from_mm(point.easting_mm),
                "next": point.next_number,
                "side_m": from_mm(point.side_mm),
            }
            for point in ring.points
        ],
    }


def _building(building: BuildingOutline, srid: int, coded: Coder) -> dict[str, Any]:
    return {
        "label": optional(building.label, nfc),
        "number": optional(building.number, nfc),
        "kind": optional(building.kind, lambda code: coded("object_kind", code)),
        "footprint_m2": optional(building.footprint_m2, lambda value: fixed(value, 2)),
        "belongs": building.belongs,
        "storeys": building.storeys,
        "rings": [
            [[from_mm(p.northing_mm), from_mm(p.easting_mm)] for p in ring.points]
            for ring in number_rings(building.rings, srid=srid)
        ],
    }
