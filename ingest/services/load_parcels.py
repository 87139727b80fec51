"""Bulk loading of parcels: a file of any accepted kind into the register, all of it checked, or nothing."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final, Protocol

import numpy as np

from cadastre.domain.codelist import load_codelist
from cadastre.kernel.clock import OFFICIAL_ZONE
from cadastre.kernel.errors import InvalidInput
from cadastre.rules.catalogue import get_rule
from ingest.arrow_files import write_batch
from ingest.bulk_check import check_unit, encode_winners
from ingest.bulk_duplicates import find_duplicates
from ingest.bulk_plan import ChunkJob, ChunkResult, LoadPlan, UnitResult, list_parcel_fields
from ingest.bulk_rows import prepare_chunk
from ingest.bulk_tiles import TileIndex, build_index, plan_units
from ingest.bulk_verdict import Verdict
from ingest.first_fill import indexes_set_aside
from ingest.load_transaction import LoadTransaction, RunFacts
from ingest.parcel_copy import PARCEL_COPY, VERSION_COPY
from ingest.pool import WorkerPool
from ingest.readers import open_layer
from ingest.readers.mapping import parse_mapping
from ingest.readers.source import Layer
from ingest.report import LoadReport
from ingest.services.options import LoadOptions
from ingest.source_system import SourceSystem, choose_source, explain_outside, hash_file
from ingest.spill import open_spill
from ingest.tolerances import read_tolerances

CHUNK_ROWS: Final = 32_768
_SMALL_FILE: Final = 20_000
_MOST: Final = 0.5


class Progress(Protocol):
    """Shows how far a load is."""

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """Take note of ``done`` rows out of ``total`` in a stage (read, check)."""
        ...


def load_parcels(
    options: LoadOptions,
    admin_url: str,
    *,
    now: Callable[[], datetime],
    progress: Progress | None = None,
) -> LoadReport:
    """Load a parcel file into a district of the register, in one transaction.

    Raises
    ------
    UnreadableInput, InvalidInput
        The file, or an option, is unusable; nothing was read into the register.
    Unavailable
        The database, the disk or a worker was lost; nothing was changed.
    """
    begun, started = time.monotonic(), now()
    digest = hash_file(options.path)
    with open_spill(options.spill) as folder, LoadTransaction(admin_url) as transaction:
        with open_layer(options.path, layer=options.layer, encoding=options.encoding, spill=folder) as layer:
            report = _load_layer(options, layer, folder, transaction, (digest, started), progress)
        report.seconds = time.monotonic() - begun
    return report


def _load_layer(
    options: LoadOptions,
    layer: Layer,
    folder: Path,
    transaction: LoadTransaction,
    origin: tuple[bytes, datetime],
    progress: Progress | None,
) -> LoadReport:
    plan, source = _make_plan(options, layer, folder, transaction, origin[1])
    rows = layer.info.rows
    workers = 1 if rows is not None and rows <= _SMALL_FILE else max(1, options.workers)
    shown = progress or _show_nothing
    with WorkerPool(workers) as pool:
        results = _first_pass(plan, layer, pool, shown)
        transaction.begin_bulk()
        plan = _prepare_second_pass(plan, results, transaction)
        duplicates = find_duplicates(plan, results, transaction)
        verdict = Verdict(plan, results, duplicates)
        build_index(results, duplicates.kept).save(folder)
        read = sum(result.rows_read for result in results)
        with indexes_set_aside(transaction, read):
            accepted = _second_pass(plan, results, verdict, pool, transaction, shown)
    return _finish(options, layer, plan, source, verdict, accepted, transaction, origin)


def _make_plan(
    options: LoadOptions, layer: Layer, folder: Path, transaction: LoadTransaction, started: datetime
) -> tuple[LoadPlan, SourceSystem]:
    today = started.astimezone(OFFICIAL_ZONE).date()
    district = _require_district(options.district, transaction)
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
        folder=folder,
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


def _require_district(code: str, transaction: LoadTransaction) -> int:
    found = transaction.fetch("SELECT legal_srid FROM cadastre.district WHERE code = %s", (code,))
    if found:
        return int(found[0][0])
    like = transaction.fetch(
        "SELECT code || ' ' || name_az FROM cadastre.district "
        "ORDER BY lower(code) <-> lower(%s), code LIMIT 5",
        (code,),
    )
    nearest = ", ".join(str(row[0]) for row in like)
    raise InvalidInput(f"There is no district {code!r}; nearest are {nearest}.", code="district-unknown")


def _first_pass(plan: LoadPlan, layer: Layer, pool: WorkerPool, progress: Progress) -> list[ChunkResult]:
    results, read = [], 0
    for result in pool.map(partial(prepare_chunk, plan), _spill_chunks(plan, layer)):
        results.append(result)
        read += result.rows_read
        progress("read", read, layer.info.rows)
    return results


def _spill_chunks(plan: LoadPlan, layer: Layer) -> Iterator[ChunkJob]:
    first_row, chunk = 1, 0
    for batch in layer.read(CHUNK_ROWS):
        write_batch(plan.raw_path(chunk), batch.rows)
        yield ChunkJob(chunk, first_row, batch.undecodable)
        first_row, chunk = first_row + batch.rows.num_rows, chunk + 1


def _prepare_second_pass(
    plan: LoadPlan, results: list[ChunkResult], transaction: LoadTransaction
) -> LoadPlan:
    """Reserve identities and see whether the register holds parcels where the file has some."""
    read = sum(result.rows_read for result in results)
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
    serial = "cadastre.cadastral_number_serial"
    return replace(
        plan,
        parcel_id_base=transaction.take_numbers("cadastre.parcel_parcel_id_seq", read),
        version_id_base=transaction.take_numbers("cadastre.parcel_version_version_id_seq", read),
        number_base=transaction.take_numbers(serial, read) if plan.mints_numbers else 0,
        database_url=transaction.dsn if crowded else None,
    )


def _second_pass(
    plan: LoadPlan,
    results: list[ChunkResult],
    verdict: Verdict,
    pool: WorkerPool,
    transaction: LoadTransaction,
    progress: Progress,
) -> int:
    """Check unit after unit and copy what meets nobody; then decide the rest and copy the winners."""
    units = plan_units(TileIndex.load(plan.folder))
    total = sum(len(result.row) for result in results)
    accepted = done = 0
    for unit in pool.map(partial(check_unit, plan), units):
        _copy_unit(unit, transaction)
        verdict.add(unit)
        accepted += unit.copied
        done += unit.copied + len(unit.deferred)
        progress("check", done, total)
    winners = verdict.decide()
    for some in winners.cut(CHUNK_ROWS):
        parcels, versions = encode_winners(plan, some)
        transaction.copy_binary(PARCEL_COPY, parcels)
        transaction.copy_binary(VERSION_COPY, versions)
    return accepted + len(winners)


def _copy_unit(unit: UnitResult, transaction: LoadTransaction) -> None:
    if unit.copied:
        transaction.copy_binary(PARCEL_COPY, unit.parcel_path)
        transaction.copy_binary(VERSION_COPY, unit.version_path)
    unit.parcel_path.unlink()
    unit.version_path.unlink()


def _finish(
    options: LoadOptions,
    layer: Layer,
    plan: LoadPlan,
    source: SourceSystem,
    verdict: Verdict,
    accepted: int,
    transaction: LoadTransaction,
    origin: tuple[bytes, datetime],
) -> LoadReport:
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
        report.remarks.append(explain_outside(plan.source_srid, verdict.source_bounds()) or "")
    return report


def _show_nothing(stage: str, done: int, total: int | None) -> None:
    """Show nothing."""


__all__ = ["Progress", "load_parcels"]
