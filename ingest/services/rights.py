"""Migrate an existing register: rights and restrictions of parcels and units, in one transaction."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice
from typing import Final

from cadastre.kernel.clock import OFFICIAL_ZONE
from cadastre.rules.finding import Finding
from cadastre.rules.rights import Judgement, PlacedRow, judge_property
from ingest.finding_log import FindingLog
from ingest.load_transaction import LoadTransaction, RunFacts
from ingest.placed_rows import place_row
from ingest.report import LoadReport
from ingest.rights_file import ReadRow, RightsReader, place_columns
from ingest.services.options import Progress, TableOptions
from ingest.source_system import hash_file
from ingest.spill import open_spill
from ingest.store import rights as store
from ingest.tabular import TableRow, TextTable, open_table

CHUNK_ROWS: Final = 5_000


def load_rights(
    options: TableOptions,
    admin_url: str,
    *,
    now: Callable[[], datetime],
    progress: Progress | None = None,
) -> LoadReport:
    """Load a rights file into the register, in one transaction.

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
    ):
        today = started.astimezone(OFFICIAL_ZONE).date()
        reader = RightsReader(place_columns(path.name, table.columns), today)
        digest = hash_file(path)
        transaction.reserve()
        store.begin(transaction)
        with (folder / "findings.copy").open("w", encoding="utf-8") as findings:
            log = FindingLog(transaction.load_id, findings, LoadReport())
            load = _Load(transaction, log, progress or _show_nothing)
            load.stage(table, reader)
            payload = {
                "load_id": transaction.load_id,
                "file_sha256": digest.hex(),
                "rows_read": load.report.read,
            }
            transaction.open_leaf("load.rights", options.actor, payload)
            load.judge()
        report = load.report
        transaction.record(
            RunFacts(
                kind="rights",
                file_name=path.name,
                file_sha256=digest,
                started_at=started,
                actor=options.actor,
                rows_read=report.read,
                rows_accepted=report.accepted,
                rows_rejected=report.rejected,
                layer=table.sheet,
            )
        )
        store.promote(transaction)
        transaction.stage([], [folder / "findings.copy"])
        transaction.commit()
    report.load_id = transaction.load_id
    report.seconds = time.monotonic() - begun
    return report


@dataclass(slots=True)
class _Load:
    """One load in progress: rows staged, then judged property by property; findings spilled as they come."""

    transaction: LoadTransaction
    log: FindingLog
    progress: Progress

    @property
    def report(self) -> LoadReport:
        """Counts so far."""
        return self.log.report

    def stage(self, table: TextTable, reader: RightsReader) -> None:
        """Read the file and stage its rows."""
        for chunk in _chunks(table.rows):
            read = [reader.read(row) for row in chunk]
            store.stage_rows(self.transaction, (_staged(table.columns, row) for row in read))
            self._keep(finding for row in read for finding in row.findings)
            self.report.read += len(read)
            self.progress("read", self.report.read, table.expected)

    def judge(self) -> None:
        """Judge the staged rows property by property."""
        verdicts: list[store.Verdict] = []
        placed = groupby(store.stream_placed(self.transaction), key=lambda row: str(row.group_key))
        for group_key, members in placed:
            rows = [place_row(row) for row in members]
            judgement = judge_property(rows)
            self.report.accepted += len(judgement.accepted)
            self.report.rejected += len(judgement.rejected)
            self._keep(judgement.findings)
            verdicts += _verdicts(group_key, rows, judgement)
            if len(verdicts) >= CHUNK_ROWS:
                self._flush(verdicts)
        self._flush(verdicts)

    def _flush(self, verdicts: list[store.Verdict]) -> None:
        store.stage_verdicts(self.transaction, verdicts)
        verdicts.clear()
        self.progress("check", self.report.accepted + self.report.rejected, self.report.read)

    def _keep(self, findings: Iterable[Finding]) -> None:
        for found in findings:
            self.log.write(found)


def _staged(columns: Sequence[str], row: ReadRow) -> store.StagedRow:
    attributes = dict(zip(columns, row.source.cells, strict=True))
    return store.StagedRow(
        row.source.number, attributes, row.entry, row.register_number, row.cadastral_number, row.unit
    )


def _verdicts(group_key: str, rows: Iterable[PlacedRow], judgement: Judgement) -> Iterator[store.Verdict]:
    accepted = set(judgement.accepted)
    for row in rows:
        yield store.Verdict(
            row.row,
            group_key,
            row.row in accepted,
            row.row in judgement.new_rights,
            row.row in judgement.new_restrictions,
            row.holder,
            row.beneficiary,
        )


def _chunks(rows: Iterator[TableRow]) -> Iterator[list[TableRow]]:
    while chunk := list(islice(rows, CHUNK_ROWS)):
        yield chunk


def _show_nothing(stage: str, done: int, total: int | None) -> None:
    """Show nothing."""


__all__ = ["load_rights"]
