"""Paper extracts (kupça) in a real database: found by series and number, converted once, shown afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from cadastre.domain.filing import ApplicationOrder
from cadastre.domain.moment import NOW, AskedMoment
from cadastre.domain.property import PropertyView
from cadastre.domain.search import ByPaper
from cadastre.kernel.errors import InvalidInput, RuleBroken
from cadastre.services.ledger_clock import sequence
from cadastre.services.properties import get_property_view
from cadastre.services.search import find_properties
from tests.cadastre.services.counter import CHIEF, ONE, TWO, refused
from tests.cadastre.services.newcomers import HOLDER, Newcomers
from tests.register import Register

PAPER = "RX 0123456"
_PAPERS = text("""
    SELECT state, issued_on::text, document_id IS NOT NULL AS scanned FROM registry.paper_extract
     WHERE series = 'RX' AND number = '0123456' AND superseded_leaf IS NULL
""")


def note(counter: Newcomers, property_id: int) -> None:
    """Put the paper on record as one that is in use."""

    def write(register: Register) -> None:
        register.connection.execute(
            text("""INSERT INTO registry.paper_extract (series, number, property_id, issued_on, recorded_leaf)
                    VALUES ('RX', '0123456', :property, '2008-02-02', :leaf)"""),
            {"property": property_id, "leaf": register._current_leaf()},
        )

    counter.write(write)


def found(counter: Newcomers) -> list[str]:
    asked = ByPaper("RX", "0123456")
    today = counter._read(text("SELECT ledger.today()")).scalar_one()
    answer = find_properties(counter.database, asked, CHIEF, purpose="official_duty", today=today, limit=5)
    return [each.register_number for each in answer.properties]


@pytest.mark.parametrize("is_known", [True, False], ids=["on record", "brought in"])
def test_a_paper_is_converted_once(counter: Newcomers, is_known: bool) -> None:
    property_id = counter.section(ONE)
    if is_known:
        note(counter, property_id)
    assert found(counter) == ([ONE] if is_known else [])
    version = counter.version(property_id)
    counter.registered(counter.conversion(ONE, PAPER))
    row = counter._read(_PAPERS).one()
    assert tuple(row) == ("converted", "2009-03-03", True)
    assert counter.version(property_id) > version
    assert found(counter) == [ONE], "the old paper still leads to its section"
    with refused(RuleBroken, "paper-converted-already"):
        counter.file(counter.conversion(ONE, PAPER), CHIEF)


def test_of_two_cases_with_one_paper_one_converts_it(counter: Newcomers) -> None:
    counter.section(ONE)
    first, second = (counter.waiting(counter.conversion(ONE, PAPER)) for _ in range(2))
    counter.decide(first)
    with refused(RuleBroken, "paper-converted-already"):
        counter.decide(second)


def test_a_paper_is_of_one_section(counter: Newcomers) -> None:
    note(counter, counter.section(ONE))
    counter.section(TWO)
    with refused(RuleBroken, "paper-of-other-section"):
        counter.file(counter.conversion(TWO, PAPER), CHIEF)


def test_a_paper_that_is_none_is_not_taken_in(counter: Newcomers) -> None:
    counter.section(ONE)
    order = counter.conversion(ONE, PAPER)
    with refused(InvalidInput, "paper-series-malformed"):
        counter.file(replace(order, terms={"paper": "kupça"}), CHIEF)
    with refused(InvalidInput, "term-missing"):
        counter.file(replace(order, terms={}), CHIEF)
    with refused(InvalidInput, "document-future-dated"):
        counter.decide(counter.waiting(replace(order, terms={"paper": PAPER, "issued_on": "2999-01-01"})))


def test_the_section_shows_its_papers_at_each_time(counter: Newcomers) -> None:
    """An old paper stays beside the section, as converted; before that it was in use."""
    note(counter, counter.section(ONE))
    sequence(counter.database)
    before = look(counter)
    assert [(p.series, p.number, p.state) for p in before.papers] == [("RX", "0123456", "in_use")]
    counter.registered(counter.conversion(ONE, PAPER))
    sequence(counter.database)
    now = look(counter)
    assert [(p.state, p.issued_on) for p in now.papers] == [("converted", date(2009, 3, 3))]
    assert look(counter, AskedMoment(known_at=before.ledger_index)).papers == before.papers


def look(counter: Newcomers, moment: AskedMoment = NOW) -> PropertyView:
    today = counter.clock.now().date()
    return get_property_view(
        counter.database, ONE, caller=CHIEF, purpose="official_duty", today=today, moment=moment
    )


class TestPaperOfWhichNoSectionTells:
    """What stands on paper alone enters as it was printed: number and day of registration, book and sheet."""

    ENTRIES = ({"registration_number": "2309000417", "registration_date": "2009-03-02"},)

    def brought(self, counter: Newcomers, number: str, **terms: Any) -> ApplicationOrder:
        stated = {
            "paper": PAPER,
            "issued_on": "2009-03-03",
            "object_kind": "land_parcel",
            "parcels": [number],
            "book_number": "12",
            "sheet_number": "7",
            "entries": list(self.ENTRIES),
            **terms,
        }
        return replace(counter.conversion(ONE, PAPER), properties=(), parties=(HOLDER,), terms=stated)

    def test_its_entries_enter_as_they_are_printed(self, counter: Newcomers) -> None:
        _, number = counter.parcel()
        case_id = counter.registered(self.brought(counter, number))
        section = counter.section_of(case_id)
        right = counter._read(
            text("""SELECT kind, registration_number, registration_date::text, valid_from::text
                      FROM cadastre.property_right WHERE property_id = :id AND superseded_leaf IS NULL"""),
            id=section.property_id,
        ).one()
        assert tuple(right) == ("ownership", "2309000417", "2009-03-02", "2009-03-02")
        book = counter._read(
            text("SELECT book_number, sheet_number FROM cadastre.property WHERE property_id = :id"),
            id=section.property_id,
        ).one()
        assert tuple(book) == ("12", "7")
        assert counter._read(_PAPERS).one().state == "converted"
        assert found(counter) == [section.register_number]
        assert counter.view(case_id).registration_numbers == ()
        assert counter.owners(section.property_id) == [HOLDER.name]

    def test_neither_paper_nor_object_counts_twice(self, counter: Newcomers) -> None:
        _, number = counter.parcel()
        _, other = counter.parcel()
        first = counter.waiting(self.brought(counter, number))
        second = counter.waiting(self.brought(counter, other))
        counter.decide(first)
        with refused(RuleBroken, "paper-of-other-section"):
            counter.decide(second)
        with refused(RuleBroken, "object-registered"):
            counter.file(self.brought(counter, number, paper="RX 7654321"), CHIEF)

    @pytest.mark.parametrize(
        ("terms", "code"),
        [
            ({"entries": []}, "term-missing"),
            ({"entries": [*ENTRIES, *ENTRIES]}, "entries-misfit"),
            ({"entries": [{"registration_number": "2309000417"}]}, "term-malformed"),
            ({"entries": [{"registration_number": "17", "registration_date": "2009-03-02"}]}, None),
            (
                {"entries": [{"registration_number": "2309000417", "registration_date": "2009-03-09"}]},
                "document-future-dated",
            ),
            ({"issued_on": None}, "title-not-dated"),
            ({"parcels": []}, "object-missing"),
        ],
    )
    def test_what_the_paper_cannot_say_is_refused(
        self, counter: Newcomers, terms: dict[str, Any], code: str | None
    ) -> None:
        _, number = counter.parcel()
        with pytest.raises(InvalidInput, check=lambda error: code in (None, error.code)):
            counter.decide(counter.waiting(self.brought(counter, number, **terms)))
