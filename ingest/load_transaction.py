"""One load, one transaction, one ledger leaf: all of it or nothing, whatever ends the process.

Any loader uses it so: :meth:`LoadTransaction.reserve`, check the file, :meth:`begin`,
:meth:`copy` the rows with ``load_id`` and ``leaf_id`` in them, :meth:`finish`.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import psycopg2
from psycopg2.extras import Json

from cadastre.kernel.errors import CadastreError, Conflict, Unavailable
from cadastre.ledger import SALT_BYTES, canonical_payload, compute_leaf_hash
from ingest.copy_binary import HEADER, TRAILER
from ingest.staging_rows import FINDING_COLUMNS, REJECTED_COLUMNS

_BLOCK: Final = 1 << 20
_RESERVE: Final = """
    SELECT nextval(pg_get_serial_sequence('staging.load_run', 'load_id')),
           nextval(pg_get_serial_sequence('ledger.leaf', 'leaf_id'))
"""
_DRAW: Final = """
    SELECT min(n), max(n) FROM (SELECT nextval(%s::regclass) AS n FROM generate_series(1, %s)) AS drawn
"""
_LEAF: Final = """
    INSERT INTO ledger.leaf (leaf_id, kind, actor, payload, salt, leaf_hash)
    OVERRIDING SYSTEM VALUE VALUES (%s, %s, %s, %s, %s, %s)
"""
_RUN: Final = """
    INSERT INTO staging.load_run (load_id, kind, file_name, file_sha256, layer, district_code, source_srid,
        operation_code, operation_accuracy_m, mapping, rows_read, rows_accepted, rows_rejected, started_at,
        actor, leaf_id)
    OVERRIDING SYSTEM VALUE VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_COPY_REJECTED: Final = f"COPY staging.rejected_row ({REJECTED_COLUMNS}) FROM STDIN"
_COPY_FINDING: Final = f"COPY staging.finding ({FINDING_COLUMNS}) FROM STDIN"


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What is recorded of a load beside its rows."""

    kind: str
    file_name: str
    file_sha256: bytes
    started_at: datetime
    actor: str
    rows_read: int
    rows_accepted: int
    rows_rejected: int
    layer: str | None = None
    district_code: str | None = None
    source_srid: int | None = None
    operation_code: str | None = None
    operation_accuracy_m: float | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)


class LoadTransaction:
    """The owner's connection of one load; leaving it without :meth:`finish` undoes everything."""

    def __init__(self, admin_url: str) -> None:
        self.dsn = to_dsn(admin_url)
        try:
            self._connection = psycopg2.connect(self.dsn, application_name="cadastre load")
        except psycopg2.OperationalError as error:
            raise explain(error) from None
        self.load_id = 0
        self.leaf_id = 0
        self._leaf_is_written = False

    def __enter__(self) -> LoadTransaction:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()
        if isinstance(error, psycopg2.Error):
            raise explain(error) from None

    def reserve(self) -> None:
        """Take the numbers of the load and of its leaf (numbers of a load given up stay unused)."""
        self.load_id, self.leaf_id = self.fetch(_RESERVE)[0]
        self.release()

    def release(self) -> None:
        """End what has been asked so far, before anything is written: what follows sees the newest state."""
        self._connection.rollback()

    def begin_bulk(self) -> None:
        """Keep other writers of parcels waiting until the end; readers go on."""
        self.execute("LOCK TABLE cadastre.parcel IN SHARE ROW EXCLUSIVE MODE")
        self.execute("CALL cadastre.begin_bulk_load()")

    def execute(self, statement: str, values: tuple[Any, ...] | Mapping[str, Any] = ()) -> None:
        """Run one statement inside the transaction."""
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values or None)

    def fetch(self, query: str, values: tuple[Any, ...] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
        """Ask inside the transaction."""
        with self._connection.cursor() as cursor:
            cursor.execute(query, values or None)
            return list(cursor.fetchall())

    def take_numbers(self, sequence: str, count: int) -> int:
        """Take ``count`` consecutive numbers of a sequence for the load; give the one before the first.

        Every number is drawn, so nobody else can draw it too; a draw that another
        session interrupted is left unused and repeated.
        """
        wanted = max(count, 1)
        while True:
            lowest, highest = self.fetch(_DRAW, (sequence, wanted))[0]
            if highest - lowest + 1 == wanted:
                return int(lowest) - 1

    def copy_binary(self, statement: str, rows: bytes | Path) -> None:
        """COPY rows encoded by ``ingest.copy_binary`` (from memory or a spilled file)."""
        with self._connection.cursor() as cursor:
            if isinstance(rows, Path):
                with rows.open("rb") as file:
                    cursor.copy_expert(statement, _Framed(file), size=_BLOCK)
            else:
                cursor.copy_expert(statement, _Framed(io.BytesIO(rows)), size=_BLOCK)

    def copy_text(self, statement: str, rows: str | Path) -> None:
        """COPY rows in text format (from memory or a spilled file)."""
        with self._connection.cursor() as cursor:
            if isinstance(rows, Path):
                with rows.open("rb") as file:
                    cursor.copy_expert(statement, file, size=_BLOCK)
            else:
                cursor.copy_expert(statement, io.BytesIO(rows.encode("utf-8")), size=_BLOCK)

    def finish(self, facts: RunFacts, rejected: list[str | Path], findings: list[str | Path]) -> None:
        """Write leaf, load run and staging rows, and commit."""
        self.record(facts)
        self.stage(rejected, findings)
        self.commit()

    def record(self, facts: RunFacts) -> None:
        """Write the load run, and its leaf unless it is open; rows may refer to both from here on."""
        if not self._leaf_is_written:
            self._write_leaf(facts)
        self.execute(
            _RUN,
            (
                self.load_id,
                facts.kind,
                facts.file_name,
                facts.file_sha256,
                facts.layer,
                facts.district_code,
                facts.source_srid,
                facts.operation_code,
                facts.operation_accuracy_m,
                Json(dict(facts.mapping)),
                facts.rows_read,
                facts.rows_accepted,
                facts.rows_rejected,
                facts.started_at,
                facts.actor,
                self.leaf_id,
            ),
        )

    def stage(self, rejected: list[str | Path], findings: list[str | Path]) -> None:
        """Write the rejected rows and the findings of a recorded load."""
        for rows in rejected:
            self.copy_text(_COPY_REJECTED, rows)
        for rows in findings:
            self.copy_text(_COPY_FINDING, rows)

    def commit(self) -> None:
        """Keep everything."""
        self._connection.commit()

    def open_leaf(self, kind: str, actor: str, payload: Mapping[str, Any]) -> None:
        """Write the leaf before anything else: personal data opens only to a transaction that has one."""
        body, salt = canonical_payload(payload), secrets.token_bytes(SALT_BYTES)
        self.execute(_LEAF, (self.leaf_id, kind, actor, body, salt, compute_leaf_hash(body, salt)))
        self._leaf_is_written = True

    def stream(
        self, query: str, values: Mapping[str, Any] | None = None, chunk: int = 5000
    ) -> Iterator[tuple[Any, ...]]:
        """Ask for many rows without holding them; other statements may run in between."""
        with self._connection.cursor(name="streamed_rows") as cursor:
            cursor.itersize = chunk
            cursor.execute(query, values)
            yield from cursor

    def _write_leaf(self, facts: RunFacts) -> None:
        payload = {
            "load_id": self.load_id,
            "file_sha256": facts.file_sha256.hex(),
            "layer": facts.layer,
            "district_code": facts.district_code,
            "source_srid": facts.source_srid,
            "operation_code": facts.operation_code,
            "mapping": dict(facts.mapping),
            "rows_read": facts.rows_read,
            "rows_accepted": facts.rows_accepted,
            "rows_rejected": facts.rows_rejected,
        }
        self.open_leaf(f"load.{facts.kind}", facts.actor, payload)


class _Framed(io.RawIOBase):
    """A stream of COPY BINARY rows between the header and the trailer of the format."""

    def __init__(self, body: io.BufferedIOBase) -> None:
        super().__init__()
        self._parts: list[io.BufferedIOBase] = [io.BytesIO(HEADER), body, io.BytesIO(TRAILER)]

    def read(self, size: int = -1) -> bytes:
        while self._parts:
            if block := self._parts[0].read(size):
                return block
            self._parts.pop(0)
        return b""


def to_dsn(url: str) -> str:
    """Write an SQLAlchemy URL as libpq understands it."""
    from sqlalchemy.engine import make_url

    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def explain(error: psycopg2.Error) -> CadastreError:
    """Say in one sentence what ended a load; nothing of it has been kept."""
    lines = str(error).strip().splitlines()
    reason = lines[0].rstrip(".") if lines else type(error).__name__
    if isinstance(error, psycopg2.IntegrityError):
        return Conflict(f"The load was given up and nothing was changed: {reason}.", code="load-conflict")
    if isinstance(error, psycopg2.errors.UndefinedTable | psycopg2.errors.InvalidSchemaName):
        return Unavailable(
            "The database has no register, or an older one; run 'cadastre db migrate'.",
            code="schema-not-current",
        )
    if isinstance(error, psycopg2.errors.DiskFull):
        return Unavailable(
            f"The disk of the database is full; nothing was changed ({reason}).", code="disk-full"
        )
    return Unavailable(
        f"The database gave up the load and nothing was changed: {reason}.", code="database-lost"
    )


__all__ = ["LoadTransaction", "RunFacts", "explain", "to_dsn"]
