"""Loading of units (flats, non-residential premises) of registered buildings, in one transaction."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final

from ingest.finding_log import FindingLog
from ingest.load_transaction import LoadTransaction, RunFacts
from ingest.report import LoadReport
from ingest.services.options import Progress, TableOptions
from ingest.source_system import hash_file
from ingest.spill import open_spill
from ingest.store.copying import copy_rows
from ingest.store.sections import Section, list_sections, read_sql
from ingest.tabular import TableRow, TextTable, open_table
from ingest.units_file import ReadUnit, UnitsReader, place_unit_columns

CHUNK_ROWS: Final = 5_000
_LOCK: Final = """
    LOCK TABLE cadastre.building IN SHARE MODE;
    LOCK TABLE cadastre.building_unit IN SHARE ROW EXCLUSIVE MODE
"""
_COLUMNS: Final = (
    "row_number",
    "rejected",
    "attributes",
    "building_number",
    "unit_number",
    "kind",
    "entrance_number",
    "floor",
    "room_count",
    "total_area_m2",
    "living_area_m2",
    "auxiliary_area_m2",
    "cadastral_number",
)
_CHECK: Final = """
    SELECT c.row_number, r.building_number || ', ' || r.unit_number, c.measured, c.detail
      FROM ({query}) AS c JOIN unit_row r USING (row_number)
     ORDER BY c.row_number
"""
_REJECT: Final = "UPDATE unit_row SET rejected = true WHERE row_number = ANY(%s)"


def load_units(
    options: TableOptions,
    admin_url: str,
    *,
    now: Callable[[], datetime],
    progress: Progress | None = None,
) -> LoadReport:
    """Load a units file into the register, in one transaction.

    Raises
    ------
    UnreadableInput, InvalidInput
        The file is unreadable or its header is wrong; nothing was changed.
    Unavailable, Conflict
        The database or the disk was lost, or somebody else was first; nothing was changed.
    """
    begun, started = time.monotonic(), now()
    path = options.path
    with (
        open_spill(options.spill) as folder,
        open_table(path, sheet=options.sheet) as table,
        LoadTransaction(admin_url) as transaction,
        (folder / "findings.copy").open("w", encoding="utf-8") as findings,
    ):
        reader = UnitsReader(place_unit_columns(path.name, table.columns))
        transaction.reserve()
        transaction.execute(_LOCK)
        transaction.execute(read_sql("units_staging"))
        load = _Load(
            transaction, FindingLog(transaction.load_id, findings, LoadReport()), progress or _show_nothing
        )
        load.stage(table, reader)
        load.run_sections(before_insert=True)
        findings.flush()
        report = load.count()
        transaction.record(
            RunFacts(
                kind="units",
                file_name=path.name,
                file_sha256=hash_file(path),
                started_at=started,
                actor=options.actor,
                rows_read=report.read,
                rows_accepted=report.accepted,
                rows_rejected=report.rejected,
                layer=table.sheet,
            )
        )
        load.run_sections(before_insert=False)
        transaction.stage([], [folder / "findings.copy"])
        transaction.commit()
    report.load_id = transaction.load_id
    report.seconds = time.monotonic() - begun
    return report


@dataclass(slots=True)
class _Load:
    """One load in progress: rows staged, then checked as a set, then entered."""

    transaction: LoadTransaction
    log: FindingLog
    progress: Progress

    def stage(self, table: TextTable, reader: UnitsReader) -> None:
        """Read the file and stage all of its rows."""
        report = self.log.report
        for chunk in _chunks(table.rows):
            read = [reader.read(row) for row in chunk]
            copy_rows(
                self.transaction, "unit_row", _COLUMNS, [_staged_values(table.columns, row) for row in read]
            )
            for row in read:
                for found in row.findings:
                    self.log.write(found)
            report.read += len(read)
            self.progress("read", report.read, table.expected)

    def run_sections(self, *, before_insert: bool) -> None:
        """Run the rules over the set, or what follows them."""
        bound = {"load_id": self.transaction.load_id, "leaf_id": self.transaction.leaf_id}
        for section in list_sections("units"):
            if (section.name == "insert") == before_insert:
                continue
            if section.name == "check":
                self._check(section)
            else:
                self.transaction.execute(section.sql, bound)

    def _check(self, section: Section) -> None:
        rule = section.argument or ""
        failed = []
        for row, subject, measured, detail in self.transaction.stream(_CHECK.format(query=section.sql)):
            if self.log.add(rule, row, detail, subject=subject, measured=measured):
                failed.append(row)
        if failed:
            self.transaction.execute(_REJECT, (failed,))

    def count(self) -> LoadReport:
        """Count what was accepted and rejected."""
        report = self.log.report
        report.rejected = int(self.transaction.fetch("SELECT count(*) FROM unit_row WHERE rejected")[0][0])
        report.accepted = report.read - report.rejected
        return report


def _staged_values(columns: Sequence[str], row: ReadUnit) -> Sequence[Any]:
    attributes = dict(zip(columns, row.source.cells, strict=True))
    text = json.dumps(attributes, ensure_ascii=False).replace("\\u0000", "\u2400")
    unit = row.unit
    if unit is None:
        return (row.source.number, True, text, *[None] * (len(_COLUMNS) - 3))
    return (
        row.source.number,
        False,
        text,
        *unit.key,
        unit.kind,
        unit.entrance_number,
        unit.floor,
        unit.room_count,
        unit.total_area_m2,
        unit.living_area_m2,
        unit.auxiliary_area_m2,
        unit.cadastral_number,
    )


def _chunks(rows: Iterator[TableRow]) -> Iterator[list[TableRow]]:
    while chunk := list(islice(rows, CHUNK_ROWS)):
        yield chunk


def _show_nothing(stage: str, done: int, total: int | None) -> None:
    """Show nothing."""


__all__ = ["load_units"]
