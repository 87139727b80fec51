"""The end of a load: who loses to whom, what is said of it, and which rows stay in staging."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from cadastre.kernel.crs import WGS84_SRID, transformation
from cadastre.rules.catalogue import RULES, get_rule
from cadastre.rules.finding import Severity
from ingest.arrow_files import read_batch, write_file
from ingest.bulk_duplicates import Duplicates
from ingest.bulk_keys import read_ready_rows
from ingest.bulk_plan import NUMBER, ChunkResult, LoadPlan, UnitResult, Winners
from ingest.geometry_column import measure_bounds
from ingest.overlap import resolve
from ingest.readers.batch import GEOMETRY
from ingest.report import LoadReport
from ingest.staging_rows import format_finding, format_rejected

IntArray = npt.NDArray[np.int64]


class Verdict:
    """Collects what the second pass finds and decides in file order."""

    def __init__(self, plan: LoadPlan, results: Sequence[ChunkResult], duplicates: Duplicates) -> None:
        self._plan = plan
        self._results = results
        self._duplicates = duplicates
        self._pairs: dict[tuple[int, int], tuple[float, float, float]] = {}
        self._registered: list[tuple[int, str, float, float, float]] = []
        self._deferred: list[tuple[IntArray, IntArray]] = []
        self._lost: set[int] = set()
        self._first_rows = np.concatenate(([1], 1 + np.cumsum([r.rows_read for r in results]))).astype(
            np.int64
        )

    @property
    def ready(self) -> int:
        """How many rows passed the row rules."""
        return sum(result.ready for result in self._results)

    def add(self, unit: UnitResult) -> None:
        """Take over the findings of a unit (a pair across two units is found by both)."""
        places = zip(unit.area_m2.tolist(), unit.lon_lat.tolist(), strict=True)
        for first, second, (area, (lon, lat)) in zip(
            unit.first.tolist(), unit.second.tolist(), places, strict=True
        ):
            self._pairs[first, second] = (area, lon, lat)
        self._registered.extend(unit.registered)
        self._deferred.append((unit.deferred, unit.deferred_serial))

    def decide(self) -> Winners:
        """Resolve the overlaps in file order; return the rows that had one and stand, along the ground."""
        self._add_copies()
        self._lost = {row for row, *_ in self._registered} | set(self._duplicates.copies)
        pairs = np.array(sorted(self._pairs), dtype=np.int64).reshape(-1, 2)
        standing = ~np.isin(pairs, np.fromiter(self._lost, np.int64)).any(axis=1)
        rows, place = np.unique(pairs[standing], return_inverse=True)
        place = place.reshape(-1, 2)
        lost = resolve(len(rows), place[:, 0], place[:, 1])
        self._lost.update(rows[lost].tolist())
        none = np.empty(0, dtype=np.int64)
        row = np.concatenate([none, *(rows for rows, _ in self._deferred)])
        serial = np.concatenate([none, *(serials for _, serials in self._deferred)])
        stands = ~np.isin(row, np.fromiter(self._lost, np.int64))
        return Winners(row[stands], *self.locate(row[stands]), serial[stands])

    def locate(self, rows: IntArray) -> tuple[IntArray, IntArray]:
        """Find the chunk and the spilled position of ready rows."""
        chunk = np.searchsorted(self._first_rows, rows, side="right") - 1
        position = np.empty(len(rows), dtype=np.int64)
        for number in np.unique(chunk).tolist():
            spilled = read_ready_rows(self._plan, self._results[number].chunk)
            order = np.argsort(spilled, kind="stable")
            mine = chunk == number
            position[mine] = order[np.searchsorted(spilled[order], rows[mine])]
        return chunk.astype(np.int64), position

    def report(self, accepted: int) -> LoadReport:
        """Count everything."""
        report = LoadReport(read=int(self._first_rows[-1]) - 1, accepted=accepted)
        report.rejected = report.read - accepted
        for result in self._results:
            for rule, count in result.findings.items():
                report.add(rule, count)
        report.add("number-duplicate", len(self._duplicates.repeated))
        report.add("number-registered", len(self._duplicates.registered))
        report.add("parcel-overlap", len(self._pairs))
        report.add("parcel-overlap-registered", len(self._registered))
        return report

    def findings(self, report: LoadReport) -> list[str | Path]:
        """Return the findings as COPY text: those spilled with the chunks, and the later ones."""
        files: list[str | Path] = [
            self._plan.staging_path(name)
            for result in self._results
            for name in result.staged
            if name.startswith("finding")
        ]
        infos = [
            self.note(rule, {"rows": count})
            for rule, count in report.findings.items()
            if RULES[rule].severity is Severity.INFO
        ]
        return [*files, "".join([*infos, *self._late_lines()])]

    def note(self, rule_id: str, detail: Mapping[str, Any]) -> str:
        """Write a finding about the file as a whole."""
        rule = get_rule(rule_id)
        rows = detail.get("rows")
        return format_finding(
            self._plan.load_id,
            None,
            rule.id,
            rule.severity,
            measured=None if rows is None else float(rows),
            unit=None if rows is None else "rows",
            detail=detail,
        )

    def rejected_files(self) -> list[str | Path]:
        """Return the rejected rows as COPY text, each row once."""
        files: list[str | Path] = [
            self._plan.staging_path(name)
            for result in self._results
            for name in result.staged
            if name.startswith("rejected")
        ]
        late = self._late_rejects()
        for number in np.unique(np.searchsorted(self._first_rows, late, side="right") - 1).tolist():
            result = self._results[number]
            first = int(self._first_rows[number])
            rows = late[(late >= first) & (late < first + result.rows_read)] - first
            rows = np.setdiff1d(rows, result.rejected_rows)
            if rows.size:
                batch = read_batch(self._plan.raw_path(result.chunk))
                text = format_rejected(self._plan.load_id, first, rows.tolist(), batch)
                path = self._plan.staging_path(f"rejected-late-{result.chunk:06d}")
                write_file(path, text)
                files.append(path)
        return files

    def cells(self) -> IntArray:
        """Return the grid cells that the rows touch, sorted."""
        return np.unique(np.concatenate([np.empty(0, np.int64), *(result.cells for result in self._results)]))

    def source_bounds(self) -> tuple[float, float, float, float] | None:
        """Measure the first chunk in the system of the file."""
        if not self._results:
            return None
        return measure_bounds(read_batch(self._plan.raw_path(0)).column(GEOMETRY))

    def _add_copies(self) -> None:
        """Pair each stacked copy with the first of its kind (one pair each, not all with all)."""
        copies = self._duplicates.copies
        if not copies:
            return
        heads = np.array(sorted(set(copies.values())), dtype=np.int64)
        places: dict[int, tuple[float, float, float]] = {}
        way = transformation(self._plan.legal_srid, WGS84_SRID)
        for head, shape in zip(heads.tolist(), self._read_shapes(heads), strict=True):
            point = way.apply(shapely.get_coordinates(shapely.point_on_surface(shape)))[0]
            places[head] = (float(shapely.area(shape)), float(point[0]), float(point[1]))
        for row, head in copies.items():
            self._pairs[head, row] = places[head]

    def _read_shapes(self, rows: IntArray) -> Iterable[shapely.Geometry]:
        chunk, position = self.locate(rows)
        for number, at in zip(chunk.tolist(), position.tolist(), strict=True):
            batch = read_batch(self._plan.ready_path(self._results[number].chunk))
            yield shapely.from_wkb(batch.column("geom")[at].as_py())

    def _late_rejects(self) -> IntArray:
        rows = {*self._lost, *self._duplicates.repeated, *self._duplicates.registered}
        return np.array(sorted(rows), dtype=np.int64)

    def _late_lines(self) -> Iterable[str]:
        numbers = self._read_numbers()
        for row, first in self._duplicates.repeated.items():
            yield self._line("number-duplicate", row, numbers, detail={"first_row": first})
        for row in self._duplicates.registered:
            yield self._line("number-registered", row, numbers)
        for (first, second), (area, lon, lat) in sorted(self._pairs.items()):
            for row, other in ((first, second), (second, first)):
                verdict = "rejected" if row in self._lost else "stands"
                detail = {"other_row": other, "other_number": numbers.get(other), "verdict": verdict}
                yield self._line("parcel-overlap", row, numbers, area=area, place=(lon, lat), detail=detail)
        for row, number, area, lon, lat in self._registered:
            detail = {"other_number": number}
            yield self._line(
                "parcel-overlap-registered", row, numbers, area=area, place=(lon, lat), detail=detail
            )

    def _line(
        self,
        rule_id: str,
        row: int,
        numbers: Mapping[int, str],
        *,
        area: float | None = None,
        place: tuple[float, float] | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> str:
        rule = get_rule(rule_id)
        limit = None if area is None else 0.0
        detail = dict(detail or {})
        if rule.tolerance is not None:
            detail["tolerated_width_m"] = self._plan.tolerances.limit_of(rule.tolerance)
        return format_finding(
            self._plan.load_id,
            row,
            rule.id,
            rule.severity,
            subject=numbers.get(row),
            measured=None if area is None else round(area, 4),
            limit=limit,
            unit=rule.unit,
            detail=detail,
            lon_lat=place,
        )

    def _read_numbers(self) -> dict[int, str]:
        """Read the cadastral numbers of the rows that late findings speak of."""
        if self._plan.mints_numbers:
            return {}
        rows = {row for pair in self._pairs for row in pair}
        rows |= {row for row, *_ in self._registered}
        rows |= {*self._duplicates.repeated, *self._duplicates.registered}
        wanted = np.array(sorted(rows), dtype=np.int64)
        chunk = np.searchsorted(self._first_rows, wanted, side="right") - 1
        numbers: dict[int, str] = {}
        for number in np.unique(chunk).tolist():
            batch = read_batch(self._plan.raw_path(self._results[number].chunk))
            column = self._plan.attributes.read_one(batch, NUMBER)
            for row in wanted[chunk == number].tolist():
                text = column[row - int(self._first_rows[number])].as_py()
                if text:
                    numbers[row] = text
        return numbers


__all__ = ["Verdict"]
