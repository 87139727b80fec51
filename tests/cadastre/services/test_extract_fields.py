"""Every field of the form: filled from the register, or said to be not recorded."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import pytest
from sqlalchemy import text

from cadastre.db.unit_of_work import UnitOfWork
from cadastre.domain.caller import Caller, CallerRole
from cadastre.domain.extract import ExtractRequest
from cadastre.extract.statement import Statement
from cadastre.kernel.errors import InvalidInput
from cadastre.services.extracts import ExtractDesk
from cadastre.services.ledger_clock import sequence
from cadastre.services.offices import Officials
from tests.cadastre.extract.test_pdf import text_of
from tests.cadastre.services.conftest import Office
from tests.cadastre.services.test_unit_extracts import enter_flat
from tests.register import DAY, Register, square

T = TypeVar("T")
NOTARY = Caller("notary-7", CallerRole.NOTARY, "Sınaq Notariusu")
NUMBER = "230000000001"
REQUEST = ExtractRequest(NUMBER, "extract", "notary", "Ərizə № 1", "disposal")
MISSING = "qeyd edilməyib"


def write(office: Office, work: Callable[[Register], T]) -> T:
    def in_transaction(uow: UnitOfWork) -> T:
        register = Register(uow.connection)
        register.leaf()
        return work(register)

    return office.database.run(in_transaction)


def enter_house(register: Register, *, joined: bool = True) -> None:
    """One parcel with a house and a shed on it, owned by somebody; ``joined`` enters the house as an object."""
    execute = register.connection.execute
    parcel_id = register.parcel("KX-1", square(0, 0))
    leaf = register.leaf()
    house, _ = (
        execute(
            text("""INSERT INTO cadastre.building (building_number, parcel_id, kind, floors, valid_from,
                                                   recorded_leaf, geom, footprint_area_m2)
                    VALUES (:number, :parcel, :kind, :floors, :day, :leaf, ST_GeomFromWKB(:wkb, 32639), :area)
                    RETURNING building_id"""),
            {
                "number": number,
                "parcel": parcel_id,
                "kind": kind_of,
                "floors": floors,
                "day": DAY,
                "leaf": leaf,
            }
            | {"wkb": shape.wkb, "area": shape.area},
        ).scalar_one()
        for number, kind_of, floors, shape in (
            ("KX-1-B1", "individual_house", 2, square(2, 2, 10)),
            ("KX-1-B2", "structure", 1, square(14, 14, 3)),
        )
    )
    owned = register.property(NUMBER, parcel_id)
    if joined:
        execute(
            text("""INSERT INTO cadastre.property_object (property_id, building_id, valid_from, recorded_leaf)
                    VALUES (:property, :building, :day, :leaf)"""),
            {"property": owned, "building": house, "day": DAY, "leaf": leaf},
        )
    register.right(owned, register.party("Sınaq Sahib", fin="ZZ00001"))


def issue(office: Office, **changes: object) -> tuple[Statement, str]:
    issued = office.desk.issue(replace(REQUEST, **changes), NOTARY)  # type: ignore[arg-type]
    return issued.statement, text_of(issued.pdf)


def test_a_house_entered_with_its_land_is_described(office: Office) -> None:
    write(office, enter_house)
    statement, printed = issue(office)
    house, shed = statement["parcels"][0]["buildings"]
    assert (house["belongs"], house["number"], house["label"], house["footprint_m2"]) == (
        True,
        "KX-1-B1",
        "2YE",
        "100.00",
    )
    assert (shed["belongs"], shed["label"]) == (False, "1Q")
    assert "tikili altında qalan sahə 100,00 m²; mərtəbələrin sayı 2" in printed
    assert "1Q — qurğu, mərtəbələrin sayı 1; 2YE — fərdi yaşayış evi, mərtəbələrin sayı 2" in printed


def test_bare_land_does_not_speak_of_a_building_that_is_not_its_own(office: Office) -> None:
    write(office, lambda register: enter_house(register, joined=False))
    statement, printed = issue(office)
    assert statement["property"]["storeys"] is None
    assert not any(building["belongs"] for building in statement["parcels"][0]["buildings"])
    assert "Binanın mərtəbələrinin sayı" not in printed
    assert "Ümumi sahəsi" not in printed


def test_what_the_form_names_and_the_register_does_not_hold_is_said(office: Office) -> None:
    write(office, enter_house)
    _, printed = issue(office)
    for name in ("Əvvəlki ünvanı", "Kağız çıxarışın seriyası və №-si", "Kadastr zonası", "Bölünmə"):
        assert f"{name} {MISSING}" in printed, name
    assert f"Reyestr kitabının və vərəqinin nömrəsi: {MISSING}." in printed
    assert f"Ərazi İdarəsinin rəisi: {MISSING}" in printed


def test_the_zone_is_the_one_that_holds_the_parcel_and_a_later_one_supersedes(office: Office) -> None:
    write(office, enter_house)
    before = office.desk.issue(REQUEST, NOTARY)
    assert before.statement["parcels"][0]["cadastral_zone"] is None

    def enter_zone(register: Register) -> None:
        register.connection.execute(
            text("""INSERT INTO cadastre.cadastral_zone (district_code, zone_code, name_az, valid_from,
                                                         recorded_leaf, geom_wgs84)
                    SELECT 'BAK-XEZ', '108', 'Mərdəkan', :day, :leaf,
                           ST_Multi(ST_Transform(ST_GeomFromWKB(:wkb, 32639), 4326))"""),
            {"day": DAY, "leaf": register.leaf(), "wkb": square(-50, -50, 200).wkb},
        )

    write(office, enter_zone)
    sequence(office.database)
    assert issue(office)[0]["parcels"][0]["cadastral_zone"] == "108, Mərdəkan"
    assert office.verification.verify_pdf(before.pdf, NOTARY).verdict == "SUPERSEDED"


def test_a_flat_is_of_the_ownership_form_that_its_owners_tell(office: Office) -> None:
    write(office, enter_flat)
    statement, printed = issue(office)
    assert statement["property"]["ownership_form"]["code"] == "xususi"
    assert "Daşınmaz əmlakın mülkiyyət növü Xüsusi" in printed
    assert f"Köməkçi sahəsi (kvadratmetrlə) {MISSING}" in printed


def test_the_application_is_numbered_in_the_journal_and_says_for_whom(office: Office) -> None:
    write(office, enter_house)
    first, printed = issue(office, acting_for="  Sınaq Sahib ")
    second, _ = issue(office, kind="certificate")
    numbers = [int(s["request"]["number"].removeprefix("ƏR-2026-")) for s in (first, second)]
    assert numbers[1] > numbers[0]
    assert re.fullmatch(r"EX\d{7}", first["number"])
    assert first["number"] != second["number"]
    assert (first["request"]["acting_for"], second["request"]["acting_for"]) == ("Sınaq Sahib", None)
    assert f"Ərizənin nömrəsi {first['request']['number']}" in printed
    assert "Kimin adından Sınaq Sahib" in printed
    assert f"EX № {first['number'][2:]}" in printed
    journal = write(
        office,
        lambda register: register.connection.execute(
            text("""SELECT journal_number, acting_for, document_number
                      FROM evidence.extract_request JOIN evidence.extract USING (request_id)
                     ORDER BY journal_number""")
        ).all(),
    )
    assert [(row[0], row[1]) for row in journal] == [(numbers[0], "Sınaq Sahib"), (numbers[1], None)]
    assert f"EX{journal[0][2]:07d}" == first["number"]


def test_a_hidden_sign_in_the_name_of_the_person_acted_for_is_refused(office: Office) -> None:
    with pytest.raises(InvalidInput, match="acting_for"):
        issue(office, acting_for="Sınaq\u202eSahib")


def open_desk(office: Office, officials: Officials) -> ExtractDesk:
    """Give the desk as a deployment that names no office of its own has it."""
    return ExtractDesk(replace(office.desk.parts, office=None, officials=officials))


def test_the_office_is_that_of_the_district_and_the_registrar_stands_above_it(office: Office) -> None:
    write(office, enter_house)
    desk = open_desk(office, Officials("Rəis Nümunə", "İcraçı Nümunə"))
    issued = desk.issue(REQUEST, NOTARY)
    named = issued.statement["office"]
    assert (named["code"], named["name"]["az"]) == ("23", "Xəzər Ərazi İdarəsi")
    assert named["name"]["en"] == "Khazar District Territorial Office"
    printed = text_of(issued.pdf)
    assert "Daşınmaz Əmlakın Dövlət Kadastrı və Reyestri" in printed
    assert "Əmlak Məsələləri Dövlət Xidməti" in printed
    assert "Ərazi İdarəsinin rəisi: Rəis Nümunə · Qeydiyyat icraçısı: İcraçı Nümunə" in printed


@pytest.mark.parametrize(
    ("number", "office_name"),
    [
        ("040000000001", "Gəncə Ərazi İdarəsi"),
        ("990000000001", "Mərkəzi aparat"),
        ("KX-9", "Xəzər Ərazi İdarəsi"),
    ],
)
def test_what_is_not_registered_is_answered_for_by_the_office_of_its_number(
    office: Office, number: str, office_name: str
) -> None:
    write(office, lambda register: register.parcel("KX-9", square(0, 0)))
    issued = open_desk(office, Officials()).issue(replace(REQUEST, register_number=number), NOTARY)
    assert issued.kind == "not-in-register"
    assert issued.statement["office"]["name"]["az"] == office_name


def test_the_qr_page_of_a_flat_has_its_number_and_area(office: Office) -> None:
    write(office, enter_flat)
    issued = office.desk.issue(REQUEST, NOTARY)
    summary = office.verification.public_summary(issued.verify_token)
    assert summary.number == issued.statement["number"]
    assert summary.unit is not None
    assert (summary.unit.number, summary.unit.building_number) == ("45", "KX-1-B1")
    assert (summary.unit.factual_area_m2, summary.unit.documentary_area_m2) == ("71.40", None)
    assert summary.unit.district["ru"] == "Хазарский район"
    assert summary.unit.kind["en"] == "Flat"
