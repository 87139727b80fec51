from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from cadastre.kernel.errors import InvalidInput
from ingest.rights_file import REQUIRED
from tests.database import Database
from tests.ingest.services.rights_rows import add_parcels, load, query, restriction, right, write_csv

BANK = "Sintetik Bank ASC"


@pytest.fixture
def register(fresh_database: Database) -> Database:
    add_parcels(fresh_database, *(f"A-{n}" for n in range(1, 10)))
    return fresh_database


def test_a_property_with_owners_mortgage_and_arrest_is_entered_whole(
    register: Database, tmp_path: Path
) -> None:
    rows = [
        right("A-1", "Sintetik Əli", (1, 3), fin="ZZ00001", register_number="012345678901"),
        right("A-1", "Sintetik Şəfiqə", (2, 3), fin="ZZ00002", register_number="012345678901"),
        restriction(
            "A-1",
            "mortgage",
            register_number="012345678901",
            restriction_beneficiary=BANK,
            restriction_until="2035-01-01",
            restriction_rank="1",
            restriction_amount="1234.50",
            restriction_currency="AZN",
            basis_kind="mortgage_contract",
            basis_number="M-1",
            basis_date="2025-02-27",
        ),
        restriction("A-1", "arrest", register_number="012345678901"),
    ]
    report = load(register, write_csv(tmp_path / "r.csv", rows))
    assert (report.read, report.accepted, report.rejected, report.findings) == (4, 4, 0, {})
    assert report.exit_code == 0
    assert query(
        register,
        "SELECT register_number, object_kind, property.district_code, opened_on::text, cadastral_number FROM cadastre.property "
        "JOIN cadastre.property_object USING (property_id) JOIN cadastre.parcel USING (parcel_id)",
    ) == [("012345678901", "land_parcel", "BAK-XEZ", "2025-01-31", "A-1")]
    assert query(
        register,
        "SELECT name, fin, share_numerator, share_denominator, joint FROM cadastre.property_right "
        "JOIN party.party USING (party_id) ORDER BY fin",
    ) == [("Sintetik Əli", "ZZ00001", 1, 3, False), ("Sintetik Şəfiqə", "ZZ00002", 2, 3, False)]
    assert query(
        register,
        "SELECT r.kind, p.name, p.kind, rank, amount::text, currency, until::text, s.number FROM cadastre.restriction r "
        "LEFT JOIN party.party p ON p.party_id = r.beneficiary_party_id "
        "LEFT JOIN cadastre.administrative_source s USING (source_id) ORDER BY r.kind",
    ) == [
        ("arrest", None, None, None, None, None, None, None),
        ("mortgage", BANK, "legal", 1, "1234.50", "AZN", "2035-01-01", "M-1"),
    ]
    assert query(register, "SELECT count(*) FROM ledger.leaf WHERE kind = 'load.rights'") == [(1,)]


def test_the_leaf_and_the_findings_hold_no_personal_data(register: Database, tmp_path: Path) -> None:
    rows = [
        right("A-1", "Gizli Adamov", fin="ZZ00001"),
        right("A-2", "Gizli Adamov", fin="ZZOO1!", joint="bəlkə"),
        right("A-3", "Gizli Adamova", fin="ZZ00001"),
    ]
    report = load(register, write_csv(tmp_path / "r.csv", rows))
    assert report.findings["party-name-differs"] == 1
    told = query(register, "SELECT payload FROM ledger.leaf") + query(
        register, "SELECT detail::text || subject FROM staging.finding"
    )
    assert not [line for line in told if "Gizli" in str(line) or "ZZ" in str(line)]


def test_loaded_twice_every_row_is_a_duplicate(register: Database, tmp_path: Path) -> None:
    numbered = [right(f"A-{n}", "Sintetik", register_number=f"01234567890{n}") for n in (1, 2)]
    minted = [right(f"A-{n}", "Sintetik") for n in (3, 4)]
    path = write_csv(tmp_path / "r.csv", numbered + minted)
    assert load(register, path).accepted == 4
    again = load(register, path)
    assert (again.read, again.accepted, again.rejected) == (4, 0, 4)
    assert again.findings["register-number-taken"] == 2
    assert again.findings["parcel-in-other-property"] == 4
    assert query(register, "SELECT count(*) FROM cadastre.property") == [(4,)]
    assert (
        query(register, "SELECT attributes->>'party_name' FROM staging.rejected_row") == [("Sintetik",)] * 4
    )


def test_minted_numbers_follow_the_office_and_the_file(register: Database, tmp_path: Path) -> None:
    taken = right("A-3", "Sintetik", register_number="230000000002")
    path = write_csv(tmp_path / "r.csv", [right("A-2", "Sintetik"), right("A-1", "Sintetik"), taken])
    assert load(register, path).accepted == 3
    found = query(
        register,
        "SELECT cadastral_number, register_number FROM cadastre.property JOIN cadastre.property_object "
        "USING (property_id) JOIN cadastre.parcel USING (parcel_id) ORDER BY property_id",
    )
    assert [number for number, _ in found] == ["A-2", "A-1", "A-3"]
    numbers = [number for _, number in found]
    assert all(number.startswith("23") for number in numbers)
    assert len(set(numbers)) == 3


def test_faulty_rows_are_rejected_with_their_rule_and_kept(register: Database, tmp_path: Path) -> None:
    faulty = {
        "parcel-not-registered": right("B-1", "Sintetik"),
        "cadastral-number-malformed": right("", "Sintetik"),
        "register-number-malformed": right("A-1", "Sintetik", register_number="12345"),
        "object-kind-unknown": right("A-1", "Sintetik", object_kind="castle"),
        "object-kind-needs-unit": right("A-1", "Sintetik", object_kind="flat"),
        "party-missing": right("A-1", "", party_kind=""),
        "party-kind-unknown": right("A-1", "Sintetik", party_kind="person"),
        "party-name-unreadable": right("A-1", "Sin" + chr(7) + "tetik"),
        "party-number-misfit": right("A-1", "Sintetik MMC", party_kind="legal", fin="ZZ00001"),
        "fin-malformed": right("A-1", "Sintetik", fin="ZZOO"),
        "voen-malformed": right("A-1", "Sintetik MMC", party_kind="legal", voen="1401555081"),
        "right-missing": right("A-1", "Sintetik", right_kind="", party_kind="", party_name=""),
        "right-kind-unknown": right("A-1", "Sintetik", right_kind="kingship"),
        "right-foreign-land": right("A-1", "Synthetic Person", party_kind="foreign_natural"),
        "share-malformed": right("A-1", "Sintetik", (3, 2)),
        "share-missing": right("A-1", "Sintetik", share_numerator="", share_denominator=""),
        "share-beside-joint": right("A-1", "Sintetik", joint="bəli"),
        "joint-unreadable": right("A-1", "Sintetik", joint="perhaps"),
        "registration-number-malformed": right("A-1", "Sintetik", registration_number="123"),
        "date-malformed": right("A-1", "Sintetik", registration_date="31.01.2025"),
        "date-future": right("A-1", "Sintetik", registration_date="2026-03-04"),
        "basis-kind-unknown": right("A-1", "Sintetik", basis_kind="rumour"),
        "basis-incomplete": right("A-1", "Sintetik", basis_number="7"),
        "restriction-kind-unknown": right("A-1", "Sintetik", restriction_kind="curse"),
        "restriction-incomplete": right("A-1", "Sintetik", restriction_beneficiary=BANK),
        "restriction-until-early": restriction("A-1", "arrest", restriction_until="2024-01-01"),
        "restriction-rank-malformed": restriction("A-1", "arrest", restriction_rank="1"),
        "restriction-amount-malformed": restriction("A-1", "mortgage", restriction_amount="12,5"),
        "text-unreadable": right("A-1", "Sintetik", basis_kind="sale_contract", basis_number="1" * 200),
        "shares-sum": right("A-1", "Sintetik", (1, 2)),
        "joint-one-holder": right("A-1", "Sintetik", None),
        "property-without-right": restriction("A-1", "arrest"),
    }
    for rule, row in faulty.items():
        report = load(register, write_csv(tmp_path / "r.csv", [row]))
        assert (report.read, report.accepted, report.rejected) == (1, 0, 1), rule
        assert rule in report.findings, (rule, report.findings)
    assert query(register, "SELECT count(*) FROM cadastre.property") == [(0,)]
    assert query(register, "SELECT count(*) FROM party.party") == [(0,)]
    assert query(register, "SELECT count(*) FROM staging.rejected_row") == [(len(faulty),)]


def test_unproven_and_inherited_are_warned_about_and_accepted(register: Database, tmp_path: Path) -> None:
    rows = [
        right("A-1", "Sintetik MMC", party_kind="legal", voen="1401555075"),
        right("A-2", "Synthetic Heir", party_kind="foreign_natural", basis_kind="inheritance_certificate"),
        right("A-3", "Sintetik", basis_kind="sale_contract", basis_date="2025-02-01"),
        restriction("A-3", "mortgage"),
        right("A-4", "Sintetik", right_kind="lease", restriction_until="2030-01-01"),
    ]
    report = load(register, write_csv(tmp_path / "r.csv", rows))
    assert (report.accepted, report.exit_code) == (5, 0)
    expected = {
        "voen-unproven": 1,
        "right-foreign-inherited": 1,
        "basis-after-registration": 1,
        "restriction-beneficiary-missing": 1,
        "property-without-ownership": 1,
        "party-without-number": 2,
    }
    assert report.findings == expected
    assert query(register, "SELECT valid_to::text FROM cadastre.property_right WHERE kind = 'lease'") == [
        ("2030-01-01",)
    ]


def test_one_faulty_row_holds_its_property_back_and_nobody_else(register: Database, tmp_path: Path) -> None:
    rows = [
        right("A-1", "Sintetik", fin="ZZ00001"),
        restriction("A-1", "curse"),
        right("A-2", "Sintetik", fin="ZZ00001"),
    ]
    report = load(register, write_csv(tmp_path / "r.csv", rows))
    assert (report.accepted, report.rejected) == (1, 2)
    assert report.findings == {"restriction-kind-unknown": 1, "property-incomplete": 1}
    assert query(register, "SELECT row_number FROM staging.rejected_row ORDER BY 1") == [(1,), (2,)]


def test_parties_are_one_by_number_and_never_by_name_alone(register: Database, tmp_path: Path) -> None:
    rows = [
        right("A-1", "Мамедов Али"),
        right("A-2", "Мамедов Али"),
        right("A-3", "Sintetik Əli", (1, 2), fin="ZZ00001"),
        right("A-3", "Sintetik MMC", (1, 2), party_kind="legal", voen="1401555071"),
        right("A-4", "Sintetik Əli", fin="zz00001"),
        right("A-5", "Sintetik MMC", party_kind="legal", voen="1401555071"),
    ]
    assert load(register, write_csv(tmp_path / "r.csv", rows)).accepted == 6
    names = Counter(name for (name,) in query(register, "SELECT name FROM party.party"))
    assert names == {"Мамедов Али": 2, "Sintetik Əli": 1, "Sintetik MMC": 1}
    more = [right("A-6", "Sintetik Ali", fin="ZZ00001"), right("A-7", "Мамедов Али")]
    report = load(register, write_csv(tmp_path / "more.csv", more))
    assert report.findings["party-name-differs"] == 1
    assert query(register, "SELECT count(*) FROM party.party") == [(5,)]
    assert query(register, "SELECT name FROM party.party WHERE fin = 'ZZ00001'") == [("Sintetik Əli",)]


def test_numbers_of_two_parties_on_one_row_are_refused(register: Database, tmp_path: Path) -> None:
    rows = [
        right("A-1", "Sintetik Əli", fin="ZZ00001"),
        right("A-2", "Sintetik Vəli", voen="1401555072"),
    ]
    assert load(register, write_csv(tmp_path / "r.csv", rows)).accepted == 2
    both = [right("A-3", "Sintetik Əli", fin="ZZ00001", voen="1401555072")]
    assert load(register, write_csv(tmp_path / "b.csv", both)).findings["party-numbers-conflict"] == 1
    other = [right("A-3", "Sintetik MMC", party_kind="legal", voen="1401555072")]
    assert load(register, write_csv(tmp_path / "o.csv", other)).findings["party-number-other-kind"] == 1


def test_a_parcel_claimed_by_two_numbers_goes_to_the_earlier(register: Database, tmp_path: Path) -> None:
    rows = [
        right("A-1", "Sintetik", register_number="012345678901"),
        right("A-1", "Sintetik", register_number="012345678902"),
    ]
    report = load(register, write_csv(tmp_path / "r.csv", rows))
    assert (report.accepted, report.rejected) == (1, 1)
    assert report.findings["parcel-claimed-twice"] == 1


def test_a_property_of_two_parcels(register: Database, tmp_path: Path) -> None:
    rows = [
        right("A-1", "Sintetik", register_number="012345678901"),
        right("A-2", "Sintetik", register_number="012345678901"),
    ]
    rows[0] |= {"fin": "ZZ00001"}
    rows[1] |= {"fin": "ZZ00001"}
    report = load(register, write_csv(tmp_path / "r.csv", rows))
    assert report.rejected == 0, report.findings
    assert query(register, "SELECT count(*) FROM cadastre.property_object") == [(2,)]
    assert query(register, "SELECT count(*) FROM cadastre.property_right") == [(1,)]


def test_wrong_header_names_what_is_missing_and_unknown(register: Database, tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("cadastral_number,owner\nA-1,x\n", encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        load(register, path)
    assert caught.value.facts["missing"] == list(REQUIRED[1:])
    assert caught.value.facts["unknown"] == ["owner"]
    assert query(register, "SELECT count(*) FROM staging.load_run") == [(0,)]


def test_a_fault_late_in_the_file_leaves_nothing(register: Database, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "r.csv", [right("A-1", "Sintetik")])
    path.write_bytes(path.read_bytes() + b"A-2,\xfc\n")
    with pytest.raises(InvalidInput, match="is not in UTF-8"):
        load(register, path)
    assert query(register, "SELECT count(*) FROM cadastre.property") == [(0,)]
    assert query(register, "SELECT count(*) FROM staging.load_run") == [(0,)]


def test_workbook_and_parquet_give_the_same_register(register: Database, tmp_path: Path) -> None:
    rows = [right("A-1", "Sintetik", register_number="012345678901", fin="ZZ00001"), right("A-2", "Sintetik")]
    book = Workbook()
    book.remove(book.worksheets[0])
    sheet = book.create_sheet("hüquqlar")
    columns = list(dict.fromkeys(name for row in rows for name in row))
    sheet.append(columns)
    sheet.append([rows[0].get(name) or None for name in columns])
    book.save(tmp_path / "r.xlsx")
    first = load(register, tmp_path / "r.xlsx", "hüquqlar")
    assert (first.accepted, first.findings) == (1, {})
    table = pa.table({name: [rows[1].get(name)] for name in columns})
    pq.write_table(table, tmp_path / "r.parquet")
    assert load(register, tmp_path / "r.parquet").accepted == 1
    assert query(register, "SELECT register_number FROM cadastre.property ORDER BY property_id LIMIT 1") == [
        ("012345678901",)
    ]
