"""Bulk loading of parcels in two passes: row by row, then ground by ground; all of it checked, or nothing."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from cadastre.domain.codelist import load_codelist
from cadastre.kernel.clock import OFFICIAL_ZONE
from cadastre.rules.catalogue import get_rule
from ingest.arrow_files import write_batch
from ingest.bulk_check import check_unit, encode_winners
from ingest.bulk_duplicates import find_duplicates
from ingest.bulk_plan import ChunkJob, ChunkResult, LoadPlan, UnitJob, UnitResult, list_parcel_fields
from ingest.bulk_rows import prepare_chunk
from ingest.bulk_tiles import build_index
from ingest.bulk_verdict import Verdict
from ingest.district import require_district
from ingest.first_fill import indexes_set_aside
from ingest.load_transaction import LoadTransaction, RunFacts
from ingest.parcel_copy import PARCEL_COPY, VERSION_COPY
from ingest.pool import WorkerPool
from ingest.readers import open_layer
from ingest.readers.mapping import parse_mapping
from ingest.readers.source import Layer
from ingest.report import LoadReport
from ingest.services.options import LoadOptions, Progress
from ingest.source_system import SourceSystem, choose_source, explain_outside, hash_file
from ingest.spill import open_spill
from ingest.tolerances import read_tolerances

CHUNK_ROWS: Final = 32_768
_MOST: Final = 0.5


def load_with(
    pool: WorkerPool,
    options: LoadOptions,
    admin_url: str,
    now: Callable[[], datetime],
    progress: Progress | None,
) -> LoadReport:
    """Load a parcel file; see :func:`ingest.services.load_parcels`."""
    begun, started = time.monotonic(), now()
    with (
        open_spill(options.spill) as folder,
        ThreadPoolExecutor(1) as beside,
        LoadTransaction(admin_url) as transaction,
        open_layer(options.path, layer=options.layer, encoding=options.encoding, spill=folder) as layer,
    ):
        job = _Job(options, layer, folder, transaction, pool, progress or _show_nothing)
        report = _load_layer(job, beside.submit(hash_file, options.path), started)
    report.seconds = time.monotonic() - begun
    return report


@dataclass(frozen=True, slots=True)
class _Job:
    """One load under way and what it works with."""

    options: LoadOptions
    layer: Layer
    folder: Path
    transaction: LoadTransaction
    pool: WorkerPool
    progress: Progress


def _load_layer(job: _Job, digest: Future[bytes], started: datetime) -> LoadReport:
    transaction = job.transaction
    plan, source = _make_plan(job, started)
    plan, results = _first_pass(plan, job)
    transaction.begin_bulk()
    plan = _prepare_second_pass(plan, results, transaction)
    duplicates = find_duplicates(plan, results, transaction)
    verdict = Verdict(plan, results, duplicates)
    units = build_index(plan, results, duplicates.kept)
    read = sum(result.rows_read for result in results)
    with indexes_set_aside(transaction, read):
        accepted = _second_pass(plan, units, verdict, job)
    return _finish(job, plan, source, verdict, accepted, (digest.result(), started))


def _make_plan(job: _Job, started: datetime) -> tuple[LoadPlan, SourceSystem]:
    options, layer, transaction = job.options, job.layer, job.transaction
    today = started.astimezone(OFFICIAL_ZONE).date()
    district = require_district(transaction, options.district)
    forms = load_codelist("ownership_forms").codes_at(today)
    attributes = parse_mapping(options.mapping, list_parcel_fields(forms), layer.info.columns)
    source = choose_source(layer, options.crs, options.operation)
    boundary = transaction.fetch(
        "SELECT ST_AsBinary(geom_wgs84) FROM cadastre.district_boundary "
        "WHERE district_code = %s AND superseded_leaf IS NULL AND valid_to IS NULL",
        (options.district,),
    )
    transaction.reserve()
    plan = LoadPlan(
        folder=job.folder,
        load_id=transaction.load_id,
        leaf_id=transaction.leaf_id,
        today=today,
        district_code=options.district,
        district_wkb=bytes(boundary[0][0]) if boundary else None,
        legal_srid=district,
        source_srid=source.srid,
        operation=source.operation,
        operation_code=source.code,
        operation_accuracy_m=source.accuracy_m,
        attributes=attributes,
        tolerances=read_tolerances(today),
        hash_seed=secrets.randbits(64),
    )
    return plan, source


def _first_pass(plan: LoadPlan, job: _Job) -> tuple[LoadPlan, list[ChunkResult]]:
    """Check row by row; return the plan with the identities that the rows will have."""
    results, read = [], 0
    numbered = plan

    def spill() -> Iterator[ChunkJob]:
        """Cut the file into chunks; once it is read, number its rows while the last ones are checked."""
        nonlocal numbered
        first_row, chunk = 1, 0
        for batch in job.layer.read(CHUNK_ROWS):
            write_batch(plan.raw_path(chunk), batch.rows)
            yield ChunkJob(chunk, first_row, batch.undecodable)
            first_row, chunk = first_row + batch.rows.num_rows, chunk + 1
        numbered = _reserve_identities(plan, first_row - 1, job.transaction)

    for result in job.pool.map(partial(prepare_chunk, plan), spill()):
        results.append(result)
        read += result.rows_read
        job.progress("read", read, job.layer.info.rows)
    return numbered, results


def _reserve_identities(plan: LoadPlan, rows: int, transaction: LoadTransaction) -> LoadPlan:
    serial = "cadastre.cadastral_number_serial"
    numbered = replace(
        plan,
        parcel_id_base=transaction.take_numbers("cadastre.parcel_parcel_id_seq", rows),
        version_id_base=transaction.take_numbers("cadastre.parcel_version_version_id_seq", rows),
        number_base=transaction.take_numbers(serial, rows) if plan.mints_numbers else 0,
    )
    transaction.release()
    return numbered


def _prepare_second_pass(
    plan: LoadPlan, results: list[ChunkResult], transaction: LoadTransaction
) -> LoadPlan:
    """See whether the register holds parcels where the file has some."""
    boxes = np.array([result.bounds for result in results if result.bounds is not None])
    crowded = False
    if len(boxes):
        low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
        crowded = bool(
            transaction.fetch(
                "SELECT EXISTS (SELECT FROM cadastre.parcel_version WHERE superseded_leaf IS NULL "
                "AND valid_to IS NULL AND geom_wgs84 && ST_MakeEnvelope(%s, %s, %s, %s, 4326))",
                (*low.tolist(), *high.tolist()),
            )[0][0]
        )
    return replace(plan, database_url=transaction.dsn if crowded else None)


def _second_pass(plan: LoadPlan, units: list[UnitJob], verdict: Verdict, job: _Job) -> int:
    """Check unit after unit and copy what meets nobody; then decide the rest and copy the winners."""
    total = verdict.ready
    accepted = done = 0
    for unit in job.pool.map(partial(check_unit, plan), units):
        _copy_unit(unit, job.transaction)
        verdict.add(unit)
        accepted += unit.copied
        done += unit.copied + len(unit.deferred)
        job.progress("check", done, total)
    winners = verdict.decide()
    for some in winners.cut(CHUNK_ROWS):
        parcels, versions = encode_winners(plan, some)
        job.transaction.copy_binary(PARCEL_COPY, parcels)
        job.transaction.copy_binary(VERSION_COPY, versions)
    return accepted + len(winners)


def _copy_unit(unit: UnitResult, transaction: LoadTransaction) -> None:
    if unit.copied:
        transaction.copy_binary(PARCEL_COPY, unit.parcel_path)
        transaction.copy_binary(VERSION_COPY, unit.version_path)
    unit.parcel_path.unlink()
    unit.version_path.unlink()


def _finish(
    job: _Job,
    plan: LoadPlan,
    source: SourceSystem,
    verdict: Verdict,
    accepted: int,
    origin: tuple[bytes, datetime],
) -> LoadReport:
    options, layer, transaction = job.options, job.layer, job.transaction
    report = verdict.report(accepted)
    findings = verdict.findings(report)
    for rule_id, detail in [*source.notes, *(("file-remark", {"text": note}) for note in layer.notes)]:
        findings.append(verdict.note(rule_id, detail))
        report.add(rule_id, 1)
        report.remarks.append(f"{get_rule(rule_id).en} {' '.join(f'{k}: {v}' for k, v in detail.items())}")
    cells = verdict.cells()
    if accepted:
        transaction.execute("SELECT cadastre.touch_cells(%s)", (cells.tolist(),))
    facts = RunFacts(
        kind="parcels",
        file_name=options.path.name,
        file_sha256=origin[0],
        started_at=origin[1],
        actor=options.actor,
        rows_read=report.read,
        rows_accepted=report.accepted,
        rows_rejected=report.rejected,
        layer=layer.info.layer,
        district_code=plan.district_code,
        source_srid=plan.source_srid,
        operation_code=plan.operation_code,
        operation_accuracy_m=plan.operation_accuracy_m,
        mapping=plan.attributes.describe(),
    )
    transaction.finish(facts, verdict.rejected_files(), findings)
    report.load_id = plan.load_id
    outside = report.findings.get("location-outside-country", 0)
    if report.read and outside > _MOST * report.read:
        sentence = explain_outside(plan.source_srid, verdict.source_bounds())
        report.remarks.extend([sentence] if sentence else [])
    return report


def _show_nothing(stage: str, done: int, total: int | None) -> None:
    """Show nothing."""


__all__ = ["CHUNK_ROWS", "load_with"]
