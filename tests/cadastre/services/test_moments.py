"""Extracts of a past moment: called historic, with the address of that moment, for today's holders only."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text

from cadastre.domain.caller import PUBLIC
from cadastre.kernel.errors import InvalidInput, NotFound
from cadastre.services.extract_decision import Decision
from cadastre.services.ledger_clock import LedgerBusy, run_when_numbered, sequence
from cadastre.store.ledger import get_recorded_time
from cadastre.store.properties import find_property_id
from cadastre.store.property_leaves import list_leaves_of_property, list_objects_of_property
from tests.cadastre.extract.test_pdf import text_of
from tests.cadastre.services.conftest import Office
from tests.cadastre.services.test_extracts import NOTARY, NUMBER, OWNER, REQUEST, found, write
from tests.cadastre.services.test_unit_extracts import enter_flat
from tests.register import DAY, Register

BANNER = "TARİXİ VƏZİYYƏT"


@pytest.fixture
def owned(office: Office) -> int:
    return write(office, found)


def enter_address(register: Register, number: str, street: str = "Nərgiz", until: date | None = None) -> str:
    """Give the land of the property a door on a street; the key of the entrance."""
    leaf = register.leaf()
    street_id = register.connection.execute(
        text("""INSERT INTO address.street (district_code, kind, name_az, valid_from, recorded_leaf)
                VALUES ('BAK-XEZ', 'kuce', :name, :day, :leaf) RETURNING street_id"""),
        {"name": street, "day": DAY, "leaf": leaf},
    ).scalar_one()
    return str(
        register.connection.execute(
            text("""INSERT INTO address.entrance (street_id, number, parcel_id, valid_from, valid_to, recorded_leaf,
                                                  geom)
                    SELECT :street, :number, parcel_id, :day, :until, :leaf,
                           ST_SetSRID(ST_MakePoint(425010, 4480010), 32639) FROM cadastre.parcel
                    RETURNING entrance_id"""),
            {"street": street_id, "number": number, "day": DAY, "until": until, "leaf": leaf},
        ).scalar_one()
    )


def move(register: Register, entrance_id: str) -> None:
    """Close the door and open another one on another street."""
    register.close("address.entrance", "entrance_id", entrance_id)  # type: ignore[arg-type]
    enter_address(register, "99", "Lalə")


class TestHistoric:
    def test_a_past_index_is_called_historic_with_its_instant(self, office: Office, owned: int) -> None:
        first = office.desk.issue(REQUEST, NOTARY).statement["state"]
        write(office, lambda r: r.restriction(owned, "arrest"))
        index = first["ledger_index"]
        issued = office.desk.issue(replace(REQUEST, known_at=index), NOTARY)
        recorded = office.database.run(lambda uow: get_recorded_time(uow.connection, index))
        state = issued.statement["state"]
        assert (first["historic"], state["historic"]) == (False, True)
        assert datetime.fromisoformat(state["recorded_time"]) == recorded
        assert state["valid_time"] == "2026-05-04T00:00:00.000000+04:00"
        assert BANNER in text_of(issued.pdf)

    def test_a_past_day_is_called_historic_also_when_nothing_is_there(
        self, office: Office, owned: int
    ) -> None:
        for number in (NUMBER, "999999999999"):
            order = replace(REQUEST, register_number=number, as_of=date(2025, 1, 1))
            issued = office.desk.issue(order, NOTARY)
            assert issued.statement["state"]["historic"] is True
            assert issued.statement["state"]["valid_time"] == "2025-01-01T00:00:00.000000+04:00"
            printed = text_of(issued.pdf)
            assert BANNER in printed
            assert "bugünkü hüquqları" in printed

    def test_today_by_name_is_not_historic(self, office: Office, owned: int) -> None:
        issued = office.desk.issue(replace(REQUEST, as_of=date(2026, 5, 4)), NOTARY)
        state = issued.statement["state"]
        assert state["historic"] is False
        assert datetime.fromisoformat(state["valid_time"]) == office.clock.now().astimezone(UTC)
        assert BANNER not in text_of(issued.pdf)

    @pytest.mark.parametrize("day", [date.min, date(1899, 12, 31)])
    def test_days_before_1900_are_refused_by_name(self, office: Office, owned: int, day: date) -> None:
        with pytest.raises(InvalidInput) as refused:
            office.desk.issue(replace(REQUEST, as_of=day), NOTARY)
        assert refused.value.code == "moment-too-early"


class TestAddress:
    def test_it_is_the_one_of_the_moment_and_its_change_supersedes(self, office: Office, owned: int) -> None:
        entrance = write(office, lambda r: enter_address(r, "12"))
        issued = office.desk.issue(REQUEST, NOTARY)
        first = issued.statement
        assert first["property"]["address"]["az"].startswith("Nərgiz küçəsi 12,")
        assert office.verification.verify_pdf(issued.pdf, PUBLIC).verdict == "AUTHENTIC"
        write(office, lambda r: move(r, entrance))
        assert office.verification.verify_pdf(issued.pdf, PUBLIC).verdict == "SUPERSEDED"
        assert office.verification.public_summary(issued.verify_token).verdict == "SUPERSEDED"
        past = replace(REQUEST, known_at=first["state"]["ledger_index"])
        assert (
            office.desk.issue(past, NOTARY).statement["property"]["address"] == first["property"]["address"]
        )
        now = office.desk.issue(REQUEST, NOTARY).statement["property"]["address"]["az"]
        assert now.startswith("Lalə küçəsi 99,")

    def test_after_its_last_day_there_is_none(self, office: Office, owned: int) -> None:
        write(office, lambda r: enter_address(r, "12", until=date(2025, 1, 1)))
        now = office.desk.issue(REQUEST, NOTARY).statement
        then = office.desk.issue(replace(REQUEST, as_of=date(2024, 12, 31)), NOTARY).statement
        assert now["property"]["address"] is None
        assert then["property"]["address"]["az"].startswith("Nərgiz küçəsi 12,")

    def test_an_unnumbered_change_of_address_makes_the_desk_wait(self, office: Office, owned: int) -> None:
        sequence(office.database)

        def decide(register: Register) -> None:
            enter_address(register, "12")  # in the same transaction, so it cannot have an index yet
            Decision(office.desk.parts, register.connection, REQUEST, NOTARY).make()

        with pytest.raises(LedgerBusy):
            write(office, decide)


class TestWhoseMoment:
    def test_a_former_owner_gets_nothing_not_even_of_his_own_time(self, office: Office, owned: int) -> None:
        index = office.desk.issue(REQUEST, NOTARY).statement["state"]["ledger_index"]

        def sell(register: Register) -> None:
            register.close("cadastre.property_right", "property_id", owned)
            register.right(owned, register.party("Sınaq Alıcı", fin="ZZ00009"))

        write(office, sell)
        past = replace(REQUEST, capacity="owner", known_at=index)
        with pytest.raises(NotFound):
            office.desk.issue(past, OWNER)
        buyer = replace(OWNER, subject="owner-9", fin="ZZ00009")
        statement = office.desk.issue(past, buyer).statement
        assert statement["rights"][0]["holders"][0]["party"]["name"] == "Sınaq Sahib"


def test_the_leaves_of_a_flat_are_those_of_its_building_and_land_too(office: Office) -> None:
    write(office, enter_flat)
    issued = office.desk.issue(REQUEST, NOTARY)
    for table, key, value in (
        ("cadastre.parcel_version", "address_text IS NULL AND parcel_id > ", 0),
        ("cadastre.building", "building_number <> 'x' AND building_id > ", 0),
    ):
        leaf = write(office, lambda r, t=table, k=key, v=value: _close(r, t, f"{k}{v}"))  # type: ignore[misc]

        def leaves(uow):  # type: ignore[no-untyped-def]
            owned = find_property_id(uow.connection, NUMBER)
            return list_leaves_of_property(
                uow.connection, owned, list_objects_of_property(uow.connection, owned)
            )

        assert leaf in office.database.run(leaves), table
        assert office.verification.verify_pdf(issued.pdf, PUBLIC).verdict == "SUPERSEDED"


def _close(register: Register, table: str, where: str) -> int:
    leaf = register.leaf()
    register.connection.execute(
        text(f"UPDATE {table} SET superseded_leaf = :leaf WHERE {where}"),
        {"leaf": leaf},
    )
    return leaf


def test_a_building_is_the_one_that_stood_at_the_moment(office: Office) -> None:
    write(office, enter_flat)
    first = office.desk.issue(REQUEST, NOTARY).statement
    write(office, lambda r: _close(r, "cadastre.building", "true"))
    now = office.desk.issue(REQUEST, NOTARY).statement
    past = office.desk.issue(replace(REQUEST, known_at=first["state"]["ledger_index"]), NOTARY).statement
    assert past["property"]["unit"] == first["property"]["unit"]
    assert now["property"]["unit"] is None, "a building that no longer stands is not described"


def test_whoever_waits_for_the_ledger_keeps_nothing_when_it_stays_busy(office: Office) -> None:
    def work(uow: object) -> None:
        raise LedgerBusy("busy")

    with pytest.raises(LedgerBusy) as refused:
        run_when_numbered(office.database, work, patience_s=0.1)
    assert refused.value.code == "ledger-busy"


def test_an_instant_is_the_state_that_was_known_then(office: Office, owned: int) -> None:
    first = office.desk.issue(REQUEST, NOTARY).statement
    instant = write(office, lambda r: r.connection.execute(text("SELECT clock_timestamp()")).scalar_one())
    write(office, lambda r: r.restriction(owned, "arrest"))
    sequence(office.database)
    past = office.desk.issue(replace(REQUEST, known_at=instant), NOTARY).statement
    assert (past["state"]["historic"], past["restrictions"]) == (True, [])
    assert past["rights"] == first["rights"]
    assert len(office.desk.issue(REQUEST, NOTARY).statement["restrictions"]) == 1
