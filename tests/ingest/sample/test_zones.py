from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest

from ingest.sample import SampleSpec, generate
from ingest.services import DistrictOptions, load_districts
from tests.database import Database
from tests.ingest.sample.conftest import Sample
from tests.ingest.services.zone_rows import NOW, load


@pytest.mark.parametrize("which", ["town", "gauss_kruger_town"])
def test_every_parcel_lies_in_one_zone_and_no_zones_overlap(
    which: str, request: pytest.FixtureRequest
) -> None:
    sample: Sample = request.getfixturevalue(which)
    zones = gpd.read_file(sample.files.zones)
    assert zones.is_valid.all()
    assert zones.zone_code.is_unique
    assert zones.synthetic.all()
    assert zones.crs == f"EPSG:{sample.files.srid}"
    inside = gpd.sjoin(sample.lawful, zones, predicate="within")
    assert len(inside) == len(sample.lawful)
    assert zones.area.sum() == pytest.approx(zones.union_all().area, rel=1e-9)


@pytest.mark.parametrize("srid", [None, 28409])
def test_zones_of_a_sample_load_whole(fresh_database: Database, tmp_path: Path, srid: int | None) -> None:
    made = generate(SampleSpec(2000, tmp_path, srid=srid))
    load_districts(DistrictOptions(made.districts_geojson), fresh_database.admin_url, now=lambda: NOW)
    report = load(fresh_database, made.districts[0].zones, None)
    assert (report.read, report.rejected, report.findings) == (4, 0, {})
