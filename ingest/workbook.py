"""XLSX workbooks as text, streamed: formulas are named, never computed, and leading zeros stay."""

from __future__ import annotations

import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from cadastre.kernel.errors import InvalidInput, UnreadableInput
from ingest.table_rows import TableRow, TextTable, as_text, first_line, fit_row, require_columns

MAX_UNPACKED_BYTES: Final = 2_000_000_000
_ZEROS: Final = re.compile(r"0+")
# What openpyxl and the parsers beneath it raise on damaged workbooks (tried with mutated files).
_DAMAGE: Final = (
    InvalidFileException,
    zipfile.BadZipFile,
    zlib.error,
    SyntaxError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    NotImplementedError,
    EOFError,
    OSError,
)
Cells = Sequence[Any]


@contextmanager
def open_workbook(path: Path, sheet: str | None) -> Iterator[TextTable]:
    """Open one sheet of a workbook, the first when none is named."""
    _require_sane_archive(path)
    with path.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # styles and extensions that are not read anyway
        try:
            workbook = load_workbook(file, read_only=True, data_only=False, keep_links=False)
        except _DAMAGE as error:
            raise UnreadableInput(
                f"{path.name} is no readable XLSX workbook ({first_line(error)})."
            ) from None
        try:
            names = [found.title for found in workbook.worksheets]
            if not names or (sheet is not None and sheet not in names):
                shown = ", ".join(names) or "none"
                raise InvalidInput(
                    f"{path.name} has no sheet {sheet!r}; it has {shown}.", code="sheet-unknown", sheets=names
                )
            chosen = sheet or names[0]
            rows = _stream_cells(path, workbook, chosen)
            columns = require_columns(path, [_cell_text(cell)[0] for cell in next(rows, ())])
            yield TextTable(columns, _sheet_rows(rows, len(columns)), sheet=chosen)
        finally:
            workbook.close()


def _stream_cells(path: Path, workbook: Any, sheet: str) -> Iterator[Cells]:
    number = 0
    try:
        chosen = workbook[sheet]
        chosen.reset_dimensions()
        for row in chosen.iter_rows():
            number += 1
            yield row
    except _DAMAGE as error:
        raise UnreadableInput(
            f"{path.name} is damaged after row {number:,} of sheet {sheet!r} ({first_line(error)})."
        ) from None


def _require_sane_archive(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            size = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, OSError) as error:
        raise UnreadableInput(f"{path.name} is a damaged archive ({first_line(error)}).") from None
    if "xl/workbook.xml" not in names:
        raise UnreadableInput(
            f"{path.name} is an archive but no XLSX workbook; this command reads CSV, XLSX and Parquet."
        )
    if size > MAX_UNPACKED_BYTES:
        raise UnreadableInput(
            f"{path.name} unpacks to {size:,} bytes; at most {MAX_UNPACKED_BYTES:,} are read. Save it as CSV."
        )


def _sheet_rows(stream: Iterator[Cells], width: int) -> Iterator[TableRow]:
    number = 0
    for row in stream:
        texts = [_cell_text(cell) for cell in row]
        if not any(text for text, _ in texts):
            continue
        number += 1
        while len(texts) > width and not texts[-1][0]:
            texts.pop()
        texts += [("", None)] * (width - len(texts))
        read = fit_row(number, [text for text, _ in texts], width)
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


__all__ = ["MAX_UNPACKED_BYTES", "open_workbook"]
