"""Polygons written in bulk are the very bytes that GEOS writes."""

from __future__ import annotations

import numpy as np
import shapely

from ingest.ewkb import write_ewkb


def test_whole_and_holed_polygons_side_by_side() -> None:
    outer, inner = shapely.box(0, 0, 10, 10), shapely.box(2, 2, 3, 3)
    polygons = np.array(
        [
            outer,
            outer.difference(inner),
            shapely.Polygon([(0, 0), (5, 0.001), (2.5, 7)]),
            outer.difference(inner).difference(shapely.box(5, 5, 6, 6)),
        ],
        dtype=object,
    )
    expected = shapely.to_wkb(shapely.set_srid(polygons, 32638), include_srid=True, byte_order=1)
    assert write_ewkb(polygons, 32638).to_pylist() == expected.tolist()
