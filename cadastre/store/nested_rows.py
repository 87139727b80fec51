"""Rows of several questions out of one statement: each a JSON array, read back as named tuples."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from json import JSONDecoder
from typing import Any, Final
from uuid import UUID

from geoalchemy2 import Geometry
from sqlalchemy import ColumnElement, Date, DateTime, Float, LargeBinary, Numeric, Select, Uuid

from cadastre.db.prepared import PreparedQuery, written

Reader = Callable[[Any], Any]


def _stored_bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("\\x"))


_READERS: Final[Sequence[tuple[type, Reader]]] = (
    (DateTime, datetime.fromisoformat),
    (Date, date.fromisoformat),
    (Float, float),
    (Numeric, Decimal),
    (Uuid, UUID),
    (Geometry, _stored_bytes),
    (LargeBinary, _stored_bytes),
)
_DECODER: Final = JSONDecoder(parse_float=Decimal)  # money and areas keep their digits


@dataclass(frozen=True, slots=True)
class NestedRows:
    """One question of several: its text, its columns in order, and how those are read that JSON lacks."""

    name: str
    sql: str
    columns: tuple[str, ...]
    make: Callable[[Sequence[Any]], Any]
    readers: tuple[tuple[int, Reader], ...]

    @property
    def as_json(self) -> str:
        """Text of the whole answer: an array of arrays, in the order of the question; null for no row."""
        values = ", ".join(f"{self.name}.{column}" for column in self.columns)
        return f"(SELECT json_agg(json_build_array({values})) FROM ({self.sql}) AS {self.name})"

    def read(self, answer: list[list[Any]] | None) -> list[Any]:
        """Give the rows as named tuples, with the values that the driver would have given."""
        if answer is None:
            return []
        for row in answer:
            for place, reader in self.readers:
                if row[place] is not None:
                    row[place] = reader(row[place])
        return [self.make(row) for row in answer]


def nested(name: str, query: Select[Any]) -> NestedRows:
    """Take a composed query as one question; geometry is given as EWKB."""
    columns = {str(column.key): _reader_of(column) for column in query.selected_columns}
    return _rows(name, written(query).sql, columns)


def nested_text(name: str, sql: str, columns: Mapping[str, Reader | None]) -> NestedRows:
    """Take a written text as one question, with its columns and how each is read."""
    return _rows(name, PreparedQuery.of(sql).sql, columns)


def decode(answer: str) -> Any:
    """Read a JSON answer of the database; numbers with a point keep their digits."""
    return _DECODER.decode(answer)


def _rows(name: str, sql: str, columns: Mapping[str, Reader | None]) -> NestedRows:
    readers = tuple((place, read) for place, read in enumerate(columns.values()) if read is not None)
    row = namedtuple(name, columns)  # type: ignore[misc]  # its columns are those of the question
    return NestedRows(name, sql, tuple(columns), row._make, readers)


def _reader_of(column: ColumnElement[Any]) -> Reader | None:
    return next((reader for kind, reader in _READERS if isinstance(column.type, kind)), None)


__all__ = ["NestedRows", "decode", "nested", "nested_text"]
