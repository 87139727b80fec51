"""What the desks refuse rather than sign, and what a look at a property waits for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text

from cadastre.db.unit_of_work import UnitOfWork
from cadastre.domain.caller import Caller, CallerRole, may_request_extracts
from cadastre.domain.codelist import load_codelist
from cadastre.domain.property import PropertyView
from cadastre.kernel.clock import FixedClock
from cadastre.kernel.errors import InvalidInput, NotFound, RuleBroken
from cadastre.services.extracts import ExtractDesk
from cadastre.services.ledger_clock import LedgerBusy, sequence
from cadastre.services.parcels import get_parcel
from cadastre.services.properties import get_property_view, look_at_property
from tests.cadastre.services.conftest import Office
from tests.cadastre.services.test_extracts import NOTARY, NUMBER, REQUEST, found, write
from tests.register import DAY, Register, square

TODAY = date(2026, 5, 4)
BANK = Caller("bank-1", CallerRole.BANK, "Sınaq Bankı", voen="9900000011")


def view(office: Office, caller: Caller = NOTARY) -> PropertyView:
    return get_property_view(office.database, NUMBER, caller=caller, purpose="disposal", today=TODAY)


def count_leaves(office: Office, kind: str) -> int:
    return office.database.run(
        lambda uow: uow.connection.execute(
            text("SELECT count(*) FROM ledger.leaf WHERE kind = :kind"), {"kind": kind}
        ).scalar_one()
    )


class TestRefusals:
    @pytest.mark.parametrize("kind", ["extract", "certificate"])
    def test_an_arrest_without_a_right_is_never_not_in_the_register(self, office: Office, kind: str) -> None:
        def fill(register: Register) -> None:
            register.restriction(register.property(NUMBER, register.parcel("KX-1", square(0, 0))), "arrest")

        write(office, fill)
        with pytest.raises(RuleBroken, match="Restrictions stand") as refused:
            office.desk.issue(replace(REQUEST, kind=kind), NOTARY)  # type: ignore[arg-type]
        assert refused.value.code == "property-without-rights"
        assert count_leaves(office, "extract.requested") == 1
        assert count_leaves(office, "extract.issued") == 0

    def test_ownership_of_two_wholes_is_not_signed(self, office: Office) -> None:
        """A right that has not ended yet is in force, though nobody counts it as open-ended."""

        def fill(register: Register) -> None:
            owned = found(register)
            heir = register.party("Sınaq Vərəsə")
            register.connection.execute(
                text("""INSERT INTO cadastre.property_right
                            (property_id, kind, party_id, share_numerator, share_denominator, joint,
                             registration_number, registration_date, valid_from, valid_to, case_id, source_id,
                             recorded_leaf)
                        VALUES (:property, 'ownership', :party, 1, 1, false, '2324999999', :day, :day, :until,
                                :case, :source, :leaf)"""),
                {
                    "property": owned,
                    "party": heir,
                    "case": register.decision_about(owned),
                    "source": register.basis_of(register.decision_about(owned)),
                    "day": DAY,
                    "until": date(2025, 1, 1),
                    "leaf": register.leaf(),
                },
            )

        write(office, fill)
        then = ExtractDesk(replace(office.desk.parts, clock=FixedClock(datetime(2024, 12, 1, tzinfo=UTC))))
        with pytest.raises(RuleBroken) as refused:
            then.issue(REQUEST, NOTARY)
        assert refused.value.code == "ownership-contradictory"
        assert count_leaves(office, "extract.issued") == 0
        assert office.desk.issue(REQUEST, NOTARY).statement["state"]["historic"] is False
        past = office.desk.issue(replace(REQUEST, as_of=date(2024, 12, 1)), NOTARY).statement
        assert (past["state"]["historic"], len(past["rights"][0]["holders"])) == (True, 2)

    @pytest.mark.parametrize("bad", ["\u202e", "\u200b", "\u00ad", "\n", "\x07", "\ufeff"])
    def test_what_is_hidden_in_a_text_is_refused_by_field(self, office: Office, bad: str) -> None:
        for order, caller, field in (
            (replace(REQUEST, basis=f"Ərizə{bad} № 1"), NOTARY, "basis"),
            (REQUEST, replace(NOTARY, name=f"Sınaq{bad} Notariusu"), "name"),
        ):
            with pytest.raises(InvalidInput) as refused:
                office.desk.issue(order, caller)
            assert refused.value.facts["field"] == field
            assert f"The {field} has" in refused.value.message

    def test_an_overlong_basis_is_refused(self, office: Office) -> None:
        with pytest.raises(InvalidInput, match="basis"):
            office.desk.issue(replace(REQUEST, basis="ə" * 301), NOTARY)


class TestCapacities:
    def test_a_bank_gets_the_extract_of_what_is_mortgaged_to_it(self, office: Office) -> None:
        def fill(register: Register) -> None:
            bank = register.party("Sınaq Bankı", kind="legal", voen="9900000011")
            register.restriction(found(register), "mortgage", bank, rank=1, amount=1, currency="AZN")

        write(office, fill)
        order = replace(REQUEST, capacity="mortgagee")
        issued = office.desk.issue(order, BANK)
        assert issued.statement["request"]["capacity"]["label"]["az"] == "İpoteka saxlayan"
        with pytest.raises(NotFound):
            office.desk.issue(order, replace(BANK, voen="9900000029"))

    @pytest.mark.parametrize("role", [r for r in CallerRole if may_request_extracts(Caller("x", r, "x"))])
    def test_every_role_that_may_ask_has_a_capacity_to_ask_in(self, role: CallerRole) -> None:
        capacities = load_codelist("applicant_capacities").entries_at(TODAY)
        assert [c.code for c in capacities if role.value in c.texts("roles")]


class TestLooks:
    def test_the_newest_entry_is_seen_though_nobody_numbered_it(self, office: Office) -> None:
        owned = write(office, found)
        sequence(office.database)
        write(office, lambda r: r.restriction(owned, "arrest"))
        assert [r.kind for r in view(office).restrictions] == ["arrest"]

    def test_an_unnumbered_entry_is_not_passed_over_in_silence(self, office: Office) -> None:
        owned = write(office, found)
        sequence(office.database)

        def look(register: Register) -> None:
            register.restriction(owned, "arrest")  # in the same transaction: no index yet
            uow = UnitOfWork(register.connection)
            look_at_property(uow, NUMBER, NOTARY, "disposal", TODAY)

        with pytest.raises(LedgerBusy) as busy:
            write(office, look)
        assert busy.value.code == "ledger-busy"

    def test_a_look_at_nothing_is_written_down_too(self, office: Office) -> None:
        with pytest.raises(NotFound):
            view(office)
        assert count_leaves(office, "access.property") == 1

    @pytest.mark.parametrize("written", ["ok13", " OK13 ", "Ok13"])
    def test_a_parcel_is_found_however_its_number_is_typed(self, office: Office, written: str) -> None:
        write(office, lambda r: r.parcel("OK13", square(0, 0)))
        parcel = office.database.read(lambda uow: get_parcel(uow, written))
        assert parcel.cadastral_number == "OK13"
        assert parcel.valid_from == DAY
