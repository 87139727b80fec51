from __future__ import annotations

from pathlib import Path

import pytest

from tests.database import Database
from tests.ingest.services.rights_rows import add_parcels, load, query, restriction, right, write_csv

BANK = "Sintetik Bank ASC"


@pytest.fixture
def register(fresh_database: Database) -> Database:
    add_parcels(fresh_database, *(f"A-{n}" for n in range(1, 6)))
    return fresh_database


def test_nothing_is_added_to_a_registered_party(register: Database, tmp_path: Path) -> None:
    first = [right("A-1", "Sintetik Əli", fin="ZZ00001")]
    assert load(register, write_csv(tmp_path / "a.csv", first)).accepted == 1
    second = [right("A-2", "Sintetik Əli", fin="ZZ00001", voen="1401555072")]
    report = load(register, write_csv(tmp_path / "b.csv", second))
    assert (report.accepted, report.findings) == (1, {"party-number-not-added": 1})
    assert query(register, "SELECT fin, voen FROM party.party") == [("ZZ00001", None)]


def test_both_numbers_are_one_party_whichever_row_tells_it(register: Database, tmp_path: Path) -> None:
    rows = [
        right("A-1", "Sintetik Əli", voen="1401555072"),
        right("A-2", "Sintetik Əli", fin="ZZ00001", voen="1401555072"),
        right("A-3", "Sintetik Əli", fin="ZZ00001"),
    ]
    report = load(register, write_csv(tmp_path / "r.csv", rows))
    assert (report.accepted, report.findings) == (3, {})
    assert query(register, "SELECT fin, voen FROM party.party") == [("ZZ00001", "1401555072")]


def test_a_beneficiary_may_bring_its_number(register: Database, tmp_path: Path) -> None:
    known = {"party_kind": "legal", "party_name": BANK, "voen": "1401555071"}
    rows = [
        right("A-1", "Sintetik Əli", fin="ZZ00001"),
        restriction("A-1", "mortgage", **known),
        right("A-2", "Sintetik Vəli", fin="ZZ00002"),
        restriction("A-2", "mortgage", restriction_beneficiary=BANK, **known),
        right("A-3", "Sintetik Pəri", fin="ZZ00003"),
        restriction("A-3", "mortgage", restriction_beneficiary="Başqa Bank", **known),
    ]
    report = load(register, write_csv(tmp_path / "r.csv", rows))
    assert (report.accepted, report.rejected) == (4, 2)
    assert report.findings == {"restriction-party-unclear": 1, "property-incomplete": 1}
    assert query(
        register,
        "SELECT count(*), count(DISTINCT beneficiary_party_id) FROM cadastre.restriction",
    ) == [(2, 1)]


def test_a_term_that_has_passed_is_told(register: Database, tmp_path: Path) -> None:
    rows = [
        right("A-1", "Sintetik Əli", fin="ZZ00001"),
        restriction("A-1", "servitude", restriction_until="2025-06-01"),
    ]
    report = load(register, write_csv(tmp_path / "r.csv", rows))
    assert (report.accepted, report.findings) == (2, {"restriction-term-past": 1})


def test_a_sum_that_is_off_by_a_billionth_is_off(register: Database, tmp_path: Path) -> None:
    rows = [
        right("A-1", "Sintetik Əli", (1, 3), fin="ZZ00001"),
        right("A-1", "Sintetik Vəli", (666666667, 1000000000), fin="ZZ00002"),
    ]
    report = load(register, write_csv(tmp_path / "r.csv", rows))
    assert (report.accepted, report.findings) == (0, {"shares-sum": 2})
    (detail,) = {row for (row,) in query(register, "SELECT detail->>'sum' FROM staging.finding")}
    assert detail == "3000000001/3000000000"
