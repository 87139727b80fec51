"""Synthetic buildings with flats, and rows of a units file."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from cadastre.store.ledger import append_leaf
from ingest.report import LoadReport
from ingest.services import TableOptions, load_units
from ingest.units_file import OPTIONAL, REQUIRED
from tests.database import Database
from tests.ingest.services.rights_rows import NOW

COLUMNS = (*REQUIRED, *OPTIONAL)


def add_building(database: Database, number: str, parcel: str | None = None, floors: int | None = 5) -> None:
    """Register a building without geometry on a registered parcel."""
    engine = create_engine(database.admin_url, poolclass=NullPool)
    with engine.begin() as connection:
        leaf = append_leaf(connection, kind="building.entered", actor="test", payload={})
        connection.execute(
            text(
                "INSERT INTO cadastre.building (building_number, parcel_id, kind, floors, valid_from, recorded_leaf) "
                "VALUES (:number, (SELECT parcel_id FROM cadastre.parcel WHERE cadastral_number = :parcel), "
                "'building', :floors, '2020-01-01', :leaf)"
            ),
            {"number": number, "parcel": parcel, "floors": floors, "leaf": leaf},
        )
    engine.dispose()


def add_doors(database: Database, building: str, doors: Mapping[str, int]) -> None:
    """Give a registered building entrances on a street: number on the street, number in the building."""
    engine = create_engine(database.admin_url, poolclass=NullPool)
    with engine.begin() as connection:
        leaf = append_leaf(connection, kind="entrance.entered", actor="test", payload={})
        connection.execute(
            text(
                "INSERT INTO address.street (district_code, kind, name_az, valid_from, recorded_leaf) "
                "VALUES ('BAK-XEZ', 'kuce', 'Nərgiz', '2020-01-01', :leaf)"
            ),
            {"leaf": leaf},
        )
        connection.execute(
            text(
                "INSERT INTO address.entrance (street_id, number, building_id, building_entrance, valid_from, "
                "recorded_leaf, geom) SELECT street_id, :number, building_id, :nth, '2020-01-01', :leaf, "
                "ST_SetSRID(ST_MakePoint(425010, 4480010), 32639) "
                "FROM address.street, cadastre.building WHERE building_number = :building"
            ),
            [{"number": n, "nth": nth, "leaf": leaf, "building": building} for n, nth in doors.items()],
        )
    engine.dispose()


def unit(building: str, number: str, **other: str) -> dict[str, str]:
    """Row of a flat."""
    row = {
        "building_number": building,
        "unit_number": number,
        "kind": "flat",
        "entrance_number": "1",
        "floor": "2",
        "room_count": "3",
        "total_area_m2": "71.4",
        "living_area_m2": "50.25",
    }
    return row | other


def write_units(path: Path, rows: Iterable[Mapping[str, str]]) -> Path:
    """Write rows as CSV with every known column."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def load_unit_file(database: Database, path: Path, sheet: str | None = None) -> LoadReport:
    """Load a file as the command does."""
    return load_units(TableOptions(path=path, sheet=sheet), database.admin_url, now=lambda: NOW)
