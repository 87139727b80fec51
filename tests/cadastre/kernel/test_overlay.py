"""Ground is put together without loss where floating-point overlay loses or doubles it."""

from __future__ import annotations

import shapely

from cadastre.kernel.overlay import difference_of, symmetric_difference_of, union_of
from cadastre.rules.land_change import measure_cover

BLOCK = shapely.box(425000, 4480000, 425080, 4480080)
# Outlines of a block after two slanted strips changed hands, as a random history left them (synthetic).
WEST = shapely.from_wkt(
    "MULTIPOLYGON (((425080 4480036.778, 425080 4480015.055, 425071.311 4480023.744, 425080 4480036.778)),"
    " ((425036.609 4480072.458, 425037.333 4480071.734, 425037.333 4480040, 425040 4480040,"
    " 425040 4480000.222, 425009.071 4480031.151, 425036.609 4480072.458)))"
)
NORTH = shapely.from_wkt(
    "POLYGON ((425029.067 4480080, 425080 4480080, 425080 4480040, 425069.067 4480040, 425029.067 4480080))"
)
REST = shapely.from_wkt(
    "POLYGON ((425000 4480000, 425000 4480030.222, 425000 4480040, 425000 4480040.222, 425000 4480080,"
    " 425029.067 4480080, 425036.609 4480072.458, 425009.071 4480031.151, 425040 4480000.222,"
    " 425040 4480040, 425037.333 4480040, 425037.333 4480071.734, 425069.067 4480040, 425080 4480040,"
    " 425080 4480036.778, 425071.311 4480023.744, 425080 4480015.055, 425080 4480000, 425000 4480000))"
)


def test_a_union_of_touching_outlines_is_the_whole_block() -> None:
    whole = union_of((WEST, WEST, NORTH, NORTH, REST))  # as two co-owners of each name it
    assert whole.is_valid
    assert whole.geom_type == "Polygon"
    assert shapely.area(symmetric_difference_of(whole, BLOCK)) < 1e-3


def test_what_is_left_of_a_block_is_what_was_not_taken() -> None:
    left = difference_of(difference_of(BLOCK, WEST), NORTH)
    assert left.is_valid
    assert abs(left.area + WEST.area + NORTH.area - BLOCK.area) < 1e-2


def test_parcels_with_slanted_sides_cover_what_they_came_from() -> None:
    pieces = [*shapely.get_parts(WEST), NORTH, REST]
    assert measure_cover([BLOCK], pieces, 0.002).is_exact
    assert not measure_cover([BLOCK], pieces[1:], 0.002).is_exact
