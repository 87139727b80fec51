from __future__ import annotations

import numpy as np
import shapely

from tests.ingest.sample.conftest import Sample


def _split(sample: Sample):
    parts = sample.entrances.number.str.extract(r"^(\d+)([A-Z]?)$")
    return parts[0].astype(int), parts[1]


def test_street_names_are_unique_and_at_most_three_words(town: Sample) -> None:
    assert town.streets.full_name.is_unique
    assert town.streets.full_name.str.split().str.len().max() <= 3
    assert set(town.streets.kind) == {"prospekt", "kuce", "donge"}
    assert town.streets.full_name.str.fullmatch(r"\d+-c[iıuü] \S+ döngəsi").any()
    assert not town.streets.duplicated(["name", "kind"]).any()


def test_every_entrance_lies_on_a_named_street_and_a_parcel(town: Sample) -> None:
    assert set(town.entrances.street) <= set(town.streets.full_name)
    assert set(town.entrances.cadastral_number) <= set(town.lawful.cadastral_number)
    assert not town.entrances.duplicated(["street", "number"]).any()
    parcel = town.parcels.set_index("cadastral_number").geometry
    hosts = parcel[town.entrances.cadastral_number].values
    assert shapely.covers(hosts, town.entrances.geometry.values).all()


def test_entrances_lie_on_their_building_on_the_side_of_the_street(town: Sample) -> None:
    building = town.buildings.set_index("building_number").geometry
    street = town.streets.set_index("full_name").geometry
    outlines = building[town.entrances.building_number].values
    lines = street[town.entrances.street].values
    points = town.entrances.geometry.values
    assert shapely.distance(shapely.get_exterior_ring(outlines), points).max() < 0.002
    to_street = shapely.distance(lines, points)
    assert (to_street < shapely.distance(lines, shapely.centroid(outlines))).all()
    assert to_street.max() < 60.0


def test_left_is_odd_and_right_is_even(town: Sample) -> None:
    number, _ = _split(town)
    line = town.streets.set_index("full_name").geometry[town.entrances.street].values
    points = shapely.get_coordinates(town.entrances.geometry.values)
    at = shapely.line_locate_point(line, town.entrances.geometry.values)
    before = shapely.get_coordinates(shapely.line_interpolate_point(line, np.maximum(at - 1, 0)))
    after = shapely.get_coordinates(shapely.line_interpolate_point(line, at + 1))
    d, e = after - before, points - before
    left = d[:, 0] * e[:, 1] - d[:, 1] * e[:, 0] > 0
    assert ((number % 2 == 1).to_numpy() == left).all()
    assert ((town.entrances.side == "left").to_numpy() == left).all()


def test_numbers_rise_from_the_start_of_the_street(town: Sample) -> None:
    entrances = town.entrances.copy()
    entrances["n"], entrances["letter"] = _split(town)
    entrances = entrances.sort_values(["street", "side", "n", "letter"])
    steps = entrances.groupby(["street", "side"]).position.diff().dropna()
    assert (steps >= 0).all()
    first = entrances.groupby(["street", "side"]).n.first()
    assert set(first) == {1, 2}
    gaps = entrances.groupby(["street", "side"]).n.diff().dropna()
    assert set(gaps) == {0, 2}


def test_position_is_metres_from_the_start(town: Sample) -> None:
    line = town.streets.set_index("full_name").geometry[town.entrances.street].values
    at = shapely.line_locate_point(line, town.entrances.geometry.values)
    assert np.abs(at - town.entrances.position).max() < 0.01


def test_a_further_entrance_of_a_building_takes_a_letter(town: Sample) -> None:
    entrances = town.entrances.copy()
    entrances["n"], entrances["letter"] = _split(town)
    several = entrances[entrances.duplicated("building_number", keep=False)]
    assert len(several) > 50
    assert (several.groupby("building_number").n.nunique() == 1).all()
    assert not several.duplicated(["building_number", "letter"]).any()
    assert "A" in set(several.letter)


def test_the_address_of_a_parcel_is_that_of_its_first_entrance(town: Sample) -> None:
    addressed = town.lawful.set_index("cadastral_number").address_text
    first = town.entrances.drop_duplicates("cadastral_number")
    written = addressed[first.cadastral_number].to_numpy()
    expected = ("Bakı şəhəri, Xəzər rayonu, " + first.street + " " + first.number).to_numpy()
    assert (written == expected).all()


def test_flats_are_numbered_once_in_each_building(town: Sample) -> None:
    flats = town.flats
    assert len(flats) > 100
    assert not flats.duplicated(["building_number", "unit_number"]).any()
    of_entrance = town.entrances.building_entrance.astype(str)
    entrances = set(zip(town.entrances.building_number, of_entrance, strict=True))
    assert set(zip(flats.building_number, flats.entrance_number, strict=True)) <= entrances
    assert (flats.living_area_m2.astype(float) < flats.total_area_m2.astype(float)).all()
    rights = town.flat_rights
    units = set(zip(flats.building_number, flats.unit_number, strict=True))
    assert set(zip(rights.building_number, rights.unit_number, strict=True)) == units
    assert rights.groupby("register_number").unit_number.nunique().max() == 1
    floors = town.buildings.set_index("building_number").floors
    assert (flats.floor.astype(int).to_numpy() <= floors[flats.building_number].to_numpy()).all()
