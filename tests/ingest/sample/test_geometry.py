from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Transformer

from ingest.sample import SampleSpec, generate
from tests.ingest.sample.conftest import Sample


def test_exactly_as_many_parcels_as_asked_for(town: Sample) -> None:
    assert len(town.lawful) == 4000
    assert len(town.parcels) == 4024
    assert town.parcels.cadastral_number.is_unique


@pytest.mark.parametrize("parcels", [1, 2, 37])
def test_tiny_samples_hold_exactly_as_many_parcels(tmp_path, parcels: int) -> None:
    made = generate(SampleSpec(parcels=parcels, out=tmp_path))
    assert len(gpd.read_file(made.districts[0].parcels)) == parcels
    assert len(gpd.read_file(made.districts[0].streets)) >= 1


def test_neighbours_share_their_boundaries_exactly(town: Sample) -> None:
    polygons = town.lawful.geometry.values
    assert shapely.is_valid(polygons).all()
    assert shapely.coverage_is_valid(polygons)
    assert shapely.coverage_is_valid(polygons[:500])


def test_many_parcels_really_have_neighbours(town: Sample) -> None:
    polygons = town.lawful.geometry.values
    tree = shapely.STRtree(polygons)
    one, two = tree.query(polygons, predicate="touches")
    shared = shapely.length(shapely.intersection(polygons[one], polygons[two])) > 1.0
    assert len(np.unique(one[shared])) > 0.95 * len(polygons)


def test_coordinates_are_whole_millimetres(town: Sample, gauss_kruger_town: Sample) -> None:
    for sample in (town, gauss_kruger_town):
        for layer in (sample.parcels, sample.buildings, sample.entrances, sample.streets):
            xy = shapely.get_coordinates(layer.geometry.values)
            assert np.array_equal(np.rint(xy * 1000) / 1000, xy)


def test_streets_are_left_free(town: Sample) -> None:
    tree = shapely.STRtree(town.lawful.geometry.values)
    crossing = tree.query(town.streets.geometry.values, predicate="intersects")
    assert crossing.shape[1] == 0


def test_no_slivers_and_varied_shapes(town: Sample) -> None:
    polygons = town.lawful.geometry.values
    area = shapely.area(polygons)
    compactness = 4 * np.pi * area / shapely.length(polygons) ** 2
    assert area.min() > 30.0
    assert compactness.min() > 0.15
    assert np.std(area) > 100.0
    corners = shapely.get_num_coordinates(shapely.get_exterior_ring(polygons)) - 1
    assert set(np.unique(corners)) >= {4, 5, 6, 7, 8}
    bent_in = shapely.area(shapely.convex_hull(polygons)) / area > 1.08
    assert bent_in.sum() > 20


def test_some_parcels_have_a_hole_filled_by_another_parcel(town: Sample) -> None:
    lawful = town.lawful
    holes = lawful[shapely.get_num_interior_rings(lawful.geometry.values) > 0]
    substations = lawful[lawful.purpose == "Transformator yarımstansiyası"]
    assert len(holes) == len(substations) > 0
    filled = {shapely.Polygon(p.interiors[0]).normalize().wkb for p in holes.geometry}
    assert filled == {p.normalize().wkb for p in substations.geometry}


def test_buildings_stand_within_their_parcels(town: Sample, gauss_kruger_town: Sample) -> None:
    for sample in (town, gauss_kruger_town):
        parcel = sample.parcels.set_index("cadastral_number").geometry
        hosts = parcel[sample.buildings.cadastral_number].values
        assert shapely.contains_properly(hosts, sample.buildings.geometry.values).all()
        assert shapely.is_valid(sample.buildings.geometry.values).all()
        assert len(sample.buildings) > 0.8 * len(sample.lawful)


def test_some_buildings_are_angled(town: Sample) -> None:
    corners = shapely.get_num_coordinates(town.buildings.geometry.values) - 1
    assert set(np.unique(corners)) == {4, 6}


def test_overlaps_are_exactly_the_planted_ones(town: Sample) -> None:
    frame = town.parcels
    polygons, numbers = frame.geometry.values, frame.cadastral_number.to_numpy()
    one, two = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    one, two = one[one < two], two[one < two]
    wide = shapely.intersection(polygons[one], polygons[two])
    wide = ~shapely.is_empty(shapely.buffer(wide, -0.001))
    found = {frozenset((numbers[a], numbers[b])) for a, b in zip(one[wide], two[wide], strict=True)}
    listed = json.loads(town.paths.planted.read_text())["pairs"]
    assert found == {frozenset((p["cadastral_number"], p["overlaps"])) for p in listed}
    assert town.paths.planted_count == len(listed) == 24
    assert {p["kind"] for p in listed} >= {"partial", "duplicate", "contained"}


def test_planted_kinds_are_what_they_say(town: Sample) -> None:
    parcel = town.parcels.set_index("cadastral_number").geometry
    tests = {
        "duplicate": lambda new, old: new.equals(old),
        "contained": lambda new, old: old.covers(new) and not new.equals(old),
        "containing": lambda new, old: new.covers(old) and not new.equals(old),
        "partial": lambda new, old: new.overlaps(old),
    }
    for pair in json.loads(town.paths.planted.read_text())["pairs"]:
        assert tests[pair["kind"]](parcel[pair["cadastral_number"]], parcel[pair["overlaps"]])


def test_without_planting_there_is_no_list(gauss_kruger_town: Sample) -> None:
    assert gauss_kruger_town.paths.planted is None
    assert not (gauss_kruger_town.paths.root / "planted.json").exists()
    assert shapely.coverage_is_valid(gauss_kruger_town.parcels.geometry.values)


def test_gauss_kruger_is_the_same_town_by_the_inverse_of_operation_1808(
    tmp_path, gauss_kruger_town: Sample
) -> None:
    utm = generate(SampleSpec(parcels=900, out=tmp_path, seed=7))
    expected = shapely.get_coordinates(gpd.read_file(utm.districts[0].parcels).geometry.values)
    given = shapely.get_coordinates(gauss_kruger_town.parcels.geometry.values)
    assert gauss_kruger_town.parcels.crs.to_epsg() == 28409
    to_pulkovo = Transformer.from_crs(28409, 4284, always_xy=True)
    operation = Transformer.from_pipeline("urn:ogc:def:coordinateOperation:EPSG::1808")
    to_utm = Transformer.from_crs(4326, 32639, always_xy=True)
    lon, lat = to_pulkovo.transform(given[:, 0], given[:, 1])
    lat, lon = operation.transform(lat, lon)
    back = np.column_stack(to_utm.transform(lon, lat))
    assert np.abs(back - expected).max() < 0.002


def test_the_extent_holds_every_parcel(town: Sample) -> None:
    outline = gpd.read_file(town.paths.districts_geojson)
    assert outline.crs.to_epsg() == 4326
    assert outline.code.tolist() == ["BAK-XEZ"]
    assert outline.synthetic.all()
    parcels = town.parcels.to_crs(4326)
    assert shapely.covers(outline.geometry[0], parcels.geometry.values).all()
    assert 50.0 < parcels.total_bounds[0] < parcels.total_bounds[2] < 50.4
