"""Whoever watches a section hears of every entry that changes its extract, once, and of no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import text

from address_registry import AddressBook
from cadastre.db.unit_of_work import Database, Isolation
from cadastre.domain.caller import Caller, CallerRole
from cadastre.domain.commands import EndEntry, GrantRight, RegisterMortgage
from cadastre.domain.property_state import Encumbrance
from cadastre.services.addresses import list_leaves_of_extract
from cadastre.services.events import Audience, poll
from cadastre.services.investigations import FlagOrder, flag_attribute
from cadastre.services.watch_news import tell_watchers
from cadastre.services.watches import watch_properties
from cadastre.store.watch_news import list_candidates
from tests.cadastre.services.registering import Office
from tests.database import TestCluster
from tests.register import DAY, Register, square

COURT = Caller("court-watching", CallerRole.COURT, "Sınaq məhkəməsi")
REGISTRAR = Caller("registrar-1", CallerRole.REGISTRAR, "Qeydiyyatçı")
VOEN = "1401555071"


@pytest.fixture(scope="module")
def office(test_cluster: TestCluster) -> Iterator[Office]:
    """One register for all tests: each has a section and an account of its own."""
    copy = test_cluster.create_copy()
    database = Database(copy.app_url, pool_size=2)
    yield Office(database)
    database.close()
    test_cluster.drop_copy(copy)


def follow(office: Office, most: int = 200) -> None:
    office.head()
    while tell_watchers(office.database, AddressBook(), most=most).more:
        pass


def watched(office: Office, *sections: int, by: Caller = COURT) -> None:
    """Watch sections; whatever was before is no news."""
    numbers = [office.state(each).register_number for each in sections]
    found = office.database.run(
        lambda uow: watch_properties(uow, numbers, by), isolation=Isolation.READ_COMMITTED
    )
    assert set(found.values()) == {"watched"}
    follow(office)


def news(office: Office, by: Caller = COURT) -> list[str]:
    """Register numbers of the news of an account."""
    follow(office)
    page = poll(office.database, by, Audience.ACCOUNT, after=-1, limit=500)
    assert {each.kind for each in page.events} <= {"property.changed"}
    return [each.payload["register_number"] for each in page.events]


def settled(office: Office, **more: float) -> tuple[int, str, Caller]:
    """A section on land of its own, its number, and an account that watches it."""
    (owner,) = office.people("Sahib")
    here = office.section({owner: (1, 1)}, **({"side_m": 20.0} | more))
    number = office.state(here).register_number
    by = Caller(f"court-{number}", CallerRole.COURT, "Sınaq məhkəməsi")
    watched(office, here, by=by)
    return here, number, by


def parcel_of(office: Office, section: int) -> int:
    return office.state(section).parcels[0].parcel_id


def enter_address(office: Office, parcel: int) -> None:
    def write(register: Register) -> None:
        row = {"day": DAY, "leaf": register.leaf("address.test"), "parcel": parcel}
        row["street"] = register.connection.execute(
            text("""INSERT INTO address.street (district_code, kind, name_az, valid_from, recorded_leaf)
                    VALUES ('BAK-XEZ', 'kuce', 'Küçə ' || CAST(:parcel AS text), :day, :leaf) RETURNING street_id"""),
            row,
        ).scalar_one()
        register.connection.execute(
            text("""INSERT INTO address.entrance (street_id, number, parcel_id, valid_from, recorded_leaf, geom)
                    VALUES (:street, '7', :parcel, :day, :leaf, ST_SetSRID(ST_MakePoint(425000, 4480000), 32639))"""),
            row,
        )

    office._write(write)


def rename_street(office: Office, parcel: int) -> None:
    closing = text("""UPDATE address.street SET superseded_leaf = :leaf
                       WHERE street_id IN (SELECT street_id FROM address.entrance WHERE parcel_id = :parcel)""")

    def write(register: Register) -> None:
        register.connection.execute(closing, {"leaf": register.leaf("address.test"), "parcel": parcel})

    office._write(write)


def flag(office: Office, order: FlagOrder) -> None:
    office.database.run(
        lambda uow: flag_attribute(uow, order, REGISTRAR, today=office.today()),
        isolation=Isolation.READ_COMMITTED,
    )


def test_a_decision_is_told_once(office: Office) -> None:
    here, number, by = settled(office)
    (bank,) = office.people("Bank")
    office.register("mortgage", RegisterMortgage(here, loan(bank)))
    assert news(office, by) == [number]
    assert news(office, by) == [number], "by the decision, and not once more by what follows the ledger"


def loan(bank: UUID) -> Encumbrance:
    return Encumbrance("mortgage", bank, amount=Decimal(1_000), currency="AZN", rank=1)


def resurvey(office: Office, parcel: int) -> None:
    """Enter the land anew, as a load of better geometry does."""

    def write(register: Register) -> None:
        old = register.connection.execute(
            text("SELECT version_id FROM cadastre.parcel_version WHERE parcel_id = :parcel"),
            {"parcel": parcel},
        ).scalar_one()
        register.leaf("land.test")
        register.close("cadastre.parcel_version", "version_id", old)
        register.version(parcel, square(40.0 * parcel, 5_000.0, 21.0))

    office._write(write)


CHANGES: dict[str, Callable[[Office, int, str], None]] = {
    "an address": lambda office, here, _: enter_address(office, parcel_of(office, here)),
    "a geometry": lambda office, here, _: resurvey(office, parcel_of(office, here)),
    "a flag at the section": lambda office, _, number: flag(
        office, FlagOrder("address", "Sınaq", register_number=number)
    ),
    "a flag at the parcel": lambda office, here, _: flag(
        office,
        FlagOrder("outline", "Sınaq", cadastral_number=office.state(here).parcels[0].cadastral_number),
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_no_case_has_changed_is_told_too(office: Office, change: str) -> None:
    here, number, by = settled(office)
    settled(office)
    CHANGES[change](office, here, number)
    assert news(office, by) == [number]


def test_another_name_of_the_street_is_told(office: Office) -> None:
    here, number, by = settled(office)
    enter_address(office, parcel_of(office, here))
    assert news(office, by) == [number]
    rename_street(office, parcel_of(office, here))
    assert news(office, by) == [number, number]


def test_a_servitude_is_told_where_it_serves_and_where_it_burdens(office: Office) -> None:
    here, number, by = settled(office)
    there, other, neighbour = settled(office)
    (holder,) = office.people("Sahib qonşu")
    office.register("servitude", GrantRight(here, "servitude", holder, benefits_property_id=there))
    assert news(office, by) == [number]
    assert news(office, neighbour) == [other], "its extract names the servitude, and no case named it"


def test_looks_and_what_happens_elsewhere_are_no_news(office: Office) -> None:
    _, _, by = settled(office)
    elsewhere, number, other = settled(office)
    watched(office, elsewhere, by=COURT)
    enter_address(office, parcel_of(office, elsewhere))
    assert news(office, by) == []
    assert news(office, other) == [number]


def test_a_bank_hears_of_the_end_of_its_mortgage_and_of_nothing_after_it(office: Office) -> None:
    (owner,) = office.people("Sahib")
    here = office.section({owner: (1, 1)}, side_m=20.0)
    number = office.state(here).register_number
    bank = office._write(lambda register: register.party("Bank", kind="legal", voen=VOEN))
    office.register("mortgage", RegisterMortgage(here, loan(bank)))
    by = Caller("bank-watching", CallerRole.BANK, "Bank", voen=VOEN)
    watched(office, here, by=by)
    enter_address(office, parcel_of(office, here))
    assert news(office, by) == [number]
    (mortgage,) = office.state(here).restrictions
    office.register("mortgage_discharge", EndEntry(here, restriction_id=mortgage.restriction_id))
    assert news(office, by) == [number, number]
    rename_street(office, parcel_of(office, here))
    assert news(office, by) == [number, number], "it stands there no more"


def test_a_large_portfolio_is_told_in_parts(office: Office) -> None:
    by = Caller("court-of-many", CallerRole.COURT, "Sınaq məhkəməsi")
    (owner,) = office.people("Sahib")
    sections = [office.section({owner: (1, 1)}, side_m=20.0) for _ in range(5)]
    watched(office, *sections, by=by)
    for each in sections:
        enter_address(office, parcel_of(office, each))
    follow(office, most=2)
    assert sorted(news(office, by)) == sorted(office.state(each).register_number for each in sections)


def test_no_entry_of_an_extract_is_overlooked(office: Office) -> None:
    """Whatever leaf an extract rests on leads back to its section."""

    def read(uow: object) -> None:
        connection = uow.connection  # type: ignore[attr-defined]
        sections = connection.execute(
            text("SELECT DISTINCT property_id FROM registry.property_watch")
        ).scalars()
        for section in list(sections):
            for leaf in list_leaves_of_extract(connection, section, AddressBook()):
                assert section in list_candidates(connection, [leaf], section - 1, 1), (section, leaf)

    office.database.run(read, isolation=Isolation.READ_COMMITTED)
