"""Tables of text: CSV, XLSX and Parquet, streamed row by row, every cell as the text a person would read."""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from cadastre.kernel.errors import InvalidInput, UnreadableInput

READABLE: Final = "CSV (UTF-8), XLSX and Parquet"
MAX_UNPACKED_BYTES: Final = 2_000_000_000
_MAX_CELL: Final = 100_000
_DELIMITERS: Final = (",", ";", "\t")
_ZEROS: Final = re.compile(r"0+")
_OTHER_MAGIC: Final = (
    (b"%PDF", "a PDF"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file; save it as .xlsx"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"SQLite format 3", "an SQLite database"),
    (b"{", "JSON"),
    (b"<", "XML or a web page"),
)
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: its number as a person counts the rows below the header, and one text per column.

    ``fault`` names the rule that the row as such breaks, with what was seen; None when it is whole.
    """

    number: int
    cells: Sequence[str]
    fault: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class TextTable:
    """An opened table: its header and a stream of its rows."""

    columns: tuple[str, ...]
    rows: Iterator[TableRow]
    sheet: str | None = None
    expected: int | None = None


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
        opener: Callable[[Path, str | None], Any] = _open_workbook
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


# ------------------------------------------------------------------ CSV


@contextmanager
def _open_csv(path: Path, _sheet: str | None) -> Iterator[TextTable]:
    with path.open("rb") as raw, io.TextIOWrapper(raw, "utf-8-sig", newline="") as text:
        lines = _decoded_lines(path, text)
        first = next(lines, "")
        delimiter = max(_DELIMITERS, key=first.count)
        header = next(csv.reader([first], delimiter=delimiter), [])
        columns = _require_columns(path, header)
        csv.field_size_limit(_MAX_CELL)
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        yield TextTable(columns, _csv_rows(path, reader, len(columns)))


def _decoded_lines(path: Path, text: io.TextIOWrapper) -> Iterator[str]:
    count = 0
    try:
        for line in text:
            count += 1
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
        yield _fit(number, [cell.strip() for cell in cells], width)


def _fit(number: int, cells: list[str], width: int) -> TableRow:
    if len(cells) == width:
        return TableRow(number, cells)
    seen = len(cells)
    cells = [*cells[:width], *[""] * (width - seen)]
    return TableRow(number, cells, ("row-ragged", f"{seen} cells under {width} columns"))


def _require_columns(path: Path, header: Sequence[str]) -> tuple[str, ...]:
    columns = [name.strip() for name in header]
    while columns and not columns[-1]:
        columns.pop()
    if not any(columns):
        raise UnreadableInput(f"{path.name} has no header row.")
    repeated = sorted({name for name in columns if columns.count(name) > 1})
    if repeated:
        raise InvalidInput(
            f"{path.name} names a column twice: {', '.join(repeated)}.", code="column-repeated"
        )
    return tuple(columns)


# ------------------------------------------------------------------ XLSX


@contextmanager
def _open_workbook(path: Path, sheet: str | None) -> Iterator[TextTable]:
    _require_sane_archive(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # styles and extensions that are not read anyway
        try:
            workbook = load_workbook(path, read_only=True, data_only=False, keep_links=False)
        except (
            InvalidFileException,
            KeyError,
            ValueError,
            OSError,
            zipfile.BadZipFile,
            SyntaxError,
        ) as error:
            raise UnreadableInput(f"{path.name} is no readable XLSX workbook ({_line(error)}).") from None
        try:
            names = [found.title for found in workbook.worksheets]
            if not names or (sheet is not None and sheet not in names):
                shown = ", ".join(names) or "none"
                raise InvalidInput(
                    f"{path.name} has no sheet {sheet!r}; it has {shown}.", code="sheet-unknown", sheets=names
                )
            chosen = workbook[sheet or names[0]]
            chosen.reset_dimensions()
            stream = chosen.iter_rows()
            columns = _require_columns(path, [_cell_text(cell)[0] for cell in next(stream, ())])
            yield TextTable(columns, _sheet_rows(path, stream, len(columns)), sheet=chosen.title)
        finally:
            workbook.close()


def _require_sane_archive(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            size = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, OSError) as error:
        raise UnreadableInput(f"{path.name} is a damaged archive ({_line(error)}).") from None
    if "xl/workbook.xml" not in names:
        raise UnreadableInput(
            f"{path.name} is an archive but no XLSX workbook; this command reads {READABLE}."
        )
    if size > MAX_UNPACKED_BYTES:
        raise UnreadableInput(
            f"{path.name} unpacks to {size:,} bytes; at most {MAX_UNPACKED_BYTES:,} are read. Save it as CSV."
        )


def _sheet_rows(path: Path, stream: Iterator[Sequence[Any]], width: int) -> Iterator[TableRow]:
    number = 0
    while True:
        try:
            row = next(stream, None)
        except (KeyError, ValueError, SyntaxError, OSError, zipfile.BadZipFile) as error:
            raise UnreadableInput(f"{path.name} is damaged after row {number:,} ({_line(error)}).") from None
        if row is None:
            return
        texts = [_cell_text(cell) for cell in row]
        if not any(text for text, _ in texts):
            continue
        number += 1
        while len(texts) > width and not texts[-1][0]:
            texts.pop()
        texts += [("", None)] * (width - len(texts))
        read = _fit(number, [text for text, _ in texts], width)
        fault = next((fault for _, fault in texts if fault), None)
        yield read if read.fault or fault is None else TableRow(number, read.cells, fault)


def _cell_text(cell: Any) -> tuple[str, tuple[str, str] | None]:
    """Give a cell as text; a formula or an error value is shown as it stands and named as a fault."""
    value = cell.value
    if value is None:
        return "", None
    if cell.data_type in ("f", "e"):
        shown = value if isinstance(value, str) else f"={getattr(value, 'text', '')}"
        return shown, ("row-formula", f"cell {cell.column_letter}{cell.row}")
    if isinstance(value, int | float) and not isinstance(value, bool):
        zeros = _ZEROS.fullmatch(cell.number_format or "")
        return as_text(value).zfill(len(zeros[0]) if zeros else 0), None
    return as_text(value), None


# ------------------------------------------------------------------ Parquet


@contextmanager
def _open_parquet(path: Path, _sheet: str | None) -> Iterator[TextTable]:
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise UnreadableInput(f"{path.name} is a damaged Parquet file ({_line(error)}).") from None
    with file:
        columns = _require_columns(path, file.schema_arrow.names)
        yield TextTable(columns, _parquet_rows(path, file), expected=file.metadata.num_rows)


def _parquet_rows(path: Path, file: Any) -> Iterator[TableRow]:
    number = 0
    batches = file.iter_batches(batch_size=8192)
    while True:
        try:
            batch = next(batches, None)
            lists = [] if batch is None else [column.to_pylist() for column in batch.columns]
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise UnreadableInput(f"{path.name} is damaged after row {number:,} ({_line(error)}).") from None
        if batch is None:
            return
        for values in zip(*lists, strict=True):
            number += 1
            yield TableRow(number, [as_text(value) for value in values])


# ------------------------------------------------------------------ values


def as_text(value: object) -> str:
    """Write a typed cell as the text that a person would have typed.

    Examples
    --------
    >>> as_text(203015000123), as_text(3.0), as_text(True), as_text(None), as_text(date(2020, 1, 31))
    ('203015000123', '3', 'true', '', '2020-01-31')
    >>> as_text(datetime(2020, 1, 31)), as_text(Decimal("12.50")), as_text(float("nan"))
    ('2020-01-31', '12.50', '')
    """
    match value:
        case None:
            return ""
        case str():
            return value.strip()
        case bool():
            return "true" if value else "false"
        case float():
            return _float_text(value)
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat()
        case date() | time():
            return value.isoformat()
        case Decimal():
            return format(value, "f")
        case bytes():
            return value.decode("utf-8", "backslashreplace")
        case _:
            return str(value)


def _float_text(value: float) -> str:
    if value != value:
        return ""
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)


def _line(error: BaseException) -> str:
    text = str(error).splitlines()
    return (text[0] if text else type(error).__name__)[:200].rstrip(".")


__all__ = ["READABLE", "TableRow", "TextTable", "as_text", "open_table"]
