"""Numbers given out in a sample: persons, firms, properties and register entries."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ingest.sample.spec import Anchor
from ingest.sample.streets import Ints
from ingest.sample.tables import join, padded

Dates = NDArray[np.datetime64]


@dataclass(slots=True)
class Serials:
    """What has been given out so far: persons, firms, properties, entries per year."""

    anchor: Anchor
    person_base: int = 0
    persons: int = 0
    firms: int = 0
    properties: int = 0
    entries: dict[int, int] = field(default_factory=dict)

    def new_persons(self, n: int) -> Ints:
        """Give ``n`` persons who have not been seen yet."""
        self.persons += n
        return self.person_base + np.arange(self.persons - n, self.persons)

    def new_firms(self, n: int) -> Ints:
        """Give ``n`` firms, a few of them again."""
        self.firms += n
        return (np.arange(self.firms - n, self.firms) + 90_000 * self.anchor.ordinal) % 900_000

    def register_numbers(self, n: int) -> pa.Array:
        """Give register numbers: 99 and the district for synthetic, then a serial of 8 digits."""
        self.properties += n
        serial = np.arange(self.properties - n, self.properties) + 1
        return join(f"99{self.anchor.ordinal:02d}", padded(serial, 8), n=n)

    def registration_numbers(self, dates: Dates) -> pa.Array:
        """Give registration numbers: office 90 + district, year, serial; each once."""
        years = dates.astype("datetime64[Y]").astype(np.int64) + 1970
        serial = np.empty(len(years), np.int64)
        for year in np.unique(years).tolist():
            at = np.flatnonzero(years == year)
            so_far = self.entries.get(year, 0)
            serial[at] = so_far + 1 + np.arange(len(at))
            self.entries[year] = so_far + len(at)
        overflow, serial = np.divmod(serial, 1_000_000)
        office = 90 - 10 * overflow + self.anchor.ordinal
        return join(padded(office, 2), padded(years % 100, 2), padded(serial, 6), n=len(years))
