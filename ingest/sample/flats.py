"""Flats in the synthetic apartment buildings."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from ingest.sample.district import District
from ingest.sample.properties import Properties
from ingest.sample.sections import section_table
from ingest.sample.serials import Serials
from ingest.sample.streets import Ints
from ingest.sample.tables import join
from ingest.sample.town import Use


def flat_table(
    district: District,
    index: slice,
    cadastral: pa.Array,
    floors: Ints,
    serials: Serials,
    rng: np.random.Generator,
) -> tuple[pa.Table, Properties]:
    """List the flats of the buildings in ``index``, numbered through each building from below.

    Returns
    -------
    tuple
        Table of flats, and a property for each of them, in the same order.
    """
    use = district.lots.use[index]
    houses = np.flatnonzero((use == Use.FLATS) & district.houses.stands[index])
    per_floor = rng.integers(2, 4, len(houses))
    entrances, levels = district.houses.entrances[index][houses], floors[houses]
    size = entrances * levels * per_floor
    house = np.repeat(np.arange(len(houses)), size)
    nth = np.arange(len(house)) - np.repeat(np.cumsum(size) - size, size)
    entrance, rest = np.divmod(nth, (levels * per_floor)[house])
    floor = rest // per_floor[house] + 1
    rooms = rng.integers(1, 5, len(house))
    number = cadastral.take(pa.array(houses[house]))
    n = len(house)
    building, unit = join(number, "-B1", n=n), pa.array(nth + 1).cast(pa.string())
    kinds = pa.repeat(pa.scalar("flat"), n)
    total = np.round(18 + 17.5 * rooms + rng.uniform(0, 14, n), 1)
    living = np.round(total * rng.uniform(0.55, 0.72, n), 1)
    table = pa.table(
        {
            "cadastral_number": number,
            "building_number": building,
            "unit_number": unit,
            "kind": kinds,
            "entrance_number": pa.array((entrance + 1).astype(np.int32)),
            "floor": pa.array(floor.astype(np.int32)),
            "room_count": pa.array(rooms.astype(np.int32)),
            "total_area_m2": pa.array(total),
            "living_area_m2": pa.array(living),
            "auxiliary_area_m2": pa.array(np.round(total - living, 1)),
            "synthetic": pa.repeat(pa.scalar(True), n),
        }
    )
    numbers = serials.register_numbers(n)
    section = section_table(numbers, kinds, total, serials.anchor.ordinal)
    homes = Properties(numbers, number, kinds, np.full(n, 2), np.full(n, 0.03), building, unit, section)
    return table, homes
