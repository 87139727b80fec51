"""What one bulk load of parcels is to do, and the small messages that its processes exchange."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ingest.readers.mapping import AttributeMap, Field, FieldKind
from ingest.tolerances import Tolerances

IntArray = npt.NDArray[np.int64]

NUMBER: Final = "cadastral_number"
DOCUMENTARY_AREA: Final = "documentary_area_m2"


def list_parcel_fields(ownership_forms: tuple[str, ...]) -> tuple[Field, ...]:
    """Return the fields of a parcel that a file may fill."""
    return (
        Field(NUMBER, FieldKind.IDENTIFIER),
        Field("land_category", FieldKind.INTEGER, least=1, most=7),
        Field("purpose", FieldKind.TEXT),
        Field("ownership_form", FieldKind.TEXT, choices=ownership_forms),
        Field(DOCUMENTARY_AREA, FieldKind.AREA, least=0.005, most=1e11),
        Field("quality_group", FieldKind.INTEGER, least=1, most=5),
        Field("address_text", FieldKind.TEXT),
        Field("source_number", FieldKind.TEXT, longest=120),
        Field("source_date", FieldKind.DATE),
        Field("accuracy_m", FieldKind.DECIMAL, least=1e-6, most=1e6),
    )


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """Everything that is fixed before the first row is checked (it travels to the workers)."""

    folder: Path
    load_id: int
    leaf_id: int
    today: date
    district_code: str
    district_wkb: bytes | None
    legal_srid: int
    source_srid: int
    operation: int | None
    operation_code: str | None
    operation_accuracy_m: float | None
    attributes: AttributeMap
    tolerances: Tolerances
    hash_seed: int = 0
    parcel_id_base: int = 0
    version_id_base: int = 0
    number_base: int = 0
    database_url: str | None = None

    @property
    def mints_numbers(self) -> bool:
        """Whether the file brings no cadastral numbers, so that the register gives them."""
        return NUMBER not in self.attributes

    def raw_path(self, chunk: int) -> Path:
        """Spilled rows of a chunk as they came."""
        return self.folder / f"raw-{chunk:06d}.arrow"

    def ready_path(self, chunk: int) -> Path:
        """Spilled rows of a chunk that passed the row rules, in Hilbert order."""
        return self.folder / f"ready-{chunk:06d}.arrow"

    def key_path(self, chunk: int, name: str) -> Path:
        """Spilled array of a chunk (:class:`ChunkKeys`)."""
        return self.folder / f"key-{name}-{chunk:06d}.bin"

    def staging_path(self, name: str) -> Path:
        """Spilled COPY text for a staging table."""
        return self.folder / f"{name}.copy"


@dataclass(frozen=True, slots=True)
class ChunkJob:
    """One spilled batch: its place in the file and the rows whose text could not be decoded."""

    chunk: int
    first_row: int
    undecodable: Mapping[int, str] = field(default_factory=dict)


@dataclass(slots=True)
class ChunkResult:
    """What is known of a chunk after the row rules; whatever grows with the file lies in :class:`ChunkKeys`.

    ``ready`` counts the rows that passed; ``some_tiles`` are a few of the tiles that they touch.
    """

    chunk: int
    rows_read: int
    ready: int
    rejected_rows: IntArray
    some_tiles: IntArray
    cells: IntArray
    findings: dict[str, int]
    staged: list[str]
    bounds: tuple[float, float, float, float] | None


@dataclass(frozen=True, slots=True)
class UnitJob:
    """One piece of ground: the entries ``[start, stop)`` of the tile index, ``before`` rows owned earlier."""

    unit: int
    start: int
    stop: int
    before: int


@dataclass(slots=True)
class UnitResult:
    """Overlaps that touch the rows of one unit, and its rows that meet nobody, ready to be copied.

    ``deferred`` are the rows that meet somebody, ``deferred_serial`` their places along the ground.
    """

    unit: int
    first: IntArray
    second: IntArray
    area_m2: npt.NDArray[np.float64]
    lon_lat: npt.NDArray[np.float64]
    registered: list[tuple[int, str, float, float, float]]
    copied: int
    deferred: IntArray
    deferred_serial: IntArray
    parcel_path: Path
    version_path: Path


@dataclass(frozen=True, slots=True)
class Winners:
    """Rows that overlap and stand: their chunk, their position in its spill and their serial."""

    row: IntArray
    chunk: IntArray
    position: IntArray
    serial: IntArray

    def __len__(self) -> int:
        return len(self.row)

    def cut(self, size: int) -> Iterator[Winners]:
        """Cut into pieces of at most ``size`` rows."""
        for start in range(0, len(self), size):
            part = slice(start, start + size)
            yield Winners(self.row[part], self.chunk[part], self.position[part], self.serial[part])


__all__ = [
    "DOCUMENTARY_AREA",
    "NUMBER",
    "ChunkJob",
    "ChunkResult",
    "LoadPlan",
    "UnitJob",
    "UnitResult",
    "Winners",
    "list_parcel_fields",
]
