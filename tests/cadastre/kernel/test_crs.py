"""Systems: which fits a file, which is declared, and what to tell whoever sent it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from pyproj import CRS

from cadastre.kernel import crs
from cadastre.kernel.errors import InvalidInput

CITIES = {
    "Naxçıvan": (45.41, 39.21),
    "Gəncə": (46.36, 40.68),
    "Göyçay": (47.74, 40.65),
    "Bakı": (49.87, 40.41),
}


@pytest.mark.parametrize("system", crs.SOURCE_SYSTEMS, ids=lambda s: str(s.srid))
def test_each_system_is_named_as_in_the_data_set(system: crs.SourceSystem) -> None:
    assert CRS.from_epsg(system.srid).name == system.name


IN_USE = [
    pytest.param(system, lon, lat, id=f"{system.srid}-{city}")
    for system in crs.SOURCE_SYSTEMS
    for city, (lon, lat) in CITIES.items()
    if system.west <= lon <= system.east
]


@pytest.mark.parametrize(("system", "lon", "lat"), IN_USE)
def test_a_file_is_found_in_the_system_that_it_is_in(
    system: crs.SourceSystem, lon: float, lat: float
) -> None:
    x, y = crs.transformation(system.srid, 4326).undo(np.array([[lon, lat]]))[0]
    found = crs.candidate_systems((x, y, x + 0.001, y + 0.001))
    assert system.srid in [c.system.srid for c in found]
    assert not any(c.swapped for c in found)


def test_swapped_axes_are_noticed_in_a_survey_plan_order() -> None:
    found = crs.candidate_systems((4470000.0, 9410000.0, 4471000.0, 9411000.0))
    assert [(c.system.srid, c.swapped) for c in found] == [(28409, True)]
    assert str(found[0]).endswith("with x and y swapped")


def test_wrong_zone_says_which_zone_fits() -> None:
    placement = crs.check_placement((600000.0, 4500000.0, 601000.0, 4501000.0), 32639)
    assert not placement.inside
    assert placement.candidates[0].system.srid == 32638
    assert "EPSG:32638 (WGS 84 / UTM zone 38N)" in placement.sentence()


def test_america_fits_nowhere() -> None:
    placement = crs.check_placement((-76.74, 37.24, -76.65, 37.32), 4326)
    assert not placement.inside
    assert placement.candidates == ()
    assert "in no coordinate system used here" in placement.sentence()


def test_a_place_inside_needs_no_words() -> None:
    assert crs.check_placement((49.8, 40.3, 49.9, 40.4), 4326).sentence() == ""


@pytest.mark.parametrize(
    "bounds",
    [
        (math.nan,) * 4,
        (math.inf, math.inf, -math.inf, -math.inf),
        (1e300, 1e300, 1e301, 1e301),
        (49.9, 40.4, 49.8, 40.3),
    ],
)
def test_unusable_bounds_fit_nowhere(bounds: crs.Bounds) -> None:
    assert crs.candidate_systems(bounds) == ()
    assert not crs.check_placement(bounds, 32639).inside
    assert "fit none" in crs.explain_missing_crs(bounds)


def test_wkt_of_a_shapefile_is_identified() -> None:
    assert crs.identify_srid(CRS.from_epsg(28409).to_wkt("WKT1_ESRI")) == 28409
    assert crs.identify_srid(CRS.from_epsg(32638).to_wkt("WKT1_ESRI")) == 32638
    assert crs.identify_srid("EPSG:28409+5705") == 28409
    assert crs.identify_srid("EPSG:4979") == 4326


@pytest.mark.parametrize(
    ("definition", "code"),
    [
        ("", "crs-malformed"),
        ("nonsense " * 20, "crs-malformed"),
        ("+proj=tmerc +lon_0=47.3 +x_0=123 +ellps=krass +type=crs", "crs-without-code"),
    ],
)
def test_an_unknown_system_is_refused(definition: str, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        crs.identify_srid(definition)
    assert caught.value.code == code


def test_default_operation_is_one_for_the_whole_file() -> None:
    across = crs.transformation(4284, 28409).apply(np.array([[49.2, 39.0], [49.9, 40.6]]))
    assert crs.compute_default_operation((*across[0], *across[1]), 28409) == 1808
    assert crs.compute_default_operation((math.nan,) * 4, 28409) == 1808


def test_country_bounds_are_inclusive() -> None:
    west, south, east, north = crs.COUNTRY_BOUNDS
    assert crs.is_in_country([west, east, west - 1e-9], [south, north, south]).tolist() == [True, True, False]
