"""What a load found, for the command line: listed on the screen or written to a file."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from api.extract_file import operator
from cadastre.kernel.errors import InvalidInput
from ingest.findings import (
    REJECTED_FIELDS,
    opened_findings,
    opened_rejected_rows,
    write_csv,
    write_findings,
)


def write_load_findings(admin_url: str, load_id: int | None, out: Path | None) -> None:
    """List the findings of a load, or write them to a CSV or GeoJSON file."""
    _require_place(out, {".csv", ".geojson"})
    with opened_findings(admin_url, load_id) as (load, items):
        if out is None:
            for item in items:
                typer.echo(f"{item.severity:<8} {item.rule:<26} {item.to_line()}")
        else:
            typer.echo(f"load {load}: {write_findings(out, items):,} findings -> {out}")


def write_rejected_rows(admin_url: str, load_id: int | None, out: Path | None) -> None:
    """Write the rejected rows of a load as CSV; the look is logged, for they may name persons."""
    _require_place(out, {".csv"})
    with opened_rejected_rows(admin_url, load_id, operator().subject) as (load, rows):
        if out is None:
            write_csv(sys.stdout, REJECTED_FIELDS, rows)
        else:
            with out.open("w", encoding="utf-8", newline="") as stream:
                count = write_csv(stream, REJECTED_FIELDS, rows)
            typer.echo(f"load {load}: {count:,} rejected rows -> {out}")


def _require_place(out: Path | None, endings: set[str]) -> None:
    if out is None:
        return
    if out.suffix.lower() not in endings:
        raise InvalidInput(
            f"{out}: the name must end in {' or '.join(sorted(endings))}.", code="unknown-form"
        )
    if out.is_dir() or not out.parent.is_dir():
        raise InvalidInput(f"{out}: no file can be written there.", code="no-such-folder")


__all__ = ["write_load_findings", "write_rejected_rows"]
