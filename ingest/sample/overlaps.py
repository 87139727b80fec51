"""Overlaps planted on purpose, so that a benchmark knows how many there are to find."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import affinity

from ingest.sample.district import District
from ingest.sample.streets import Ints
from ingest.sample.town import Use

KINDS: Final = ("partial", "duplicate", "contained", "containing")


@dataclass(frozen=True, slots=True)
class Planted:
    """A planted parcel: how it overlaps which parcel (its place in the district), and its polygon."""

    kind: str
    host: int
    polygon: shapely.Polygon


def plant_overlaps(district: District, wanted: int, rng: np.random.Generator) -> list[Planted]:
    """Make ``wanted`` parcels that each overlap exactly one parcel of the district.

    The kinds take turns: a partial overlap, the same polygon again, one within its host, one
    around its host. Where a partial or surrounding one would also touch a third parcel, the
    host is duplicated or filled instead, so that the number of overlapping pairs is exact.
    """
    lots = district.lots
    able = np.flatnonzero((lots.use != Use.SUBSTATION) & (lots.hole < 0))
    alone = able[(np.bincount(lots.block) == 1)[lots.block[able]]]
    hosts = rng.permutation(np.setdiff1d(able, alone))[:wanted]
    around = rng.permutation(alone)[: len(hosts) // len(KINDS)]
    hosts[len(KINDS) - 1 :: len(KINDS)][: len(around)] = around
    return [_plant(district, int(host), KINDS[i % len(KINDS)]) for i, host in enumerate(hosts)]


def _plant(district: District, host: int, kind: str) -> Planted:
    polygon = _polygons(district, np.array([host]))[0]
    if kind == "partial":
        made = _towards_street(district, host, polygon)
        if _touches_only(district, host, made) and not shapely.covers(polygon, made):
            return Planted(kind, host, made)
        kind = "contained"
    if kind == "containing":
        made = _buffered(polygon, 0.8)
        if _touches_only(district, host, made):
            return Planted(kind, host, made)
        kind = "duplicate"
    if kind == "contained":
        made = _buffered(polygon, -float(np.sqrt(polygon.area)) / 8)
        if (
            made.geom_type == "Polygon"
            and made.area > 1.0
            and made.is_valid
            and shapely.covers(polygon, made)
        ):
            return Planted(kind, host, made)
    return Planted("duplicate", host, polygon)


def _towards_street(district: District, host: int, polygon: shapely.Polygon) -> shapely.Polygon:
    """Shrink a parcel and push it some metres out over the street."""
    a, b = district.pool[district.lots.front[host]]
    along = (b - a) / max(float(np.linalg.norm(b - a)), 1e-9)
    outward = np.array([along[1], -along[0]]) * (1.0 if district.lots.inside_left[host] else -1.0)
    small = affinity.scale(polygon, 0.55, 0.55, origin="centroid")
    to_front = float((np.asarray(a) - np.array(polygon.centroid.coords[0])) @ outward)
    move = outward * max(0.0, to_front - 0.55 * to_front + 1.5)
    return _rounded(affinity.translate(small, float(move[0]), float(move[1])))


def _touches_only(district: District, host: int, polygon: shapely.Polygon) -> bool:
    """Tell whether no parcel of the same block but the host meets the polygon; streets part the blocks."""
    block = district.lots.block
    low, high = np.searchsorted(block, block[host]), np.searchsorted(block, block[host], side="right")
    others = np.setdiff1d(np.arange(low, high), [host])
    if not polygon.is_valid or polygon.is_empty:
        return False
    return not shapely.intersects(_polygons(district, others), polygon).any()


def _polygons(district: District, index: Ints) -> NDArray[np.object_]:
    return np.concatenate(
        [district.parcel_polygons(slice(i, i + 1)) for i in index.tolist()] or [np.empty(0, object)]
    )


def _rounded(polygon: shapely.Polygon) -> shapely.Polygon:
    return shapely.transform(polygon, lambda xy: np.rint(xy * 1000.0) / 1000.0)


def _buffered(polygon: shapely.Polygon, by_m: float) -> shapely.Polygon:
    """Grow or shrink a parcel; empty when the result is not one polygon."""
    made = polygon.buffer(by_m, join_style="mitre")
    return _rounded(made) if isinstance(made, shapely.Polygon) else shapely.Polygon()
