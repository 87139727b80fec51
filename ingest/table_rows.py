"""Rows of a table as text, whatever file they come from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

from cadastre.kernel.errors import InvalidInput, UnreadableInput


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


def fit_row(number: int, cells: list[str], width: int) -> TableRow:
    """Bring a row to the width of the header; another width is a fault of the row."""
    if len(cells) == width:
        return TableRow(number, cells)
    seen = len(cells)
    cells = [*cells[:width], *[""] * (width - seen)]
    return TableRow(number, cells, ("row-ragged", f"{seen} cells under {width} columns"))


def require_columns(path: Path, header: Sequence[str]) -> tuple[str, ...]:
    """Give the names of the columns; none, or one twice, is refused."""
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


def first_line(error: BaseException) -> str:
    """Give the first line of what a library says about a file."""
    text = str(error).splitlines()
    return (text[0] if text else type(error).__name__)[:200].rstrip(".")


__all__ = ["TableRow", "TextTable", "as_text", "first_line", "fit_row", "require_columns"]
