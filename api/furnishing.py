"""Furnishes a register with synthetic districts, once, through the loaders that real files go through."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from cadastre.db.unit_of_work import Database, Role
from cadastre.kernel.clock import Clock
from cadastre.kernel.errors import InvalidInput
from cadastre.services.contents import Contents, describe_contents
from cadastre.services.ledger_clock import sequence
from cadastre.store.deployment import mark_synthetic
from ingest.report import LoadReport
from ingest.sample import DistrictFiles, SamplePaths, SampleSpec, generate
from ingest.services import (
    DistrictOptions,
    LoadOptions,
    TableOptions,
    VectorOptions,
    ZoneOptions,
    load_buildings,
    load_districts,
    load_entrances,
    load_parcels,
    load_rights,
    load_streets,
    load_units,
    load_zones,
)

SEED = 1
ACTOR = "demo"
Say = Callable[[str], None]
Now = Callable[[], datetime]
Step = Callable[[Path, DistrictFiles, str, Now], LoadReport]


def _districts(path: Path, files: DistrictFiles, admin_url: str, now: Now) -> LoadReport:
    return load_districts(DistrictOptions(path, actor=ACTOR), admin_url, now=now)


def _zones(path: Path, files: DistrictFiles, admin_url: str, now: Now) -> LoadReport:
    return load_zones(ZoneOptions(path, files.code, actor=ACTOR), admin_url, now=now)


def _parcels(path: Path, files: DistrictFiles, admin_url: str, now: Now) -> LoadReport:
    options = LoadOptions(path=path, district=files.code, actor=ACTOR)
    return load_parcels(options, admin_url, now=now)


def _buildings(path: Path, files: DistrictFiles, admin_url: str, now: Now) -> LoadReport:
    return load_buildings(VectorOptions(path, files.code, actor=ACTOR), admin_url, now=now)


def _streets(path: Path, files: DistrictFiles, admin_url: str, now: Now) -> LoadReport:
    return load_streets(VectorOptions(path, files.code, actor=ACTOR), admin_url, now=now)


def _entrances(path: Path, files: DistrictFiles, admin_url: str, now: Now) -> LoadReport:
    return load_entrances(VectorOptions(path, files.code, actor=ACTOR), admin_url, now=now)


def _units(path: Path, files: DistrictFiles, admin_url: str, now: Now) -> LoadReport:
    return load_units(TableOptions(path, actor=ACTOR), admin_url, now=now)


def _rights(path: Path, files: DistrictFiles, admin_url: str, now: Now) -> LoadReport:
    return load_rights(TableOptions(path, actor=ACTOR), admin_url, now=now)


STEPS: dict[str, Step] = {
    "districts.geojson": _districts,
    "zones.gpkg": _zones,
    "parcels.gpkg": _parcels,
    "buildings.gpkg": _buildings,
    "streets.gpkg": _streets,
    "entrances.gpkg": _entrances,
    "flats.csv": _units,
    "rights.csv": _rights,
    "flat_rights.csv": _rights,
}
"""Files of the sample in the order in which they build on each other, and what loads each."""


@dataclass(frozen=True, slots=True)
class Furnisher:
    """Loads the sample into a register that holds nothing else."""

    database: Database
    admin_url: str
    clock: Clock
    say: Say

    def furnish(self, parcels: int) -> Contents:
        """Load what is missing; a register that holds other data is left alone.

        Raises
        ------
        InvalidInput
            The register holds data that is not synthetic.
        """
        held = self.describe()
        if not held.empty and not held.synthetic:
            raise InvalidInput(
                "This register holds data that is not synthetic; the demonstration needs one of its own: "
                "set CADASTRE_HOME to another folder.",
                code="register-not-synthetic",
            )
        missing = [name for name in STEPS if name not in held.files]
        if not missing:
            held_parcels = held.loaded["parcels"]
            self.say(f"the synthetic register is there already: {held_parcels:,} parcels")
            return held
        count = held.loaded.get("parcels", parcels)  # what an interrupted first run began with
        self._mark_synthetic()
        with tempfile.TemporaryDirectory(prefix="kadastr-demo-") as folder:
            self.say(f"making a synthetic district of {count:,} parcels")
            spec = SampleSpec(parcels=count, out=Path(folder), seed=SEED)
            self._load(generate(spec), missing)
        sequence(self.database)
        return self.describe()

    def describe(self) -> Contents:
        """Tell what the register holds."""
        return self.database.read(describe_contents, role=Role.WRITE)

    def _load(self, paths: SamplePaths, names: list[str]) -> None:
        for name in names:
            for files in paths.districts:
                folder = paths.root if name == paths.districts_geojson.name else files.parcels.parent
                report = STEPS[name](folder / name, files, self.admin_url, self.clock.now)
                kind = name.partition(".")[0].replace("_", " ")
                self.say(f"{kind}: {report.accepted:,} of {report.read:,} accepted in {report.seconds:.1f} s")

    def _mark_synthetic(self) -> None:
        engine = create_engine(self.admin_url, poolclass=NullPool)
        with engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL ROLE cadastre_owner")
            mark_synthetic(connection)
        engine.dispose()


__all__ = ["STEPS", "Furnisher"]
