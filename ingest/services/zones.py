"""Loading of cadastral zones: areas with a code that is unique in their district and that do not overlap.

That zones of one district do not overlap is checked here, for the whole file, against
itself and against the register, under a lock that keeps other writers of zones waiting:
so every fault becomes a finding of its row, which one refused statement could not give.
Writers that are no loader (``load_id`` is granted to nobody) meet the same rule as a
trigger of the database, ``ex_cadastral_zone_overlap``.

A zone that reaches over the boundary of its district is accepted with a warning as long
as most of it lies inside: the boundaries that one can get are drawn at another scale and
by other hands than the zones, and refusing all zones along a border would keep nobody
from using them. A zone that lies outside by more than half belongs to another district,
or was put in the wrong place: it is rejected.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Final

import shapely

from cadastre.domain.codelist import load_codelist
from cadastre.kernel.clock import OFFICIAL_ZONE
from cadastre.kernel.crs import WGS84_SRID
from cadastre.kernel.errors import InvalidInput
from cadastre.rules.finding import FindingSet
from ingest.district import unknown_district
from ingest.finding_log import FindingLog, require_rule
from ingest.geometry_column import read_geometries
from ingest.load_transaction import LoadTransaction, RunFacts
from ingest.readers import GEOMETRY, AttributeMap, Layer, ReadBatch, open_layer, parse_mapping
from ingest.report import LoadReport
from ingest.services.options import Progress, ZoneOptions
from ingest.source_system import SourceSystem, choose_source, explain_outside, hash_file, measure_layer
from ingest.spill import open_spill
from ingest.staging_rows import REJECTED_COLUMNS, format_rejected
from ingest.store.copying import copy_rows
from ingest.store.sections import read_sql
from ingest.tolerances import read_tolerances
from ingest.zone_rows import FIELDS, Zone, ZoneLimits, describe_zone, list_errors, place_zones
from ingest.zone_set import ZoneSet

_DISTRICTS: Final = """
    SELECT code, legal_srid FROM cadastre.district
     WHERE valid_from <= %(on)s AND (valid_to IS NULL OR valid_to > %(on)s) ORDER BY code
"""
_STAGE_REJECTED: Final = f"""
    INSERT INTO staging.rejected_row ({REJECTED_COLUMNS})
    SELECT {REJECTED_COLUMNS} FROM loaded_source WHERE row_number <> ALL (%s)
"""
_ZONE_COLUMNS: Final = (
    "district_code",
    "zone_code",
    "name_az",
    "valid_from",
    "recorded_leaf",
    "load_id",
    "geom_wgs84",
)


@dataclass(slots=True)
class _Load:
    """One load in progress: the zones that may still stand, in the order of the file."""

    options: ZoneOptions
    transaction: LoadTransaction
    source: SourceSystem
    attributes: AttributeMap
    log: FindingLog
    districts: dict[str, int]
    limits: ZoneLimits
    sagitta_m: float
    zones: list[Zone] = field(default_factory=list)

    def take(self, batch: ReadBatch) -> None:
        """Check one batch by the row rules; keep all of its rows for staging."""
        first, count = self.log.report.read + 1, batch.rows.num_rows
        self.log.report.read += count
        geometries, missing, curved = read_geometries(
            batch.rows.column(GEOMETRY), self.source.srid, self.sagitta_m
        )
        placed = place_zones(geometries, missing, self.source, self.limits)
        if curved.size:
            rule = require_rule("geometry-curve-linearised")
            placed.findings.append(FindingSet(rule, curved, limit=self.sagitta_m))
        bad = set(list_errors(placed.findings))
        for findings in placed.findings:
            self._say(findings, first)
        described = self._describe(batch, bad, first)
        text = format_rejected(self.transaction.load_id, first, range(count), batch.rows)
        self.transaction.copy_text(f"COPY loaded_source ({REJECTED_COLUMNS}) FROM STDIN", text)
        for at in range(count):
            if at not in bad:
                self.zones.append(Zone(row=first + at, shape=placed.shapes[at], **described[at]))

    def _describe(self, batch: ReadBatch, bad: set[int], first: int) -> list[dict[str, str]]:
        """Read the attributes; what is wrong with them rejects its row."""
        for row, column in batch.undecodable.items():
            bad.add(row)
            self.log.add("text-undecodable", first + row, {"column": column})
        mapped = self.attributes.read(batch.rows)
        for fault in mapped.faults:
            bad.add(fault.row)
            detail = {"field": fault.field, "column": fault.column, "value": fault.value}
            self.log.add("attribute-unreadable", first + fault.row, detail)
        unreadable = {fault.row for fault in mapped.faults}
        columns = {name: values.to_pylist() for name, values in mapped.columns.items()}
        described = []
        for at in range(batch.rows.num_rows):
            values = {name: column[at] for name, column in columns.items()}
            facts, faults = describe_zone(values, self.options.district, self.districts)
            described.append(facts)
            for rule, detail in () if at in unreadable else faults:
                if self.log.add(rule, first + at, detail, subject=facts["code"] or None):
                    bad.add(at)
        return described

    def note(self, notes: Sequence[tuple[str, dict[str, str]]]) -> None:
        """Record what was found about the file as a whole."""
        for rule, detail in notes:
            self.log.add(rule, None, detail)

    def _say(self, findings: FindingSet, first: int) -> None:
        for at, found in enumerate(findings):
            place = None if findings.xy is None else (float(findings.xy[at][0]), float(findings.xy[at][1]))
            self.log.write(replace(found, row=first - 1 + (found.row or 0), where=place))


def load_zones(
    options: ZoneOptions,
    admin_url: str,
    *,
    now: Callable[[], datetime],
    progress: Progress | None = None,
) -> LoadReport:
    """Register the cadastral zones of a file, in one transaction.

    Raises
    ------
    UnreadableInput, InvalidInput
        The file, or an option, is unusable; nothing was changed.
    Unavailable, Conflict
        The database was lost, or somebody else was first; nothing was changed.
    """
    begun, started = time.monotonic(), now()
    today = started.astimezone(OFFICIAL_ZONE).date()
    with (
        open_spill(options.spill) as folder,
        open_layer(options.path, layer=options.layer, encoding=options.encoding, spill=folder) as layer,
        LoadTransaction(admin_url) as transaction,
        (folder / "findings.copy").open("w", encoding="utf-8") as findings,
    ):
        districts = _read_districts(options, transaction, today)
        attributes = _choose_columns(options, layer)
        source = choose_source(layer, options.crs, options.operation)
        transaction.reserve()
        transaction.execute("LOCK TABLE cadastre.cadastral_zone IN SHARE ROW EXCLUSIVE MODE")
        transaction.execute("SELECT cadastre.pass_zone_gate()")
        transaction.execute(read_sql("vector_staging"))
        log = FindingLog(transaction.load_id, findings, LoadReport())
        tolerances = read_tolerances(today)
        nesting_m = float(load_codelist("tolerances").entry_at("zone_nesting_m", today).number())
        limits = ZoneLimits(tolerances.seam_densify_m, tolerances.ring_vertices_max)
        sagitta_m = tolerances.linearise_sagitta_m
        load = _Load(options, transaction, source, attributes, log, districts, limits, sagitta_m)
        for batch in layer.read():
            load.take(batch)
            if progress is not None:
                progress("read", log.report.read, layer.info.rows)
        load.note([*source.notes, *(("file-remark", {"text": note}) for note in layer.notes)])
        load.zones = ZoneSet(transaction, log, districts, limits.step_m, nesting_m).check(load.zones)
        findings.flush()
        _finish(load, layer, started, folder)
    log.report.seconds = time.monotonic() - begun
    return log.report


def _read_districts(options: ZoneOptions, transaction: LoadTransaction, today: date) -> dict[str, int]:
    districts = {str(code): int(srid) for code, srid in transaction.fetch(_DISTRICTS, {"on": today})}
    if options.district is not None and options.district not in districts:
        raise unknown_district(transaction, options.district)
    return districts


def _choose_columns(options: ZoneOptions, layer: Layer) -> AttributeMap:
    attributes = parse_mapping(options.mapping, FIELDS, layer.info.columns)
    if "zone_code" not in attributes:
        raise InvalidInput(
            f"{options.path.name} has no column zone_code; name one with --map zone_code=COLUMN "
            f"(it has {', '.join(layer.info.columns)}).",
            code="mapping-missing",
        )
    if options.district is None and "district_code" not in attributes:
        raise InvalidInput(
            f"{options.path.name} has no column district_code; name the district of all rows with "
            "--district CODE, or a column with --map district_code=COLUMN.",
            code="district-missing",
        )
    return attributes


def _finish(load: _Load, layer: Layer, started: datetime, folder: Path) -> None:
    options, transaction, report = load.options, load.transaction, load.log.report
    report.accepted = len(load.zones)
    report.rejected = report.read - report.accepted
    report.load_id = transaction.load_id
    transaction.record(
        RunFacts(
            kind="zones",
            file_name=options.path.name,
            file_sha256=hash_file(options.path),
            started_at=started,
            actor=options.actor,
            rows_read=report.read,
            rows_accepted=report.accepted,
            rows_rejected=report.rejected,
            layer=layer.info.layer,
            district_code=options.district,
            source_srid=load.source.srid,
            operation_code=load.source.code,
            operation_accuracy_m=load.source.accuracy_m,
            mapping=load.attributes.describe(),
        )
    )
    today = started.astimezone(OFFICIAL_ZONE).date()
    common = (today, transaction.leaf_id, transaction.load_id)
    rows = ((zone.district, zone.code, zone.name, *common, _write(zone.shape)) for zone in load.zones)
    copy_rows(transaction, "cadastre.cadastral_zone", _ZONE_COLUMNS, rows)
    transaction.execute(_STAGE_REJECTED, ([zone.row for zone in load.zones],))
    transaction.stage([], [folder / "findings.copy"])
    transaction.commit()
    if report.findings.get("shape-outside-country", 0) * 2 > report.read:
        hint = explain_outside(load.source.srid, measure_layer(layer))
        report.remarks.extend([hint] if hint else [])


def _write(shape: shapely.MultiPolygon) -> str:
    return str(shapely.to_wkb(shapely.set_srid(shape, WGS84_SRID), hex=True, include_srid=True))


__all__ = ["load_zones"]
