"""What loads found, read back from staging: a few examples for the screen, all of it for a file."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, Row, create_engine, text
from sqlalchemy.pool import NullPool

from cadastre.kernel.errors import InvalidInput, NotFound
from cadastre.rules.catalogue import find_rule
from cadastre.store.ledger import append_leaf

EXAMPLES = 3
_CHUNK = 2000

_NEWEST = text("SELECT max(load_id) FROM staging.load_run")
_KNOWN = text("SELECT kind, file_name FROM staging.load_run WHERE load_id = :load")
_COLUMNS = """
    f.row_number, f.rule, f.severity, f.subject, f.measured, f.limit_value, f.unit,
    ST_X(ST_PointOnSurface(f.where_wgs84)) AS longitude, ST_Y(ST_PointOnSurface(f.where_wgs84)) AS latitude,
    f.detail
"""
_ALL = text(f"SELECT {_COLUMNS} FROM staging.finding f WHERE load_id = :load ORDER BY row_number, finding_id")
_FEW = text(f"""
    SELECT {_COLUMNS} FROM (
        SELECT *, row_number() OVER (PARTITION BY rule ORDER BY row_number, finding_id) AS place
          FROM staging.finding WHERE load_id = :load AND severity = 'error') f
     WHERE place <= :few ORDER BY rule, place
""")
_REJECTED = text("""
    SELECT r.row_number,
           (SELECT string_agg(DISTINCT f.rule, ' ') FROM staging.finding f
             WHERE f.load_id = r.load_id AND f.row_number = r.row_number AND f.severity = 'error') AS rules,
           r.attributes, encode(r.geom_wkb, 'hex') AS geometry_wkb
      FROM staging.rejected_row r WHERE r.load_id = :load ORDER BY r.row_number
""")
FINDING_FIELDS = (
    "row",
    "rule",
    "severity",
    "subject",
    "measured",
    "limit",
    "unit",
    "longitude",
    "latitude",
    "detail",
    "text",
)
REJECTED_FIELDS = ("row", "rules", "attributes", "geometry_wkb")


@dataclass(frozen=True, slots=True)
class FoundItem:
    """A finding as it is shown: where, what, how much, and how much is allowed."""

    row: int | None
    rule: str
    severity: str
    subject: str | None
    measured: float | None
    limit: float | None
    unit: str | None
    longitude: float | None
    latitude: float | None
    detail: dict[str, Any]

    @classmethod
    def of(cls, row: Row[Any]) -> FoundItem:
        """Read a row of staging."""
        return cls(*tuple(row))

    @property
    def text(self) -> str:
        """What the rule says, in English."""
        rule = find_rule(self.rule)
        return rule.text("en") if rule else ""

    def to_line(self) -> str:
        """Write the one line that a person reads.

        Examples
        --------
        >>> FoundItem(7, "parcel-overlap", "error", "A-1", 0.25, 0.002, "m", 50.1, 40.4, {}).to_line()
        'row 7  A-1  0.25 m (limit 0.002 m)  at 50.100000 40.400000'
        """
        unit = f" {self.unit}" if self.unit else ""
        parts = [] if self.row is None else [f"row {self.row}"]
        if self.subject:
            parts.append(self.subject)
        if self.measured is not None:
            limit = "" if self.limit is None else f" (limit {self.limit:.12g}{unit})"
            parts.append(f"{self.measured:.12g}{unit}{limit}")
        if self.longitude is not None and self.latitude is not None:
            parts.append(f"at {self.longitude:.6f} {self.latitude:.6f}")
        if self.detail:
            parts.append(json.dumps(self.detail, ensure_ascii=False))
        return "  ".join(parts)

    def to_cells(self) -> list[object]:
        """Write the cells of :data:`FINDING_FIELDS`."""
        values = [self.row, self.rule, self.severity, self.subject, self.measured, self.limit, self.unit]
        detail = json.dumps(self.detail, ensure_ascii=False)
        return [*values, self.longitude, self.latitude, detail, self.text]


def list_examples(admin_url: str, load_id: int, per_rule: int = EXAMPLES) -> list[FoundItem]:
    """Give the first findings of every error rule of a load."""
    with _owner(admin_url) as connection:
        rows = connection.execute(_FEW, {"load": load_id, "few": per_rule})
        return [FoundItem.of(row) for row in rows]


@contextmanager
def opened_findings(admin_url: str, load_id: int | None) -> Iterator[tuple[int, Iterator[FoundItem]]]:
    """Give the number of a load (else of the newest) and its findings, as a stream.

    Raises
    ------
    NotFound
        There is no such load, or none at all.
    """
    with _owner(admin_url) as connection:
        wanted = _require_load(connection, load_id)
        yield wanted, (FoundItem.of(row) for row in _stream(connection, _ALL, wanted))


@contextmanager
def opened_rejected_rows(
    admin_url: str, load_id: int | None, actor: str
) -> Iterator[tuple[int, Iterator[list[object]]]]:
    """Give the number of a load and its rejected rows (:data:`REJECTED_FIELDS`), as a stream.

    Rows are kept as they came, names included, so the look is in the ledger before the first is shown.

    Raises
    ------
    NotFound
        There is no such load, or none at all.
    """
    with _owner(admin_url) as connection:
        wanted = _require_load(connection, load_id)
        append_leaf(connection, kind="access.rejected-rows", actor=actor, payload={"load_id": wanted})
        connection.commit()
        rows = _stream(connection, _REJECTED, wanted)
        yield wanted, (_rejected_cells(*tuple(row)) for row in rows)


def write_findings(path: Path, items: Iterator[FoundItem]) -> int:
    """Write findings into a CSV or GeoJSON file as they come; give how many."""
    form = path.suffix.lower()
    if form not in {".csv", ".geojson"}:
        raise InvalidInput(f"{path}: the name must end in .csv or .geojson.", code="unknown-form")
    with path.open("w", encoding="utf-8", newline="") as stream:
        if form == ".csv":
            return write_csv(stream, FINDING_FIELDS, (item.to_cells() for item in items))
        return _write_geojson(stream, items)


def write_csv(stream: IO[str], fields: tuple[str, ...], rows: Iterator[list[object]]) -> int:
    """Write rows as CSV as they come; give how many."""
    writer = csv.writer(stream)
    writer.writerow(fields)
    count = 0
    for row in rows:
        writer.writerow(row)
        count += 1
    return count


def _write_geojson(stream: IO[str], items: Iterator[FoundItem]) -> int:
    count = 0
    stream.write('{"type": "FeatureCollection", "features": [')
    for item in items:
        properties = dict(zip(FINDING_FIELDS, [*item.to_cells()[:-2], item.detail, item.text], strict=True))
        del properties["longitude"], properties["latitude"]
        place = None
        if item.longitude is not None and item.latitude is not None:
            place = {"type": "Point", "coordinates": [item.longitude, item.latitude]}
        feature = {"type": "Feature", "geometry": place, "properties": properties}
        stream.write(f"{',' if count else ''}\n{json.dumps(feature, ensure_ascii=False)}")
        count += 1
    stream.write("\n]}\n")
    return count


def _rejected_cells(row: int, rules: str | None, attributes: Any, wkb: str | None) -> list[object]:
    return [row, rules, json.dumps(attributes, ensure_ascii=False), wkb]


def _require_load(connection: Connection, load_id: int | None) -> int:
    wanted = connection.execute(_NEWEST).scalar_one() if load_id is None else load_id
    if wanted is None:
        raise NotFound("Nothing has been loaded yet.", code="no-load")
    if connection.execute(_KNOWN, {"load": wanted}).one_or_none() is None:
        raise NotFound(f"There is no load {wanted}.", code="no-load")
    return int(wanted)


def _stream(connection: Connection, query: Any, load_id: int) -> Iterator[Row[Any]]:
    streamed = connection.execution_options(stream_results=True, max_row_buffer=_CHUNK)
    yield from streamed.execute(query, {"load": load_id})


@contextmanager
def _owner(admin_url: str) -> Iterator[Connection]:
    engine = create_engine(admin_url, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


__all__ = [
    "FINDING_FIELDS",
    "REJECTED_FIELDS",
    "FoundItem",
    "list_examples",
    "opened_findings",
    "opened_rejected_rows",
    "write_csv",
    "write_findings",
]
