"""The width of a shape is measured alike wherever an overlap is judged: in operations, loads and the database."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from cadastre.kernel.width import is_wide, list_wide_polygons

EAST, NORTH = 425_000.0, 4_480_000.0
SIZES = st.integers(0, 40).map(lambda tenths: tenths / 10_000)


def strip(width_m: float, *, slope: float = 0.0) -> shapely.Polygon:
    return shapely.Polygon(
        [
            (EAST, NORTH),
            (EAST + 9, NORTH + slope),
            (EAST + 9, NORTH + slope + width_m),
            (EAST, NORTH + width_m),
        ]
    )


@pytest.mark.parametrize(("width", "wide"), [(0.001, False), (0.0019, False), (0.0021, True), (1.0, True)])
def test_the_database_judges_alike_off_the_limit(
    admin_connection: Connection, width: float, wide: bool
) -> None:
    large = shapely.box(EAST - 50, NORTH - 50, EAST + 50, NORTH + 50)
    query = text(
        "SELECT cadastre.overlap_is_wider(ST_GeomFromWKB(:a, 32639), ST_GeomFromWKB(:b, 32639), 0.002)"
    )
    found = admin_connection.execute(query, {"a": strip(width).wkb, "b": large.wkb}).scalar_one()
    assert found is is_wide(strip(width), 0.002) is wide


@given(width=SIZES)
@settings(max_examples=50, deadline=None)
def test_what_is_listed_is_wide_valid_and_on_the_grid(width: float) -> None:
    mixed = shapely.GeometryCollection([strip(width), shapely.Point(0, 0), strip(0.7).buffer(0.00037)])
    for polygon in list_wide_polygons(shapely.make_valid(mixed), 0.002):
        assert polygon.is_valid
        assert is_wide(polygon, 0.002)
        corners = shapely.get_coordinates(polygon)
        assert np.abs(corners - np.round(corners, 3)).max() < 1e-8
