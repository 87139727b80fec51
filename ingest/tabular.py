"""Tables of text: CSV, XLSX and Parquet, streamed row by row, every cell as the text a person would read."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from cadastre.kernel.errors import InvalidInput, UnreadableInput
from ingest.table_rows import TableRow, TextTable, as_text, first_line, fit_row, require_columns
from ingest.workbook import open_workbook

READABLE: Final = "CSV (UTF-8), XLSX and Parquet"
_MAX_CELL: Final = 100_000
_MAX_LINE: Final = 1_000_000
_DELIMITERS: Final = (",", ";", "\t")
_OTHER_MAGIC: Final = (
    (b"%PDF", "a PDF"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file; save it as .xlsx"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"SQLite format 3", "an SQLite database"),
    (b"{", "JSON"),
    (b"<", "XML or a web page"),
)
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")


@contextmanager
def open_table(path: Path, *, sheet: str | None = None) -> Iterator[TextTable]:
    """Open a CSV, XLSX or Parquet file, judged by its content and never by its name.

    Raises
    ------
    UnreadableInput
        The file is none of the three, is damaged, or is text in another encoding than UTF-8.
    InvalidInput
        The sheet named is not there, or the header names a column twice.
    """
    head = _read_head(path)
    if head.startswith(b"PK\x03\x04"):
        opener: Callable[[Path, str | None], Any] = open_workbook
    elif sheet is not None:
        raise InvalidInput(f"{path.name} is no workbook and has no sheets.", code="sheet-unknown")
    elif head.startswith(b"PAR1"):
        opener = _open_parquet
    else:
        _require_text(path, head)
        opener = _open_csv
    with opener(path, sheet) as table:
        yield table


def _read_head(path: Path) -> bytes:
    if path.is_dir():
        raise UnreadableInput(f"{path.name} is a folder; give one file.")
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except FileNotFoundError:
        raise UnreadableInput(f"{path.name} does not exist.") from None
    except OSError as error:
        raise UnreadableInput(f"{path.name} cannot be opened ({error.strerror}).") from None
    if not head.strip(b"\xef\xbb\xbf \r\n\t"):
        raise UnreadableInput(f"{path.name} is empty.")
    return head


def _require_text(path: Path, head: bytes) -> None:
    if head.startswith(_UTF16):
        raise UnreadableInput(f"{path.name} is text in UTF-16; save it as UTF-8.", code="encoding-not-utf8")
    for magic, what in _OTHER_MAGIC:
        if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(magic):
            raise UnreadableInput(f"{path.name} is {what}; this command reads {READABLE}.")
    if b"\x00" in head:
        raise UnreadableInput(f"{path.name} is no table that this program knows; it reads {READABLE}.")


@contextmanager
def _open_csv(path: Path, _sheet: str | None) -> Iterator[TextTable]:
    with path.open("rb") as raw, io.TextIOWrapper(raw, "utf-8-sig", newline="") as text:
        lines = _decoded_lines(path, text)
        first = next(lines, "")
        delimiter = max(_DELIMITERS, key=first.count)
        header = next(csv.reader([first], delimiter=delimiter), [])
        columns = require_columns(path, header)
        csv.field_size_limit(_MAX_CELL)
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        yield TextTable(columns, _csv_rows(path, reader, len(columns)))


def _decoded_lines(path: Path, text: io.TextIOWrapper) -> Iterator[str]:
    count = 0
    try:
        while line := text.readline(_MAX_LINE):
            count += 1
            if len(line) == _MAX_LINE:
                raise UnreadableInput(f"{path.name} has a line longer than {_MAX_LINE:,} characters.")
            if "\x00" in line:
                raise UnreadableInput(
                    f"{path.name} holds a NUL character in line {count}; it is no text file."
                )
            yield line
    except UnicodeDecodeError as error:
        raise UnreadableInput(
            f"{path.name} is not in UTF-8 (byte 0x{error.object[error.start]:02X} near line {count + 1}); "
            "save it as UTF-8.",
            code="encoding-not-utf8",
        ) from None


def _csv_rows(path: Path, reader: Any, width: int) -> Iterator[TableRow]:
    number = 0
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise UnreadableInput(f"{path.name}, line {reader.line_num + 1}: {error}.") from None
        if cells is None:
            return
        if not cells:
            continue
        number += 1
        yield fit_row(number, [cell.strip() for cell in cells], width)


@contextmanager
def _open_parquet(path: Path, _sheet: str | None) -> Iterator[TextTable]:
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise UnreadableInput(f"{path.name} is a damaged Parquet file ({first_line(error)}).") from None
    with file:
        columns = require_columns(path, file.schema_arrow.names)
        yield TextTable(columns, _parquet_rows(path, file), expected=file.metadata.num_rows)


def _parquet_rows(path: Path, file: Any) -> Iterator[TableRow]:
    number = 0
    batches = file.iter_batches(batch_size=8192)
    while True:
        try:
            batch = next(batches, None)
            lists = [] if batch is None else [column.to_pylist() for column in batch.columns]
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise UnreadableInput(
                f"{path.name} is damaged after row {number:,} ({first_line(error)})."
            ) from None
        if batch is None:
            return
        for values in zip(*lists, strict=True):
            number += 1
            yield TableRow(number, [as_text(value) for value in values])


__all__ = ["READABLE", "TableRow", "TextTable", "as_text", "open_table"]
