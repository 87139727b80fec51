"""One synthetic district before it is written: geometry on the ground, buildings, addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from ingest.sample.houses import Houses, place_houses, plan_houses
from ingest.sample.lots import Lots, divide_blocks
from ingest.sample.numbering import StreetNames, name_streets, number_entrances
from ingest.sample.spec import Anchor
from ingest.sample.streets import Bools, Floats, Ints
from ingest.sample.town import SINGLE_PARCEL, Town, Use, build_town, keep_streets
from ingest.sample.warp import Ground, ground_of, to_output
from ingest.sample.zones import plan_zones

CHUNK: Final = 50_000
_M2_PER_PARCEL: Final = 930.0
_STREET_STEP_M: Final = 22.0

Geometries = NDArray[np.object_]


@dataclass(slots=True)
class Addresses:
    """Entrances of the district, in the order of their parcels.

    ``first`` (n + 1,) where each parcel's entrances begin.
    """

    parcel: Ints
    nth: Ints
    point: Floats
    street: Ints
    left: Bools
    position_m: Floats
    number: Ints
    letter: Ints
    first: Ints


@dataclass(slots=True)
class District:
    """A synthetic district; coordinates in the CRS of the files (``srid``), metres.

    ``pool`` holds every vertex once; ``street`` (n,) is the street that each parcel faces,
    ``block_rank`` and ``lot_rank`` (n,) number the parcels; ``zones`` enclose them.
    """

    anchor: Anchor
    srid: int
    lots: Lots
    pool: Floats
    houses: Houses
    street_lines: dict[int, shapely.LineString]
    names: StreetNames
    addresses: Addresses
    street: Ints
    block_rank: Ints
    lot_rank: Ints
    zones: Geometries

    def chunks(self) -> Iterator[slice]:
        """Give slices over the parcels, of a size that keeps memory flat."""
        return _slices(len(self.lots))

    @property
    def pool_bounds(self) -> Floats:
        """West, south, east and north of the parcels, metres."""
        used = self.pool[self.lots.begin[:, 0]]
        return np.concatenate([used.min(axis=0), used.max(axis=0)])

    def parcel_polygons(self, index: slice) -> Geometries:
        """Build the polygons of the parcels in ``index``."""
        return build_polygons(self.lots, self.pool, index)


def _slices(n: int) -> Iterator[slice]:
    return (slice(i, min(i + CHUNK, n)) for i in range(0, n, CHUNK))


def build_polygons(lots: Lots, pool: Floats, index: slice) -> Geometries:
    """Build polygons, counter-clockwise, holes clockwise.

    Parameters
    ----------
    lots, pool
        Rings as indices into ``pool`` (v, 2), easting and northing in metres.

    Returns
    -------
    numpy.ndarray
        (k,) valid polygons in the order of ``index``; empty for an empty slice.
    """
    vertices, ring = lots.ring_indices(index)
    if not len(vertices):
        return np.empty(0, dtype=object)
    shells: Geometries = np.asarray(shapely.linearrings(pool[vertices], indices=ring))
    flip = lots.flip[index]
    shells[flip] = shapely.reverse(shells[flip])
    polygons: Geometries = np.asarray(shapely.polygons(shells))
    for i in np.flatnonzero(lots.hole[index] >= 0):
        first = int(lots.hole[index][i])
        polygons[i] = shapely.Polygon(shells[i], [pool[first : first + 4][::-1]])
    return polygons


def plan_district(anchor: Anchor, parcels: int, srid: int, seed: int) -> District:
    """Plan a district with exactly ``parcels`` parcels."""

    def rng(stage: int) -> np.random.Generator:
        return np.random.default_rng([seed, anchor.ordinal, stage])

    town, lots = _town_for(parcels, rng)
    kept_blocks = np.zeros(len(town.blocks), bool)
    kept_blocks[lots.block] = True
    ground = ground_of(anchor, rng(3))
    utm = ground.place(lots.pool)
    houses = _place_all(lots, utm, rng(4))
    lines, streets = _street_lines(town, kept_blocks, ground)
    names = name_streets(town.streets, streets, rng(5))
    street = town.blocks.street[lots.block, lots.side]
    left = town.blocks.left[lots.block, lots.side]
    addresses = _address(houses, lines, (street, left), rng(6))
    block_rank = np.cumsum(kept_blocks)[lots.block]
    first_of_block = np.searchsorted(lots.block, lots.block)
    pool = to_output(utm, srid)
    return District(
        anchor,
        srid,
        lots,
        pool,
        _in_crs(houses, srid),
        _lines_in_crs(lines, srid),
        names,
        _addresses_in_crs(addresses, srid),
        street,
        block_rank,
        np.arange(len(lots)) - first_of_block + 1,
        plan_zones(town.streets, ground, srid, pool[lots.begin[:, 0]]),
    )


def _town_for(parcels: int, rng: Callable[[int], np.random.Generator]) -> tuple[Town, Lots]:
    side = max(700.0, float(np.sqrt(parcels * _M2_PER_PARCEL / 0.66)))
    while True:
        town = build_town(side, rng(1))
        lots = divide_blocks(town.blocks, town.use, rng(2))
        kept = _keep(town, lots, parcels)
        if kept is not None:
            return town, lots.take(kept)
        side *= 1.15


def _keep(town: Town, lots: Lots, parcels: int) -> Bools | None:
    """Choose exactly ``parcels`` lots from the middle outwards; ``None`` if the town is too small."""
    in_block = np.bincount(lots.block, minlength=len(town.blocks))
    order = np.argsort(town.distance, kind="stable")
    order = order[town.distance[order] < 0.98 * town.radius_m]
    filled = np.cumsum(in_block[order])
    whole = int(np.searchsorted(filled, parcels, side="right"))
    missing = parcels - (int(filled[whole - 1]) if whole else 0)
    keep_block = np.zeros(len(town.blocks), bool)
    keep_block[order[:whole]] = True
    kept = keep_block[lots.block]
    if not missing:
        return kept
    rest = order[whole:]
    fits = (in_block[rest] >= missing) & ~SINGLE_PARCEL[town.use[rest]]
    if not fits.any():
        return None
    block = rest[np.argmax(fits)]
    kept[np.flatnonzero(lots.block == block)[:missing]] = True
    return kept


def _place_all(lots: Lots, utm: Floats, rng: np.random.Generator) -> Houses:
    stands, angled, draw = plan_houses(lots.use, rng)
    stands &= lots.use != Use.SUBSTATION
    parts = [
        place_houses(
            build_polygons(lots, utm, s),
            utm[lots.front[s]],
            lots.inside_left[s],
            lots.use[s],
            (stands[s], angled[s], draw[s]),
        )
        for s in _slices(len(lots))
    ]
    return Houses(
        np.concatenate([p.corners for p in parts]),
        np.concatenate([p.stands for p in parts]),
        np.concatenate([p.angled for p in parts]),
        np.concatenate([p.entrances for p in parts]),
    )


def _street_lines(town: Town, kept: Bools, ground: Ground) -> tuple[dict[int, shapely.LineString], Ints]:
    """Bend the remaining streets to the ground, with a vertex about every 22 m."""
    streets, start, end = keep_streets(town, kept)
    pieces = np.maximum(2, np.ceil(np.linalg.norm(end - start, axis=1) / _STREET_STEP_M)).astype(np.int64) + 1
    owner = np.repeat(np.arange(len(streets)), pieces)
    nth = np.arange(len(owner)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    t = (nth / (pieces[owner] - 1))[:, None]
    points = ground.place(start[owner] * (1 - t) + end[owner] * t)
    lines: Geometries = np.asarray(shapely.linestrings(points, indices=owner))
    return dict(zip(streets.tolist(), lines, strict=True)), streets


def _address(
    houses: Houses,
    lines: dict[int, shapely.LineString],
    frontage: tuple[Ints, Bools],
    rng: np.random.Generator,
) -> Addresses:
    parcel, nth, point = houses.doors(slice(None))
    street, left = frontage[0][parcel], frontage[1][parcel]
    by_street = np.full(max(lines, default=0) + 1, None, dtype=object)
    by_street[list(lines)] = list(lines.values())
    position = np.asarray(
        shapely.line_locate_point(by_street[street], shapely.points(point)), dtype=np.float64
    )
    shares = (rng.random(len(houses.stands)) < 0.025)[parcel]
    number, letter = number_entrances(street, left, position, parcel, shares)
    first = np.searchsorted(parcel, np.arange(len(houses.stands) + 1))
    return Addresses(parcel, nth, point, street, left, np.round(position, 2), number, letter, first)


def _in_crs(houses: Houses, srid: int) -> Houses:
    flat = to_output(houses.corners.reshape(-1, 2), srid)
    return Houses(flat.reshape(houses.corners.shape), houses.stands, houses.angled, houses.entrances)


def _lines_in_crs(lines: dict[int, shapely.LineString], srid: int) -> dict[int, shapely.LineString]:
    moved = shapely.transform(np.array(list(lines.values()), dtype=object), lambda xy: to_output(xy, srid))
    return dict(zip(lines, moved, strict=True))


def _addresses_in_crs(addresses: Addresses, srid: int) -> Addresses:
    addresses.point = to_output(addresses.point, srid)
    return addresses
