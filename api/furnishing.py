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
    RightsOptions,
    VectorOptions,
    load_buildings,
    load_districts,
    load_entrances,
    load_parcels,
    load_rights,
    load_streets,
)

SEED = 1
Say = Callable[[str], None]
Now = Callable[[], datetime]
Step = Callable[[SamplePaths, DistrictFiles, str, Now], LoadReport]


def _districts(paths: SamplePaths, files: DistrictFiles, admin_url: str, now: Now) -> LoadReport:
    return load_districts(DistrictOptions(paths.districts_geojson, actor="demo"), admin_url, now=now)


def _parcels(paths: SamplePaths, files: DistrictFiles, admin_url: str, now: Now) -> LoadReport:
    options = LoadOptions(path=files.parcels, district=files.code, actor="demo")
    return load_parcels(options, admin_url, now=now)


def _rights(paths: SamplePaths, files: DistrictFiles, admin_url: str, now: Now) -> LoadReport:
    return load_rights(RightsOptions(files.rights, actor="demo"), admin_url, now=now)


def _buildings(paths: SamplePaths, files: DistrictFiles, admin_url: str, now: Now) -> LoadReport:
    return load_buildings(VectorOptions(files.buildings, files.code, actor="demo"), admin_url, now=now)


def _streets(paths: SamplePaths, files: DistrictFiles, admin_url: str, now: Now) -> LoadReport:
    return load_streets(VectorOptions(files.streets, files.code, actor="demo"), admin_url, now=now)


def _entrances(paths: SamplePaths, files: DistrictFiles, admin_url: str, now: Now) -> LoadReport:
    return load_entrances(VectorOptions(files.entrances, files.code, actor="demo"), admin_url, now=now)


STEPS: dict[str, Step] = {
    "districts": _districts,
    "parcels": _parcels,
    "buildings": _buildings,
    "streets": _streets,
    "entrances": _entrances,
    "rights": _rights,
}
"""Kinds of load in the order in which they build on each other."""


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
        missing = [kind for kind in STEPS if kind not in held.loaded]
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

    def _load(self, paths: SamplePaths, kinds: list[str]) -> None:
        for kind in kinds:
            for files in paths.districts:
                report = STEPS[kind](paths, files, self.admin_url, self.clock.now)
                self.say(f"{kind}: {report.accepted:,} of {report.read:,} accepted in {report.seconds:.1f} s")

    def _mark_synthetic(self) -> None:
        engine = create_engine(self.admin_url, poolclass=NullPool)
        with engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL ROLE cadastre_owner")
            mark_synthetic(connection)
        engine.dispose()


__all__ = ["STEPS", "Furnisher"]
