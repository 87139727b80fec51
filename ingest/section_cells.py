"""What a row of a rights file says of the section (bölmə) itself: areas by document, rooms, papers."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Final

from cadastre.domain.register_row import SectionFacts
from ingest.rights_cells import RowCells

SECTION_COLUMNS: Final = (
    "former_address",
    "paper_series",
    "paper_number",
    "divisible",
    "total_area_m2",
    "living_area_m2",
    "auxiliary_area_m2",
    "room_count",
)
_SERIES: Final = re.compile(r"[A-ZÇƏĞİÖŞÜ]{1,4}")
_NUMBER: Final = re.compile(r"[0-9]{1,10}")
_LARGEST_AREA: Final = Decimal(10_000_000)
TRUE: Final = frozenset({"true", "1", "yes", "bəli", "beli", "hə", "да"})
FALSE: Final = frozenset({"false", "0", "no", "xeyr", "нет"})


def read_section(row: RowCells) -> SectionFacts:
    """Read the facts; what is unreadable becomes findings of the row."""
    series, number = _paper(row)
    total = _area(row, "total_area_m2")
    return SectionFacts(
        former_address=row.text("former_address", 300),
        paper_series=series,
        paper_number=number,
        divisible=_divisible(row),
        total_area_m2=total,
        living_area_m2=_part(row, "living_area_m2", total),
        auxiliary_area_m2=_part(row, "auxiliary_area_m2", total),
        room_count=_rooms(row),
    )


def _paper(row: RowCells) -> tuple[str | None, str | None]:
    series, number = row.cells["paper_series"], row.cells["paper_number"]
    if not series and not number:
        return None, None
    if _SERIES.fullmatch(series) and _NUMBER.fullmatch(number):
        return series, number
    row.add("paper-number-malformed", seen=f"{series} {number}"[:40])
    return None, None


def _divisible(row: RowCells) -> bool | None:
    text = row.cells["divisible"].casefold()
    if text and text not in TRUE | FALSE:
        row.add("divisible-unreadable", seen=text[:20])
    return text in TRUE if text in TRUE | FALSE else None


def _rooms(row: RowCells) -> int | None:
    text = row.cells["room_count"]
    if not text:
        return None
    if text.isascii() and text.isdecimal() and len(text) <= 4 and int(text) <= 1000:
        return int(text)
    row.add("unit-rooms-malformed", seen=text[:40])
    return None


def _area(row: RowCells, column: str) -> Decimal | None:
    text = row.cells[column]
    if not text:
        return None
    try:
        value = Decimal(text).quantize(Decimal("0.01")) if text.isascii() else Decimal("NaN")
    except InvalidOperation:
        value = Decimal("NaN")
    least = Decimal("0.01") if column == "total_area_m2" else Decimal(0)
    if value.is_finite() and least <= value <= _LARGEST_AREA:
        return value
    row.add("unit-area-malformed", column=column, seen=text[:40])
    return None


def _part(row: RowCells, column: str, total: Decimal | None) -> Decimal | None:
    value = _area(row, column)
    if value is not None and total is not None and value > total:
        row.add("unit-living-exceeds-total", column=column, part=str(value), total=str(total))
    return value


__all__ = ["FALSE", "SECTION_COLUMNS", "TRUE", "read_section"]
