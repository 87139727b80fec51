"""Extracts of flats: kind, floor, rooms, areas, storeys, the address with its number, and no land."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import text

from cadastre.db.unit_of_work import Role, UnitOfWork
from cadastre.domain.caller import Caller, CallerRole
from cadastre.domain.extract import ExtractRequest
from cadastre.domain.property import UnitView
from cadastre.extract.statement import Statement
from cadastre.kernel.errors import InvalidInput
from cadastre.services.ledger_clock import sequence
from cadastre.services.properties import get_property_view
from tests.cadastre.extract.test_pdf import text_of
from tests.cadastre.services.conftest import Office
from tests.register import DAY, Register, square

NOTARY = Caller("notary-7", CallerRole.NOTARY, "Sınaq Notariusu")
NUMBER = "230000000001"
REQUEST = ExtractRequest(NUMBER, "extract", "notary", "Ərizə № 1", "disposal")


def enter_flat(register: Register, *, doors: dict[str, int | None] | None = None) -> None:
    """One building of nine storeys on one parcel, and flat 45 in it, owned by somebody."""
    execute = register.connection.execute
    parcel_id = register.parcel("KX-1", square(0, 0))
    leaf = register.leaf()
    building_id = execute(
        text("""INSERT INTO cadastre.building (building_number, parcel_id, kind, floors, valid_from, recorded_leaf)
                VALUES ('KX-1-B1', :parcel, 'building', 9, :day, :leaf) RETURNING building_id"""),
        {"parcel": parcel_id, "day": DAY, "leaf": leaf},
    ).scalar_one()
    unit_id = execute(
        text("""INSERT INTO cadastre.building_unit (building_id, kind, unit_number, entrance_number, floor, room_count,
                                                    total_area_m2, living_area_m2, recorded_leaf)
                VALUES (:building, 'flat', '45', 2, 4, 3, 71.4, 50.25, :leaf) RETURNING unit_id"""),
        {"building": building_id, "leaf": leaf},
    ).scalar_one()
    owned = execute(
        text("""INSERT INTO cadastre.property (register_number, object_kind, district_code, opened_on, recorded_leaf)
                VALUES (:number, 'flat', 'BAK-XEZ', :day, :leaf) RETURNING property_id"""),
        {"number": NUMBER, "day": DAY, "leaf": leaf},
    ).scalar_one()
    execute(
        text("""INSERT INTO cadastre.property_object (property_id, unit_id, valid_from, recorded_leaf)
                VALUES (:property, :unit, :day, :leaf)"""),
        {"property": owned, "unit": unit_id, "day": DAY, "leaf": leaf},
    )
    register.right(owned, register.party("Sınaq Sahib", fin="ZZ00001"))
    if doors:
        enter_doors(register, building_id, doors)


def enter_doors(register: Register, building_id: int, doors: dict[str, int | None]) -> None:
    """Give the building entrances on one street: number on the street, number in the building."""
    leaf = register.leaf()
    street = register.connection.execute(
        text("""INSERT INTO address.street (district_code, kind, name_az, valid_from, recorded_leaf)
                VALUES ('BAK-XEZ', 'kuce', 'Nərgiz', :day, :leaf) RETURNING street_id"""),
        {"day": DAY, "leaf": leaf},
    ).scalar_one()
    for number, building_entrance in doors.items():
        register.connection.execute(
            text("""INSERT INTO address.entrance (street_id, number, building_id, building_entrance, valid_from,
                                                  recorded_leaf, geom)
                    VALUES (:street, :number, :building, :nth, :day, :leaf,
                            ST_SetSRID(ST_MakePoint(425010, 4480010), 32639))"""),
            {
                "street": street,
                "number": number,
                "building": building_id,
                "nth": building_entrance,
                "day": DAY,
                "leaf": leaf,
            },
        )


def issue(office: Office, doors: dict[str, int | None] | None = None) -> tuple[Statement, str]:
    """Enter the flat, and issue its extract; give the statement and what the pages say."""

    def in_transaction(uow: UnitOfWork) -> None:
        register = Register(uow.connection)
        register.leaf()
        enter_flat(register, doors=doors)

    office.database.run(in_transaction)
    issued = office.desk.issue(REQUEST, NOTARY)
    return issued.statement, text_of(issued.pdf)


def test_everything_known_of_a_flat_is_said_and_no_land(office: Office) -> None:
    statement, printed = issue(office, {"12": 1, "12A": 2})
    section = statement["property"]
    assert section["object_kind"]["label"]["az"] == "Mənzil"
    assert (section["floor"], section["room_count"], section["storeys"]) == (4, 3, 9)
    assert [(area["kind"], area["factual_m2"]) for area in section["unit_areas"]] == [
        ("total", "71.40"),
        ("living", "50.25"),
        ("auxiliary", None),
    ]
    assert section["unit"]["number"] == "45"
    assert (section["unit"]["building_number"], section["unit"]["cadastral_number"]) == ("KX-1-B1", "KX-1")
    assert section["unit"]["district"]["code"] == "BAK-XEZ"
    assert section["address"] == {
        "az": "Nərgiz küçəsi 12A, mənzil 45, Xəzər rayonu, Bakı",
        "en": "Nargiz Street 12A, flat 45, Khazar District, Baku",
        "ru": "улица Наргиз, 12A, квартира 45, Хазарский район, Баку",
    }
    assert statement["parcels"] == []
    assert "Nərgiz küçəsi 12A, mənzil 45, Xəzər rayonu, Bakı" in printed
    assert "Miqyas" not in printed


@pytest.mark.parametrize(
    ("doors", "address"),
    [
        ({"12": 1, "14": 3}, "Nərgiz küçəsi 12, mənzil 45, Xəzər rayonu, Bakı"),
        ({"14": None, "16": None}, "Nərgiz küçəsi 14, mənzil 45, Xəzər rayonu, Bakı"),
    ],
)
def test_without_its_own_entrance_a_flat_has_the_first_of_its_building(
    office: Office, doors: dict[str, int | None], address: str
) -> None:
    statement, _ = issue(office, doors)
    assert statement["property"]["address"]["az"] == address


def test_there_is_no_plan_of_the_land_of_a_flat_and_the_refusal_is_logged(office: Office) -> None:
    issue(office)
    with pytest.raises(InvalidInput, match="no land of its own"):
        office.desk.issue(replace(REQUEST, kind="plan"), NOTARY)
    asked = office.database.read(
        lambda uow: uow.connection.execute(
            text("SELECT count(*) FROM ledger.leaf WHERE kind = 'extract.requested'")
        ).scalar_one(),
        role=Role.WRITE,
    )
    assert asked == 2


def test_entitled_eyes_see_the_flat_itself(office: Office) -> None:
    issue(office)
    view = get_property_view(
        office.database, NUMBER, caller=NOTARY, purpose="disposal", today=date(2026, 5, 4)
    )
    assert view.cadastral_numbers == ()
    assert view.units == (UnitView("flat", "KX-1-B1", "45", 2, 4, 3, "71.40", "50.25"),)


def test_without_any_entrance_a_flat_has_no_address(office: Office) -> None:
    statement, _ = issue(office)
    assert statement["property"]["address"] is None


def test_an_extract_of_a_flat_verifies_and_grows_old_with_the_flat(office: Office) -> None:
    issue(office)
    issued = office.desk.issue(REQUEST, NOTARY)
    assert office.verification.verify_pdf(issued.pdf, NOTARY).verdict == "AUTHENTIC"

    def close(uow: UnitOfWork) -> None:
        Register(uow.connection).close("cadastre.building_unit", "unit_number", "45")  # type: ignore[arg-type]

    office.database.run(close)
    sequence(office.database)
    assert office.verification.verify_pdf(issued.pdf, NOTARY).verdict == "SUPERSEDED"
