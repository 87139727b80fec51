"""Loading of district boundaries: polygons meet the codelist's districts by code or by name."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

import numpy as np
import shapely

from cadastre.domain.codelist import Codelist, load_codelist
from cadastre.kernel.clock import OFFICIAL_ZONE
from cadastre.kernel.crs import WGS84_SRID, is_in_country, transformation
from cadastre.kernel.folding import fold
from cadastre.rules.catalogue import get_rule
from cadastre.rules.finding import FindingSet, Severity, find_rows
from cadastre.rules.shape import Geometries, check_shapes
from ingest.geometry_column import read_geometries
from ingest.load_transaction import LoadTransaction, RunFacts
from ingest.readers import GEOMETRY, Layer, ReadBatch, open_layer
from ingest.report import LoadReport
from ingest.services.options import DistrictOptions
from ingest.source_system import SourceSystem, choose_source, hash_file
from ingest.spill import open_spill
from ingest.staging_rows import format_finding, format_rejected
from ingest.tolerances import Tolerances, read_tolerances

# Words that only say "district" or "city", folded: the rest of a name is what tells districts apart.
_GENERIC: Final = frozenset(
    ("rayonu", "rayon", "raion", "raiyon", "district", "city", "seheri", "seher", "gorod")
)
_KEY_COLUMNS: Final = ("code", "district_code", "iso", "iso_code", "iso3166-2", "ref")
_CURRENT: Final = """
    SELECT district_code, ST_AsBinary(geom_wgs84) FROM cadastre.district_boundary
     WHERE superseded_leaf IS NULL AND valid_to IS NULL
"""
_SUPERSEDE: Final = """
    UPDATE cadastre.district_boundary SET superseded_leaf = %s
     WHERE district_code = %s AND superseded_leaf IS NULL AND valid_to IS NULL
"""
_INSERT: Final = """
    INSERT INTO cadastre.district_boundary (district_code, valid_from, recorded_leaf, load_id, geom_wgs84)
    VALUES (%s, %s, %s, %s, ST_GeomFromWKB(%s, 4326))
"""


@dataclass(slots=True)
class _Load:
    """Rows on their way: what stands, what was said, what stays in staging."""

    load_id: int
    tolerances: Tolerances
    source: SourceSystem
    names: DistrictNames
    current: dict[str, bytes]
    report: LoadReport = field(default_factory=LoadReport)
    accepted: dict[str, shapely.Geometry] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)
    rejected: list[str] = field(default_factory=list)

    def take(self, batch: ReadBatch) -> None:
        """Check one batch; keep what passes."""
        first, count = self.report.read + 1, batch.rows.num_rows
        self.report.read += count
        bad: set[int] = set()
        geometries, missing, _ = read_geometries(
            batch.rows.column(GEOMETRY), self.source.srid, self.tolerances.linearise_sagitta_m
        )
        checked = check_shapes(
            geometries, missing, most_vertices=self.tolerances.ring_vertices_max * 100, many_parts=True
        )
        for findings in [*checked.findings, *self._check_place(checked.polygons)]:
            if findings.rule.severity is Severity.ERROR:
                bad.update(findings.rows.tolist())
            self._say(findings, first)
        rows = batch.rows.drop_columns([GEOMETRY]).to_pylist()
        for row in sorted(set(range(count)) - bad):
            code = self.names.find(rows[row].items())
            rule = self._judge(code, checked.polygons[row])
            if rule is None and code is not None:
                self.accepted[code] = self._to_wgs84(checked.polygons[row])
            else:
                bad.add(row)
                detail = {"district": code} if code else _show_names(rows[row].items())
                self._line(rule or "district-unmatched", first + row, code, detail)
        if bad:
            self.rejected.append(format_rejected(self.load_id, first, sorted(bad), batch.rows))

    def _judge(self, code: str | None, polygon: shapely.Geometry) -> str | None:
        if code is None:
            return "district-unmatched"
        if code in self.accepted:
            return "district-repeated"
        if self.current.get(code) == shapely.to_wkb(shapely.normalize(self._to_wgs84(polygon))):
            return "district-unchanged"
        return None

    def _check_place(self, polygons: Geometries) -> list[FindingSet]:
        rows = find_rows(~shapely.is_missing(polygons))
        if not rows.size:
            return []
        # A maritime district reaches beyond the bounds of the land: some of it must lie inside.
        way = transformation(self.source.srid, WGS84_SRID, self.source.operation)
        lon_lat, owners = shapely.get_coordinates(polygons[rows], return_index=True)
        placed = way.apply(lon_lat)
        inside = np.bincount(owners[is_in_country(placed[:, 0], placed[:, 1])], minlength=rows.size)
        outside = rows[inside == 0]
        return [FindingSet(get_rule("location-outside-country"), outside)] if outside.size else []

    def _to_wgs84(self, polygon: shapely.Geometry) -> shapely.MultiPolygon:
        way = transformation(self.source.srid, WGS84_SRID, self.source.operation)
        parts = way.apply_to_geometries(shapely.get_parts(polygon))
        return shapely.MultiPolygon(list(parts))

    def _say(self, findings: FindingSet, first: int) -> None:
        for finding in findings:
            row = first - 1 + (finding.row or 0)
            self._line(finding.rule, row, None, finding.detail, finding.measured)

    def _line(
        self, rule: str, row: int, subject: str | None, detail: Any, measured: float | None = None
    ) -> None:
        self.report.add(rule, 1)
        severity = get_rule(rule).severity
        self.findings.append(
            format_finding(
                self.load_id, row, rule, severity, subject=subject, measured=measured, detail=detail
            )
        )


class DistrictNames:
    """Finds the district that a row of attributes speaks of."""

    def __init__(self, codelist: Codelist, on: date) -> None:
        self._codes: dict[str, str] = {}
        self._full: dict[str, set[str]] = {}
        self._short: dict[str, set[str]] = {}
        for entry in codelist.entries_at(on):
            self._codes[entry.code] = entry.code
            iso = entry.find_text("iso")
            if iso:
                self._codes.setdefault(iso, entry.code)
            names = [entry.az, entry.en, entry.ru]
            names += [name for name in (entry.find_text("short_az"),) if name]
            for name in names:
                self._full.setdefault(fold(name), set()).add(entry.code)
                self._short.setdefault(_strip(name), set()).add(entry.code)

    def find(self, attributes: Iterable[tuple[str, Any]]) -> str | None:
        """Return the code of the one district that a code or name column means, else None."""
        values = [(name.lower(), str(value).strip()) for name, value in attributes if value is not None]
        for name, value in values:
            if name in _KEY_COLUMNS and value.upper() in self._codes:
                return self._codes[value.upper()]
        named = [value for name, value in values if "name" in name or name in ("ad", "adi")]
        for table, key in ((self._full, fold), (self._short, _strip)):
            found = set().union(*(table.get(key(value), set()) for value in named if key(value)))
            if len(found) == 1:
                return next(iter(found))
        return None


def load_districts(options: DistrictOptions, admin_url: str, *, now: Callable[[], datetime]) -> LoadReport:
    """Attach the boundaries of a file to the districts of the codelist, in one transaction.

    Raises
    ------
    UnreadableInput, InvalidInput
        The file, or an option, is unusable.
    Unavailable
        The database was lost; nothing was changed.
    """
    begun, started = time.monotonic(), now()
    today = started.astimezone(OFFICIAL_ZONE).date()
    with (
        open_spill(options.spill) as folder,
        LoadTransaction(admin_url) as transaction,
        open_layer(options.path, layer=options.layer, encoding=options.encoding, spill=folder) as layer,
    ):
        source = choose_source(layer, options.crs, None)
        transaction.reserve()
        transaction.execute("LOCK TABLE cadastre.district_boundary IN SHARE ROW EXCLUSIVE MODE")
        current = {
            str(code): shapely.to_wkb(shapely.normalize(shapely.from_wkb(bytes(wkb))))
            for code, wkb in transaction.fetch(_CURRENT)
        }
        names = DistrictNames(load_codelist("districts"), today)
        load = _Load(transaction.load_id, read_tolerances(today), source, names, current)
        for batch in layer.read():
            load.take(batch)
        _promote(options, layer, load, transaction, started)
    load.report.seconds = time.monotonic() - begun
    return load.report


def _promote(
    options: DistrictOptions, layer: Layer, load: _Load, transaction: LoadTransaction, started: datetime
) -> None:
    report = load.report
    report.accepted = len(load.accepted)
    report.rejected = report.read - report.accepted
    report.load_id = transaction.load_id
    facts = RunFacts(
        kind="districts",
        file_name=options.path.name,
        file_sha256=hash_file(options.path),
        started_at=started,
        actor=options.actor,
        rows_read=report.read,
        rows_accepted=report.accepted,
        rows_rejected=report.rejected,
        layer=layer.info.layer,
        source_srid=load.source.srid,
        operation_code=load.source.code,
        operation_accuracy_m=load.source.accuracy_m,
    )
    transaction.record(facts)
    today = started.astimezone(OFFICIAL_ZONE).date()
    for code, geometry in sorted(load.accepted.items()):
        transaction.execute(_SUPERSEDE, (transaction.leaf_id, code))
        wkb = shapely.to_wkb(geometry)
        transaction.execute(_INSERT, (code, today, transaction.leaf_id, transaction.load_id, wkb))
    transaction.stage(list(load.rejected), list(load.findings))
    transaction.commit()


def _strip(name: str) -> str:
    return " ".join(word for word in fold(name).split() if word not in _GENERIC)


def _show_names(attributes: Iterable[tuple[str, Any]]) -> dict[str, str]:
    return dict(_list_names(attributes))


def _list_names(attributes: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, str]]:
    for name, value in attributes:
        if value is not None and ("name" in name.lower() or name.lower() in _KEY_COLUMNS):
            yield name, str(value)[:80]


__all__ = ["DistrictNames", "load_districts"]
