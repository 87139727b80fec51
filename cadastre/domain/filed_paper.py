"""The conversion of a paper extract (kupça), read from an application."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from cadastre.domain.commands import ConvertPaper, PrintedEntry
from cadastre.domain.filed_first import read_opening
from cadastre.domain.filed_terms import FiledTerms, list_objects
from cadastre.kernel.errors import InvalidInput, RuleBroken
from cadastre.kernel.ids import parse_paper_series, parse_registration_number
from cadastre.kernel.text import clean_text

PAPER_TITLE: Final = "paper_extract"
_SERIES_LETTERS: Final = 2
_MAX_BOOK: Final = 20
_PRINTED: Final = ("registration_number", "registration_date")


def split_paper(text: object) -> tuple[str, str]:
    """Give series and number of a paper extract.

    Examples
    --------
    >>> split_paper("RX № 0123456")
    ('RX', '0123456')
    """
    paper = parse_paper_series(str(text))
    return paper[:_SERIES_LETTERS], paper[_SERIES_LETTERS:]


def read_conversion(filed: FiledTerms) -> ConvertPaper:
    """Read which paper is converted: ``paper`` is its series and number, ``issued_on`` its day.

    When the application names no property, only the paper tells of it: objects and holders are named as
    in a first registration, ``entries`` are number and day of registration printed beside each holder.

    Raises
    ------
    RuleBroken
        It was converted or voided before, or is of another section.
    """
    series, number = split_paper(filed.need("paper"))
    known = None if filed.found is None else filed.found.paper
    property_id = filed.property_id() if filed.application.property_ids else None
    if known is not None and known.property_id != property_id:
        raise _broken("paper-of-other-section", f"The paper {series} {number} is of another section.")
    if known is not None and known.state != "in_use":
        raise _broken(
            "paper-converted-already",
            f"The paper {series} {number} was converted before; the section speaks for itself.",
        )
    issued_on = filed.day("issued_on")
    if property_id is not None:
        return ConvertPaper(property_id, series, number, issued_on)
    if issued_on is None:
        raise InvalidInput("The paper has a day; write it as issued_on.", code="title-not-dated")
    return ConvertPaper(
        None,
        series,
        number,
        issued_on,
        opens=read_opening(filed, (PAPER_TITLE, issued_on)),
        printed=tuple(_entry(item) for item in list_objects(filed, "entries", *_PRINTED)),
        book_number=_line(filed, "book_number"),
        sheet_number=_line(filed, "sheet_number"),
    )


def _entry(item: Mapping[str, Any]) -> PrintedEntry:
    number = parse_registration_number(str(item["registration_number"]))
    try:
        return PrintedEntry(str(number), date.fromisoformat(item["registration_date"]))
    except (TypeError, ValueError):
        raise InvalidInput(
            "registration_date is no day such as 2009-03-31.", code="term-malformed", term="entries"
        ) from None


def _line(filed: FiledTerms, key: str) -> str | None:
    value = filed.get(key)
    return None if value is None else clean_text(str(value), field=key, max_length=_MAX_BOOK) or None


def _broken(rule: str, sentence: str) -> RuleBroken:
    return RuleBroken(sentence, code=rule, rule=rule)


__all__ = ["PAPER_TITLE", "read_conversion", "split_paper"]
