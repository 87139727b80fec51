from __future__ import annotations

import hashlib
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest

from cadastre.kernel.errors import InvalidInput, Unavailable
from ingest.sample import SamplePaths, SampleSpec, generate
from tests.ingest.sample.conftest import Sample


def _digest(made: SamplePaths) -> str:
    """Digest of geometry (WKB) and attributes of every layer, and of every other file."""
    sha = hashlib.sha256()
    for path in sorted(made.root.rglob("*")):
        if path.suffix == ".gpkg":
            frame = gpd.read_file(path)
            sha.update(b"".join(frame.geometry.to_wkb()))
            sha.update(pd.util.hash_pandas_object(frame.drop(columns="geometry")).to_numpy().tobytes())
        elif path.is_file():
            sha.update(path.read_bytes())
    return sha.hexdigest()


def test_the_same_seed_gives_the_same_content(tmp_path: Path) -> None:
    def make(name: str, seed: int) -> str:
        return _digest(generate(SampleSpec(700, tmp_path / name, seed=seed, planted_overlaps=8)))

    assert make("a", 3) == make("b", 3)
    assert make("c", 4) != make("d", 3)


def test_a_second_run_into_the_folder_replaces_the_first(tmp_path: Path) -> None:
    generate(SampleSpec(300, tmp_path, planted_overlaps=4))
    made = generate(SampleSpec(200, tmp_path))
    assert pyogrio.read_info(made.districts[0].parcels, force_feature_count=True)["features"] == 200
    assert not (tmp_path / "planted.json").exists()


def test_several_districts_get_a_folder_and_their_own_zone(tmp_path: Path) -> None:
    made = generate(SampleSpec(401, tmp_path, districts=("BAK-XEZ", "GA"), planted_overlaps=5))
    assert [d.parcels.parent.name for d in made.districts] == ["BAK-XEZ", "GA"]
    frames = [gpd.read_file(d.parcels) for d in made.districts]
    assert [f.crs.to_epsg() for f in frames] == [32639, 32638]
    assert sum(len(f) for f in frames) == 401 + 5
    assert made.planted_count == 5
    fins = [set(pd.read_csv(d.rights, dtype=str).fin.dropna()) for d in made.districts]
    assert not fins[0] & fins[1]
    assert len(gpd.read_file(made.districts_geojson)) == 2
    degrees = frames[1].to_crs(4326).total_bounds
    assert 46.3 < degrees[0] < degrees[2] < 46.42
    assert frames[1].address_text.str.startswith("Gəncə şəhəri, ").all()


def test_everything_says_that_it_is_synthetic(town: Sample) -> None:
    for path in (town.files.parcels, town.files.buildings, town.files.streets, town.files.entrances):
        info = pyogrio.read_info(path)
        assert info["layer_name"] == path.stem
        assert "SYNTHETIC" in info["layer_metadata"]["DESCRIPTION"]
    for layer in (town.parcels, town.buildings, town.streets, town.entrances):
        assert layer.synthetic.all()
    assert "SYNTHETIC" in town.paths.readme.read_text(encoding="utf-8")
    assert (town.flats.synthetic == "true").all()


def test_the_parcel_file_has_the_columns_of_a_parcel_file(town: Sample) -> None:
    assert list(town.parcels.columns) == [
        "cadastral_number",
        "land_category",
        "purpose",
        "ownership_form",
        "documentary_area_m2",
        "quality_group",
        "address_text",
        "source_number",
        "source_date",
        "accuracy_m",
        "synthetic",
        "geometry",
    ]
    assert set(town.parcels.ownership_form) == {"dovlet", "belediyye", "xususi"}
    assert town.parcels.land_category.between(1, 7).all()
    assert set(town.parcels.quality_group.dropna()) == {1, 2, 3, 4, 5}
    ratio = town.lawful.documentary_area_m2 / town.lawful.area
    assert ratio.between(0.9, 1.1).all()


def test_progress_counts_every_parcel(tmp_path: Path) -> None:
    seen: list[int] = []
    generate(SampleSpec(150, tmp_path), seen.append)
    assert sum(seen) == 150


@pytest.mark.parametrize(
    ("order", "message"),
    [
        ({"parcels": 0}, "--parcels 0"),
        ({"parcels": 10, "districts": ("NOWHERE",)}, "--district NOWHERE"),
        ({"parcels": 10, "districts": ()}, "--district none"),
        ({"parcels": 10, "districts": ("GA", "GA")}, "twice"),
        ({"parcels": 1, "districts": ("GA", "BAK-XEZ")}, "smaller than the number of districts"),
        ({"parcels": 10, "srid": 3857}, "--crs EPSG:3857"),
        ({"parcels": 10, "districts": ("GA",), "srid": 28409}, "west of 48 degrees"),
        ({"parcels": 10, "seed": -1}, "--seed -1"),
        ({"parcels": 10, "planted_overlaps": 5}, "--plant-overlaps 5"),
        ({"parcels": 4_000_000, "districts": ("BAK-XEZ", "BAK-SUR")}, "would overlap"),
    ],
)
def test_an_impossible_order_is_refused_in_one_sentence(tmp_path: Path, order: dict, message: str) -> None:
    with pytest.raises(InvalidInput, match=message) as refusal:
        SampleSpec(out=tmp_path, **order)
    assert "\n" not in refusal.value.message


def test_a_folder_that_is_a_file_is_said_plainly(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("")
    with pytest.raises(Unavailable, match="cannot be written"):
        generate(SampleSpec(10, taken))
