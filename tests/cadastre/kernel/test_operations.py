"""Pinned operations: the EPSG parameters with the right signs, and nothing that PROJ chose by itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from numpy.typing import NDArray
from pyproj.transformer import Transformer

from cadastre.domain.codelist import load_codelist
from cadastre.kernel.errors import InvalidInput
from cadastre.kernel.operations import (
    COAST_OPERATION,
    INLAND_OPERATION,
    PINNED_OPERATIONS,
    area_of_use,
    parse_epsg,
    transformation,
)

BAKU = np.array([[9410000.0, 4470000.0], [9440000.0, 4490000.0]])


def by_proj(code: int, source: int, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Let PROJ itself unproject, apply the operation by its registered name, and project."""
    lon, lat = Transformer.from_crs(source, 4284, always_xy=True).transform(*points.T)
    shift = Transformer.from_pipeline(f"urn:ogc:def:coordinateOperation:EPSG::{code}")
    lat, lon = shift.transform(lat, lon)
    return np.column_stack(Transformer.from_crs(4326, 32639, always_xy=True).transform(lon, lat))


@pytest.mark.parametrize("code", PINNED_OPERATIONS)
@pytest.mark.parametrize("source", [28409, 2499, 2938])
def test_each_pinned_operation_is_the_one_of_that_name(code: int, source: int) -> None:
    from_degrees = transformation(4284, source)
    points = from_degrees.apply(np.array([[49.3, 38.9], [50.2, 40.2]]))
    image = transformation(source, 32639, code).apply(points)
    assert np.abs(image - by_proj(code, source, points)).max() < 1e-6


def test_the_operations_differ_by_metres_not_millimetres() -> None:
    images = {code: transformation(28409, 32639, code).apply(BAKU) for code in PINNED_OPERATIONS}
    for code in set(PINNED_OPERATIONS) - {INLAND_OPERATION}:
        distance = np.hypot(*(images[code] - images[INLAND_OPERATION]).T)
        assert distance.min() > 0.7
        assert distance.max() < 7.0


def test_the_codelist_agrees_with_the_data_set_and_the_code() -> None:
    operations = load_codelist("operations")
    assert {e.integer("epsg") for e in operations} == set(PINNED_OPERATIONS)
    defaults = {e.text("default_for"): e.integer("epsg") for e in operations if e.find_text("default_for")}
    assert defaults == {"inland": INLAND_OPERATION, "coast": COAST_OPERATION}
    for entry in operations:
        way = transformation(28409, 32639, entry.integer("epsg"))
        assert entry.code == way.operation_code
        assert float(entry.number("accuracy_m")) == way.accuracy_m
        assert tuple(float(entry.number(side)) for side in ("west", "south", "east", "north")) == area_of_use(
            entry.integer("epsg")
        )


def test_zones_of_one_datum_need_no_operation_and_lose_nothing() -> None:
    way = transformation(32638, 32639)
    points = np.array([[755000.0, 4470000.0]])
    assert way.operation_code is None
    assert way.accuracy_m == 0.0
    assert np.abs(way.undo(way.apply(points)) - points).max() < 1e-6


def test_an_operation_between_other_datums_is_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        transformation(32638, 32639, 1808)
    assert caught.value.code == "operation-not-applicable"


@pytest.mark.parametrize(
    ("source", "operation", "code"),
    [
        (28409, 1671, "unknown-operation"),
        (99999, None, "unknown-crs"),
        (5705, None, "crs-not-horizontal"),
        (4978, None, "crs-not-horizontal"),
    ],
)
def test_refusals(source: int, operation: int | None, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        transformation(source, 32639, operation)
    assert caught.value.code == code


@pytest.mark.parametrize("srid", [25832, 4258, 2154, 3857])
def test_a_foreign_system_is_transformed_and_its_operation_named(srid: int) -> None:
    way = transformation(srid, 4326)
    assert way.operation_code is None
    assert way.definition
    assert way is transformation(srid, 4326)


@pytest.mark.parametrize("text", ["", "EPSG:", "ESRI:102100", "28409.0", "EPSG:9999999", "EPSG:٣"])
def test_a_malformed_code_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_epsg(text)


def test_geometries_keep_order_holes_and_none() -> None:
    shell = shapely.box(9410000, 4470000, 9410100, 4470100)
    holed = shell.difference(shapely.box(9410020, 4470020, 9410030, 4470030))
    moved = transformation(28409, 32639).apply_to_geometries(np.array([None, holed, shapely.Polygon()]))
    assert moved[0] is None
    assert shapely.get_num_interior_rings(moved[1]) == 1
    assert moved[2].is_empty
    assert shapely.get_srid(moved[1]) == 32639
    # 1808 scales by -3 ppm, the zone by 0.9996 squared
    assert moved[1].area == pytest.approx(9900 * 0.9996**2, rel=1e-5)


def test_a_wrong_shape_is_refused() -> None:
    with pytest.raises(InvalidInput):
        transformation(28409, 32639).apply(np.zeros((3, 3)))


def test_an_impossible_point_becomes_nan_and_spares_its_neighbour() -> None:
    image = transformation(28409, 32639).apply(np.array([[np.inf, 0.0], [1e30, 1e30], BAKU[0]]))
    assert np.isnan(image[:2]).all()
    assert np.isfinite(image[2]).all()


@pytest.mark.data
def test_a_real_parcel_file_in_pulkovo_1942_comes_back(shared_data: Callable[[str], Path]) -> None:
    """The file was made by PROJ's inverse of 1808, and the forward operation returns it.

    A seven-parameter operation with rotations of 23 seconds is linearised, so forward after inverse
    is the identity only to 1.2 cm here, for all parcels alike: 1/400 of the 5 m accuracy of the operation.
    """
    folder = "us_williamsburg_parcels"
    truth = pyogrio.read_dataframe(shared_data(f"{folder}/parcels_in_baku.gpkg")).geometry.to_numpy()
    legacy = pyogrio.read_dataframe(shared_data(f"{folder}/parcels_in_baku_gk9.shz")).geometry.to_numpy()
    way = transformation(28409, 32639, 1808)
    image = way.apply_to_geometries(legacy)
    residual = shapely.hausdorff_distance(truth, image)
    assert 0.010 < residual.max() < 0.012
    shift = np.median(centres(image) - centres(truth), axis=0)
    shapes = shapely.transform(image, lambda points: points - shift)
    assert shapely.hausdorff_distance(truth, shapes).max() < 0.0002
    back = shapely.transform(truth, way.undo)
    assert shapely.hausdorff_distance(back, legacy).max() < 1e-6


def centres(geometries: NDArray[np.object_]) -> NDArray[np.float64]:
    return np.asarray(shapely.get_coordinates(shapely.centroid(geometries)))
