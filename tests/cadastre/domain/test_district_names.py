"""Units by name: codes first, then names in three languages, then what they were called before."""

from __future__ import annotations

import csv
import json
import statistics
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from cadastre.domain.codelist import load_codelist
from cadastre.domain.district_names import find_districts

TODAY = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("spelling", "codes"),
    [
        ("BAK-XEZ", ["BAK-XEZ"]),
        ("bak-xez", ["BAK-XEZ"]),
        ("AZ-SM", ["SM"]),
        ("Xezer rayonu", ["BAK-XEZ"]),
        ("Хәзәр рајону", ["BAK-XEZ"]),
        ("Хазарский район", ["BAK-XEZ"]),
        ("Khazar District", ["BAK-XEZ"]),
        ("Naxçıvan", ["NV"]),
        ("Lankaran", ["LA", "LAN"]),
        ("Göygöl", ["GYG"]),
        ("Xanlar", ["GYG"]),
        ("Əzizbəyov rayonu", ["BAK-XEZ"]),
        ("SAB", ["SAB"]),
        ("nowhere", []),
        ("", []),
    ],
)
def test_spelling(spelling: str, codes: list[str]) -> None:
    assert [e.code for e in find_districts(spelling, TODAY)] == codes


def test_every_name_of_every_unit_leads_back_to_it() -> None:
    for entry in load_codelist("districts").entries_at(TODAY):
        for name in (entry.code, entry.az, entry.en, entry.ru):
            assert [e.code for e in find_districts(name, TODAY)] == [entry.code], name


def test_a_unit_is_not_found_before_it_existed() -> None:
    assert find_districts("Ağdərə", date(2020, 1, 1)) == ()


@pytest.mark.data
def test_real_district_file_is_matched_by_name(shared_data: Callable[[str], Path]) -> None:
    file = shared_data("az_baku_districts/baku_districts.geojson")
    features = json.loads(file.read_text(encoding="utf-8"))["features"]
    found = [find_districts(f["properties"]["name"], TODAY) for f in features]
    assert all(len(entries) == 1 for entries in found)
    codes = {entries[0].code for entries in found}
    baku = {e.code for e in load_codelist("districts") if e.find_text("parent") == "BAK"}
    assert baku - codes == {"BAK-NAR"}


@pytest.mark.data
def test_the_legal_zone_is_that_of_most_places(shared_data: Callable[[str], Path]) -> None:
    longitudes: dict[str, list[float]] = defaultdict(list)
    with shared_data("az_settlements/az_settlements.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            parent = row["grandparent_name"] or row["parent_name"]
            longitudes[parent].append(float(row["lon"]))
    checked = 0
    for parent, values in longitudes.items():
        for entry in find_districts(parent, TODAY):
            zone = 32639 if statistics.median(values) >= 48 else 32638
            assert entry.integer("legal_srid") == zone, parent
            checked += 1
    assert checked > 60
