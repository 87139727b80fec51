"""Flats from a synthetic sample, file by file through the loaders: nothing lost, every flat behind its door."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

from ingest.sample import SampleSpec, generate
from ingest.services import (
    DistrictOptions,
    LoadOptions,
    TableOptions,
    VectorOptions,
    load_buildings,
    load_districts,
    load_entrances,
    load_parcels,
    load_rights,
    load_streets,
    load_units,
)
from tests.database import Database
from tests.ingest.services.rights_rows import query

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
PARCELS = 500  # the smallest sample that has apartment buildings


def now() -> datetime:
    return NOW


def test_every_flat_of_a_sample_is_registered_with_its_owners_and_its_door(
    fresh_database: Database, tmp_path: Path
) -> None:
    paths = generate(SampleSpec(parcels=PARCELS, out=tmp_path, seed=1))
    (files,) = paths.districts
    url = fresh_database.admin_url
    load_districts(DistrictOptions(paths.districts_geojson), url, now=now)
    load_parcels(LoadOptions(files.parcels, files.code), url, now=now)
    load_buildings(VectorOptions(files.buildings, files.code), url, now=now)
    load_streets(VectorOptions(files.streets, files.code), url, now=now)
    load_entrances(VectorOptions(files.entrances, files.code), url, now=now)
    with files.flats.open(encoding="utf-8", newline="") as file:
        flats = list(csv.DictReader(file))
    with files.flat_rights.open(encoding="utf-8", newline="") as file:
        rights = list(csv.DictReader(file))
    units = load_units(TableOptions(files.flats), url, now=now)
    assert (units.read, units.accepted, units.findings) == (len(flats), len(flats), {})
    owned = load_rights(TableOptions(files.flat_rights), url, now=now)
    assert (owned.read, owned.accepted, owned.rejected) == (len(rights), len(rights), 0), owned.findings
    registered = query(
        fresh_database,
        "SELECT p.register_number, b.building_number, u.unit_number, u.floor, e.number "
        "FROM cadastre.property p JOIN cadastre.property_object USING (property_id) "
        "JOIN cadastre.building_unit u USING (unit_id) JOIN cadastre.building b ON b.building_id = u.building_id "
        "JOIN address.entrance e ON e.building_id = b.building_id AND e.building_entrance = u.entrance_number",
    )
    numbers = {(row["building_number"], row["unit_number"]): row["register_number"] for row in rights}
    floors = {(row["building_number"], row["unit_number"]): int(row["floor"]) for row in flats}
    assert len(registered) == len(flats)
    assert {(building, unit): number for number, building, unit, _, _ in registered} == numbers
    assert {(building, unit): floor for _, building, unit, floor, _ in registered} == floors
    holders = query(fresh_database, "SELECT count(*) FROM cadastre.property_right WHERE kind = 'ownership'")
    assert holders == [(sum(row["right_kind"] == "ownership" for row in rights),)]
