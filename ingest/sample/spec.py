"""What a synthetic sample is to hold, where it lies, and which files it becomes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import sqrt
from pathlib import Path
from types import MappingProxyType
from typing import Final

from cadastre.kernel.errors import InvalidInput

GAUSS_KRUGER_9: Final = 28409
MAX_PARCELS: Final = 20_000_000


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where the synthetic town of a district stands; the code is real, the outline is not.

    ``ordinal`` marks the district inside synthetic register and registration numbers.
    """

    code: str
    name_az: str
    lon: float
    lat: float
    srid: int
    ordinal: int
    kind_az: str = "rayonu"


ANCHORS: Final = MappingProxyType(
    {
        a.code: a
        for a in (
            Anchor("BAK-XEZ", "Xəzər", 50.20, 40.475, 32639, 0),
            Anchor("BAK-SAB", "Sabunçu", 49.98, 40.475, 32639, 1),
            Anchor("BAK-SUR", "Suraxanı", 50.02, 40.41, 32639, 2),
            Anchor("BAK-BIN", "Binəqədi", 49.81, 40.48, 32639, 3),
            Anchor("BAK-QAR", "Qaradağ", 49.55, 40.30, 32639, 4),
            Anchor("SM", "Sumqayıt", 49.64, 40.58, 32639, 5, "şəhəri"),
            Anchor("GA", "Gəncə", 46.36, 40.68, 32638, 6, "şəhəri"),
            Anchor("SAK", "Şəki", 47.17, 41.19, 32638, 7, "şəhəri"),
            Anchor("QBA", "Quba", 48.51, 41.36, 32639, 8),
            Anchor("SKR", "Şəmkir", 46.02, 40.83, 32638, 9),
        )
    }
)


@dataclass(frozen=True, slots=True)
class SampleSpec:
    """An order for synthetic data.

    Parameters
    ----------
    parcels
        Number of parcels, shared out over the districts; exactly that many are made.
    out
        Folder to write to; made when missing.
    seed
        The same seed gives the same content.
    districts
        Codes out of :data:`ANCHORS`.
    srid
        CRS of the files; ``None`` means the UTM zone of each district, 28409 the
        Pulkovo 1942 Gauss-Kruger zone 9 by the inverse of EPSG operation 1808.
    planted_overlaps
        Number of parcels that overlap another one on purpose (besides ``parcels``).
    """

    parcels: int
    out: Path
    seed: int = 1
    districts: tuple[str, ...] = ("BAK-XEZ",)
    srid: int | None = None
    planted_overlaps: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.parcels <= MAX_PARCELS:
            raise InvalidInput(f"--parcels {self.parcels}: give a number from 1 to {MAX_PARCELS}.")
        if self.seed < 0:
            raise InvalidInput(f"--seed {self.seed}: give 0 or a positive whole number.")
        unknown = [code for code in self.districts if code not in ANCHORS]
        if unknown or not self.districts:
            asked = ", ".join(unknown) or "none"
            raise InvalidInput(f"--district {asked}: samples exist for {', '.join(ANCHORS)}.")
        if len(set(self.districts)) < len(self.districts):
            raise InvalidInput("--district names a district twice; name each one once.")
        if self.parcels < len(self.districts):
            raise InvalidInput("--parcels is smaller than the number of districts; each needs one at least.")
        if not 0 <= self.planted_overlaps <= self.parcels // 10:
            raise InvalidInput(
                f"--plant-overlaps {self.planted_overlaps}: at most one tenth of the parcels can overlap."
            )
        for code in self.districts:
            self._check_crs(ANCHORS[code])
        self._check_room()

    def _check_crs(self, anchor: Anchor) -> None:
        if self.srid in (None, anchor.srid):
            return
        if self.srid != GAUSS_KRUGER_9:
            raise InvalidInput(
                f"--crs EPSG:{self.srid}: samples of {anchor.code} are written in EPSG:{anchor.srid} "
                f"or EPSG:{GAUSS_KRUGER_9}."
            )
        if anchor.srid != 32639:
            raise InvalidInput(
                f"--crs EPSG:{GAUSS_KRUGER_9}: {anchor.code} lies west of 48 degrees, outside zone 9."
            )

    def _check_room(self) -> None:
        """Refuse towns so large that they would grow into one another."""
        reach_m = sqrt(self.parcels / len(self.districts) * 1500.0 / 2)
        for one, two in combinations([ANCHORS[code] for code in self.districts], 2):
            east_m = (one.lon - two.lon) * 84_000.0
            north_m = (one.lat - two.lat) * 111_000.0
            if max(abs(east_m), abs(north_m)) < 2 * reach_m:
                raise InvalidInput(
                    f"--parcels {self.parcels}: the towns of {one.code} and {two.code} would overlap; "
                    "ask for fewer parcels or for districts that lie farther apart."
                )

    def share_of(self, index: int, total: int) -> int:
        """Give the part of ``total`` that falls to the district at ``index``; the parts add up to it."""
        n = len(self.districts)
        return total * (index + 1) // n - total * index // n


@dataclass(frozen=True, slots=True)
class DistrictFiles:
    """The files of one synthetic district."""

    code: str
    srid: int
    zones: Path
    parcels: Path
    buildings: Path
    streets: Path
    entrances: Path
    rights: Path
    flats: Path
    flat_rights: Path


@dataclass(frozen=True, slots=True)
class SamplePaths:
    """Everything a sample consists of; with one district its files lie in ``root`` itself."""

    root: Path
    districts_geojson: Path
    readme: Path
    planted: Path | None
    districts: tuple[DistrictFiles, ...]
    parcel_count: int
    planted_count: int


def district_files(root: Path, code: str, srid: int) -> DistrictFiles:
    """Name the files of a district in its folder."""
    return DistrictFiles(
        code=code,
        srid=srid,
        zones=root / "zones.gpkg",
        parcels=root / "parcels.gpkg",
        buildings=root / "buildings.gpkg",
        streets=root / "streets.gpkg",
        entrances=root / "entrances.gpkg",
        rights=root / "rights.csv",
        flats=root / "flats.csv",
        flat_rights=root / "flat_rights.csv",
    )
