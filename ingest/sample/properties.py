"""Which parcels of a synthetic district are registered properties, and of what kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ingest.sample.sections import section_table
from ingest.sample.serials import Serials
from ingest.sample.streets import Floats, Ints
from ingest.sample.tables import pick
from ingest.sample.town import Use

_FIRM_PART: Final = np.array([0.005, 0.02, 0.3, 0.55, 0.5, 0.0, 0.8, 0.02, 0.15, 0.0])


@dataclass(slots=True)
class Properties:
    """Registered properties: their parcels, numbers and what they are; units also name their building."""

    register_number: pa.Array
    cadastral_number: pa.Array
    object_kind: pa.Array
    ownership: Ints
    firm_part: NDArray[np.float64]
    building_number: pa.Array
    unit_number: pa.Array
    section: pa.Table

    def __len__(self) -> int:
        return len(self.ownership)


def parcel_properties(
    cadastral: pa.Array,
    use: Ints,
    built_m2: Floats,
    ownership: Ints,
    serials: Serials,
    rng: np.random.Generator,
) -> Properties:
    """Open a property for nearly every parcel; about one in thirty stays out of the register.

    ``built_m2`` is the floor space of the building on each parcel, 0 where there is none.
    """
    stands = built_m2 > 0
    at = np.flatnonzero(rng.random(len(use)) > 0.034)
    use, stands = use[at], stands[at] & (rng.random(len(at)) < 0.55)
    house = stands & np.isin(use, (Use.HOUSES, Use.OLD_TOWN))
    kind = np.where(house, 1, np.where(stands & (use == Use.GARDENS), 2, 0))
    numbers = serials.register_numbers(len(at))
    no_unit = pa.nulls(len(at), pa.string())
    kinds = pick(("land_parcel", "individual_house", "garden_house"), kind)
    return Properties(
        numbers,
        cadastral.take(pa.array(at)),
        kinds,
        ownership[at],
        _FIRM_PART[use],
        no_unit,
        no_unit,
        section_table(numbers, kinds, np.where(kind > 0, built_m2[at], 0.0), serials.anchor.ordinal),
    )


__all__ = ["Properties", "parcel_properties"]
