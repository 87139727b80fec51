"""Packaged lists: complete, dated, in three languages, and consistent with each other."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from datetime import date
from decimal import Decimal

import pytest

from cadastre.domain.codelist import list_codelists, load_codelist, parse_codelist
from cadastre.kernel.errors import InvalidInput, NotFound

TODAY = date(2026, 1, 1)
AZ_LETTERS = set("abcçdeəfgğhxıijkqlmnoöprsştuüvyzABCÇDEƏFGĞHXIİJKQLMNOÖPRSŞTUÜVYZ")

MINIMAL = """
codelist = "sample"
source = "a law"
valid_from = 2000-01-01
entries = [
  {{ code = "a", az = "a", en = "a", ru = "а", valid_to = 2010-01-01, fee = 10.10 }},
  {{ code = "a", az = "b", en = "b", ru = "б", valid_from = {second}, fee = 12.20 }},
]
"""


@pytest.mark.parametrize("name", list_codelists())
def test_every_list_names_itself_its_source_and_every_language(name: str) -> None:
    codelist = load_codelist(name)
    assert codelist.entries
    for entry in codelist:
        assert entry.source
        assert all((entry.az, entry.en, entry.ru)), entry.code
        for text in (entry.az, entry.en, entry.ru):
            assert text == unicodedata.normalize("NFC", text).strip()


@pytest.mark.parametrize("name", [n for n in list_codelists() if n != "operations"])
def test_no_name_mixes_alphabets(name: str) -> None:
    for entry in load_codelist(name):
        letters = {c for c in entry.az if c.isalpha()}
        assert letters <= AZ_LETTERS, (entry.code, letters - AZ_LETTERS)
        assert all(ord(c) < 0x250 for c in entry.en if c.isalpha()), entry.code
        assert not re.search("[A-Za-zƏə]", entry.ru), entry.code


def test_all_administrative_units_are_there() -> None:
    kinds = Counter(e.text("kind") for e in load_codelist("districts").entries_at(TODAY))
    # 57 rayons of the national list, LAN, SAK and YEV of ISO 3166-2, 7 of Nakhchivan
    assert kinds == {"state": 1, "autonomous_republic": 1, "city": 11, "city_district": 12, "rayon": 67}


def test_districts_hang_together() -> None:
    districts = load_codelist("districts")
    codes = set(districts.codes_at(TODAY))
    for entry in districts:
        assert re.fullmatch(r"[A-Z]{2,3}(-[A-Z]{3})?", entry.code)
        assert entry.integer("legal_srid") in (32638, 32639)
        assert re.fullmatch(r"[0-9]{2}", entry.text("office_code"))
        parent = entry.find_text("parent")
        assert entry.code == "AZ" if parent is None else parent in codes
        if "-" in entry.code:
            assert entry.text("parent") == entry.code.partition("-")[0]
    assert len({e.text("office_code") for e in districts}) == len(districts.entries)
    isos = [e.text("iso") for e in districts if e.find_text("iso")]
    assert len(set(isos)) == len(isos)


@pytest.mark.parametrize(
    ("code", "srid"),
    [("BAK-XEZ", 32639), ("NX", 32638), ("GOY", 32638), ("IMI", 32639), ("ISM", 32639), ("KUR", 32639)],
)
def test_legal_zone(code: str, srid: int) -> None:
    assert load_codelist("district").entry_at(code, TODAY).integer("legal_srid") == srid


def test_agdere_exists_only_since_its_law() -> None:
    districts = load_codelist("districts")
    assert districts.find_entry("AGD", date(2023, 12, 4)) is None
    assert districts.entry_at("AGD", date(2023, 12, 5)).az == "Ağdərə rayonu"


def test_an_unknown_code_is_refused_with_the_known_ones() -> None:
    with pytest.raises(NotFound, match=r"dovlet, belediyye, xususi") as caught:
        load_codelist("ownership_form").entry_at("kolxoz", TODAY)
    assert caught.value.code == "unknown-code"


@pytest.mark.parametrize("name", ["nonsense", "../pyproject", "", "districts.toml", "Districts"])
def test_an_unknown_list_is_refused(name: str) -> None:
    with pytest.raises(NotFound):
        load_codelist(name)


def test_lease_usufruct_and_trust_are_right_and_encumbrance_at_once() -> None:
    both = {e.code for e in load_codelist("right_kinds") if e.flag("also_encumbrance")}
    assert both >= {"lease", "usufruct", "trust_management"}
    assert both == {e.code for e in load_codelist("restriction_kinds") if e.flag("also_right")}


def test_only_ownership_shares_sum_to_one() -> None:
    whole = [e.code for e in load_codelist("right_kinds") if e.flag("shares_sum_to_one")]
    assert whole == ["ownership", "future_ownership"]


def test_every_service_is_known_by_its_member_name_and_names_known_papers() -> None:
    services = load_codelist("service")
    assert services is load_codelist("services")
    known = {entry.code for entry in load_codelist("basis_kinds")}  # also those of the past
    for service in services:
        assert re.fullmatch("[a-z][a-z_]*", service.text("operation"))
        assert set(service.texts("basis")) <= known, service.code
        assert service.texts("roles")
        assert service.integer("days") >= 0
        assert service.number("fee") >= 0


def test_a_capacity_is_proved_by_known_documents() -> None:
    known = set(load_codelist("basis_kinds").codes_at(TODAY))
    for capacity in load_codelist("capacity"):
        assert set(capacity.texts("basis")) <= known
        assert capacity.texts("roles")


def test_tolerances_are_exact() -> None:
    tolerances = load_codelist("tolerances")
    assert tolerances.entry_at("overlap_width_m", TODAY).number() == Decimal("0.002")
    assert tolerances.entry_at("ring_vertices_max", TODAY).integer("value") == 100_000
    assert all(e.number() > 0 and e.text("unit") in ("m", "m2", "deg", "d", "1") for e in tolerances)


def test_a_code_changes_on_its_day() -> None:
    codelist = parse_codelist("sample", MINIMAL.format(second="2010-01-01"))
    assert codelist.entry_at("a", date(2009, 12, 31)).number("fee") == Decimal("10.10")
    assert codelist.entry_at("a", date(2010, 1, 1)).number("fee") == Decimal("12.20")
    assert codelist.latest("a").az == "b"
    with pytest.raises(NotFound):
        codelist.entry_at("a", date(1999, 12, 31))


@pytest.mark.parametrize(
    "faulty",
    [
        MINIMAL.format(second="2009-12-31"),
        "entries = 1",
        "not toml",
        'source = "x"\nvalid_from = 2000-01-01\nentries = [{ code = "a", az = "a", en = "a" }]',
        'source = "x"\nvalid_from = 2000-01-01\nentries = '
        '[{ code = "a", az = "a", en = "a", ru = "a", valid_to = 1999-01-01 }]',
    ],
)
def test_a_faulty_list_is_refused(faulty: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_codelist("sample", faulty)
    assert caught.value.code == "codelist-faulty"


def test_an_attribute_of_the_wrong_type_is_refused() -> None:
    entry = load_codelist("districts").entry_at("GA", TODAY)
    for read in (entry.integer, entry.number, entry.flag, entry.texts):
        with pytest.raises(InvalidInput):
            read("kind")
    with pytest.raises(InvalidInput, match="not given"):
        entry.text("colour")
    with pytest.raises(InvalidInput):
        entry.text("legal_srid")
    assert entry.name("ru") == "город Гянджа"


def test_a_code_that_never_was_has_no_latest_entry() -> None:
    with pytest.raises(NotFound, match="never had"):
        load_codelist("ownership_forms").latest("kolxoz")


def test_an_attribute_without_simple_type_is_refused() -> None:
    faulty = MINIMAL.format(second="2010-01-01").replace("fee = 12.20", "fee = { a = 1 }")
    with pytest.raises(InvalidInput, match="no simple type"):
        parse_codelist("sample", faulty)
