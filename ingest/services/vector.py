"""Loading of streets, entrances, buildings: row rules in Python, set rules in SQL, one transaction."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, TextIO

import numpy as np
import shapely

from cadastre.domain.codelist import load_codelist
from cadastre.kernel.clock import OFFICIAL_ZONE
from cadastre.kernel.errors import InvalidInput
from cadastre.kernel.measures import compute_geodesic_area_m2
from cadastre.rules.finding import FindingSet, FloatArray, find_rows
from cadastre.rules.shape import Geometries, Mask
from ingest.district import require_district
from ingest.finding_log import FindingLog, require_rule
from ingest.geometry_column import read_geometries
from ingest.load_transaction import LoadTransaction, RunFacts
from ingest.readers import GEOMETRY, AttributeMap, Field, Layer, ReadBatch, open_layer, parse_mapping
from ingest.report import LoadReport
from ingest.services.options import Progress, VectorOptions
from ingest.source_system import SourceSystem, choose_source, explain_outside, hash_file, measure_layer
from ingest.spill import open_spill
from ingest.staging_rows import REJECTED_COLUMNS, format_rejected
from ingest.store.copying import copy_rows
from ingest.store.sections import Section, list_sections, read_sql
from ingest.tolerances import Tolerances, read_tolerances
from ingest.vector_shapes import PLACED_RULES, CheckedRows, locate_shapes

Fault = tuple[str, dict[str, Any]]
"""A row rule and its details."""

_LIMITS: Final = ("entrance_street_distance_m", "entrance_building_distance_m", "building_overhang_m2")
_LIMIT_OF: Final = {
    "entrance-far-from-street": "entrance_street_distance_m",
    "entrance-outside-parcel": "entrance_building_distance_m",
    "building-crosses-parcel": "building_overhang_m2",
}
_COLUMNS: Final = (
    "row_number",
    "rejected",
    "name",
    "name_key",
    "kind",
    "number",
    "cadastral_number",
    "building_number",
    "floors",
    "building_entrance",
    "area_m2",
    "geom",
)
_CHECK: Final = """
    SELECT c.row_number, c.subject, c.measured, c.detail, ST_X(p.p), ST_Y(p.p)
      FROM ({query}) AS c JOIN loaded_row r USING (row_number)
      LEFT JOIN LATERAL ST_Transform(ST_PointOnSurface(r.geom), 4326) AS p ON true
     ORDER BY c.row_number
"""
_REJECT: Final = "UPDATE loaded_row SET rejected = true WHERE row_number = ANY(%s)"
_STAGE_REJECTED: Final = f"""
    INSERT INTO staging.rejected_row ({REJECTED_COLUMNS})
    SELECT {REJECTED_COLUMNS} FROM loaded_source JOIN loaded_row USING (row_number) WHERE rejected
"""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is loaded: its fields, how a batch of shapes is checked and a row's attributes are read."""

    kind: str
    fields: tuple[Field, ...]
    required: tuple[str, ...]
    locks: str
    check: Callable[[Geometries, Mask], CheckedRows]
    describe: Callable[[Mapping[str, Any]], tuple[dict[str, Any], list[Fault]]]
    has_area: bool = False


def load_vector(
    subject: Subject,
    options: VectorOptions,
    admin_url: str,
    *,
    now: Callable[[], datetime],
    progress: Progress | None = None,
) -> LoadReport:
    """Load one file of a subject into a district, in one transaction.

    Raises
    ------
    UnreadableInput, InvalidInput
        The file, or an option, is unusable; nothing was changed.
    Unavailable, Conflict
        The database was lost, or somebody else was first; nothing was changed.
    """
    begun, started = time.monotonic(), now()
    with (
        open_spill(options.spill) as folder,
        open_layer(options.path, layer=options.layer, encoding=options.encoding, spill=folder) as layer,
        LoadTransaction(admin_url) as transaction,
        (folder / "findings.copy").open("w", encoding="utf-8") as findings,
    ):
        today = started.astimezone(OFFICIAL_ZONE).date()
        load = _open_load(subject, options, layer, transaction, today, findings)
        for batch in layer.read():
            load.take(batch)
            (progress or _show_nothing)("read", load.report.read, layer.info.rows)
        load.note([*load.source.notes, *(("file-remark", {"text": note}) for note in layer.notes)])
        load.run_sections(before_insert=True)
        findings.flush()
        _finish(load, options, layer, started, folder)
    load.report.seconds = time.monotonic() - begun
    return load.report


def _open_load(
    subject: Subject,
    options: VectorOptions,
    layer: Layer,
    transaction: LoadTransaction,
    today: date,
    findings: TextIO,
) -> _Load:
    legal_srid = require_district(transaction, options.district)
    attributes = parse_mapping(options.mapping, subject.fields, layer.info.columns)
    missing = [name for name in subject.required if name not in attributes]
    if missing:
        raise InvalidInput(
            f"{options.path.name} has no column {missing[0]}; name one with --map {missing[0]}=COLUMN "
            f"(it has {', '.join(layer.info.columns)}).",
            code="mapping-missing",
        )
    source = choose_source(layer, options.crs, options.operation)
    boundary = transaction.fetch(
        "SELECT ST_AsBinary(geom_wgs84) FROM cadastre.district_boundary "
        "WHERE district_code = %s AND superseded_leaf IS NULL AND valid_to IS NULL",
        (options.district,),
    )
    transaction.reserve()
    transaction.execute(f"LOCK TABLE {subject.locks} IN SHARE ROW EXCLUSIVE MODE")
    transaction.execute(read_sql("vector_staging"))
    tolerances = load_codelist("tolerances")
    bound = {name: float(tolerances.entry_at(name, today).number()) for name in _LIMITS}
    return _Load(
        subject,
        transaction,
        source,
        attributes,
        FindingLog(
            transaction.load_id,
            findings,
            LoadReport(),
            {rule: bound[name] for rule, name in _LIMIT_OF.items()},
        ),
        _read_boundary(boundary),
        {
            **bound,
            "district": options.district,
            "legal_srid": legal_srid,
            "today": today,
            "load_id": transaction.load_id,
            "leaf_id": transaction.leaf_id,
        },
        read_tolerances(today),
    )


def _read_boundary(rows: list[tuple[Any, ...]]) -> shapely.Geometry | None:
    if not rows:
        return None
    boundary = shapely.from_wkb(bytes(rows[0][0]))
    shapely.prepare(boundary)
    return boundary


def _finish(load: _Load, options: VectorOptions, layer: Layer, started: datetime, folder: Path) -> None:
    report, transaction = load.report, load.transaction
    rejected = transaction.fetch("SELECT count(*) FROM loaded_row WHERE rejected")[0][0]
    report.rejected, report.accepted = int(rejected), report.read - int(rejected)
    transaction.record(
        RunFacts(
            kind=load.subject.kind,
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
    load.run_sections(before_insert=False)
    transaction.execute(_STAGE_REJECTED)
    transaction.stage([], [folder / "findings.copy"])
    transaction.commit()
    report.load_id = transaction.load_id
    if report.findings.get("shape-outside-country", 0) * 2 > report.read:
        hint = explain_outside(load.source.srid, measure_layer(layer))
        report.remarks.extend([hint] if hint else [])


@dataclass(slots=True)
class _Load:
    """One load in progress."""

    subject: Subject
    transaction: LoadTransaction
    source: SourceSystem
    attributes: AttributeMap
    log: FindingLog
    boundary: shapely.Geometry | None
    bound: dict[str, Any]
    limits: Tolerances

    @property
    def report(self) -> LoadReport:
        """Counts so far."""
        return self.log.report

    def take(self, batch: ReadBatch) -> None:
        """Check one batch by the row rules and stage all of its rows."""
        first, count = self.report.read + 1, batch.rows.num_rows
        self.report.read += count
        sagitta_m = self.limits.linearise_sagitta_m
        geometries, missing, curved = read_geometries(
            batch.rows.column(GEOMETRY), self.source.srid, sagitta_m
        )
        checked = self.subject.check(geometries, missing)
        rejected = shapely.is_missing(checked.shapes) & ~checked.nameable
        if curved.size:
            checked.findings.append(
                FindingSet(require_rule("geometry-curve-linearised"), curved, limit=sagitta_m)
            )
        rejected |= locate_shapes(
            checked, self.source, self.bound["legal_srid"], self.boundary, self.limits.zone_overhang_deg
        )
        for findings in checked.findings:
            self._say(findings, first)
        described = self._describe(batch, rejected, first)
        text = format_rejected(self.transaction.load_id, first, range(count), batch.rows)
        self.transaction.copy_text(f"COPY loaded_source ({REJECTED_COLUMNS}) FROM STDIN", text)
        geoms = shapely.to_wkb(checked.shapes, hex=True, include_srid=True)
        areas = self._measure(checked.shapes)
        rows = (
            (
                first + at,
                bool(rejected[at]),
                *(described[at].get(column) for column in _COLUMNS[2:-2]),
                None if not areas[at] > 0 else round(float(areas[at]), 2),
                geoms[at],
            )
            for at in range(count)
        )
        copy_rows(self.transaction, "loaded_row", _COLUMNS, rows)

    def _measure(self, shapes: Geometries) -> FloatArray:
        """Measure ellipsoidal areas where the subject has any; 0 elsewhere."""
        areas = np.zeros(len(shapes))
        if self.subject.has_area:
            rows = find_rows(~shapely.is_missing(shapes))
            areas[rows] = compute_geodesic_area_m2(shapes[rows])
        return areas

    def _describe(self, batch: ReadBatch, rejected: Mask, first: int) -> list[dict[str, Any]]:
        """Read the attributes; what is wrong with them rejects its row."""
        for row, column in batch.undecodable.items():
            rejected[row] = True
            self.log.add("text-undecodable", first + row, {"column": column})
        mapped = self.attributes.read(batch.rows)
        for fault in mapped.faults:
            rejected[fault.row] = True
            detail = {"field": fault.field, "column": fault.column, "value": fault.value}
            self.log.add("attribute-unreadable", first + fault.row, detail)
        columns = {name: values.to_pylist() for name, values in mapped.columns.items()}
        described = []
        for at in range(batch.rows.num_rows):
            values, faults = self.subject.describe({name: column[at] for name, column in columns.items()})
            described.append(values)
            for rule, detail in faults:
                rejected[at] |= self.log.add(rule, first + at, detail)
        return described

    def run_sections(self, *, before_insert: bool) -> None:
        """Run the rules over the set, or what follows them."""
        for section in list_sections(self.subject.kind):
            if (section.name == "insert") == before_insert:
                continue
            if section.name == "check":
                self._check(section)
            else:
                self.transaction.execute(section.sql, self.bound)

    def _check(self, section: Section) -> None:
        rule = section.argument or ""
        rows = self.transaction.stream(_CHECK.format(query=section.sql), self.bound)
        failed = []
        for row, subject, measured, detail, lon, lat in rows:
            place = None if lon is None else (lon, lat)
            if self.log.add(rule, row, detail or {}, subject=subject, measured=measured, place=place):
                failed.append(row)
        if failed:
            self.transaction.execute(_REJECT, (failed,))

    def note(self, notes: Iterable[tuple[str, dict[str, str]]]) -> None:
        """Record what was found about the file as a whole."""
        for rule, detail in notes:
            self.log.add(rule, None, detail)

    def _say(self, findings: FindingSet, first: int) -> None:
        places = findings.xy if findings.rule.id in PLACED_RULES else None
        for at, found in enumerate(findings):
            place = None if places is None else (float(places[at][0]), float(places[at][1]))
            self.log.write(replace(found, row=first - 1 + (found.row or 0), where=place))


def _show_nothing(stage: str, done: int, total: int | None) -> None:
    """Show nothing."""


__all__ = ["Fault", "Subject", "load_vector"]
