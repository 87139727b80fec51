"""Cases in a real database: journal, completeness, terms over Novruz, fees, suspension, other eyes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import uuid4

import pytest

from cadastre.db.unit_of_work import Database
from cadastre.domain.caller import Caller, CallerRole
from cadastre.domain.case import CaseState, StepKind
from cadastre.domain.filing import CasePartyRole, NamedDocument, NamedParty, NamedProperty
from cadastre.domain.party import PartyKind
from cadastre.domain.service import Money
from cadastre.kernel.clock import FixedClock
from cadastre.kernel.errors import CadastreError, Denied, InvalidInput, NotFound, RuleBroken, StaleVersion
from cadastre.services.cases import CaseFilter
from cadastre.services.territories import CompetenceKind, Territory, end_territory, give_territory
from tests.cadastre.services.counter import (
    BANK,
    BUYER,
    CHIEF,
    COURT,
    DECIDER,
    NOTARY,
    ONE,
    PREPARER,
    SELLER,
    TWO,
    Counter,
    kinds,
    refused,
)
from tests.database import Database as MigratedCopy


class TestFiling:
    def test_the_journal_entry_is_the_answer(self, counter: Counter) -> None:
        property_id = counter.section(ONE)
        filed = counter.file(counter.sale(ONE, version=counter.version(property_id)))
        assert filed.state is CaseState.ACCEPTED
        assert filed.fee == Money(Decimal("30.00"))
        assert filed.properties[0].place == filed.journal_number
        view = counter.view(filed.case_id)
        assert kinds(view) == ["receive", "accept"]
        assert [step.fee for step in view.steps] == [Decimal("0.00"), Decimal("30.00")]
        assert all(step.duration_s >= 0 for step in view.steps)
        assert (view.case.channel, view.case.office_code) == ("notary", "23")
        assert {(p.role, p.name) for p in view.parties} == {
            ("disposer", SELLER.name),
            ("acquirer", BUYER.name),
        }
        assert [document.role for document in view.documents] == ["basis"]

    def test_the_journal_has_no_gap_and_keeps_the_order_of_arrival(self, counter: Counter) -> None:
        counter.section(ONE)
        first = counter.file(counter.sale(ONE))
        with refused(NotFound, "property-not-found"):
            counter.file(counter.sale(TWO))
        with refused(StaleVersion, "stale-version"):
            counter.file(counter.sale(ONE, version=99))
        second = counter.file(counter.sale(ONE))
        assert second.journal_number == first.journal_number + 1
        assert second.received_at >= first.received_at

    def test_an_incomplete_application_is_entered_and_returned(self, counter: Counter) -> None:
        counter.section(ONE)
        deed = NamedDocument(counter.paper("gift_contract"), "basis")
        filed = counter.file(counter.sale(ONE, documents=(deed,)))
        assert filed.state is CaseState.RETURNED
        assert filed.missing_documents == ("basis",)
        assert filed.fee == Money(Decimal("0.00"))
        view = counter.view(filed.case_id)
        assert kinds(view) == ["receive", "return"]
        assert view.steps[-1].ground == "documents_missing: basis"
        complete = counter.prepared(counter.sale(ONE))
        assert counter.step(complete, StepKind.REGISTER, DECIDER).state is CaseState.REGISTERED

    def test_people_are_known_by_their_numbers_and_holders_by_their_names(self, counter: Counter) -> None:
        nameless = NamedParty(CasePartyRole.DISPOSER, PartyKind.NATURAL, "Мамедов Али")
        counter.section(ONE, owner=nameless)
        known = counter.parties()
        counter.file(counter.sale(ONE, parties=(nameless, BUYER)))
        counter.file(counter.sale(ONE, parties=(nameless, BUYER)))
        assert counter.parties() == known + 1, "only the buyer is new, and he once"

    def test_a_known_number_keeps_its_record_and_the_difference_is_told(self, counter: Counter) -> None:
        counter.section(ONE)
        spelt = replace(SELLER, name="Ali Mamedov", voen="1401555071")
        filed = counter.file(counter.sale(ONE, parties=(spelt, BUYER)))
        assert filed.warnings == ("party-name-differs", "party-number-not-added")
        assert {party.name for party in counter.view(filed.case_id).parties} == {SELLER.name, BUYER.name}

    def test_numbers_of_two_parties_are_not_of_one(self, counter: Counter) -> None:
        counter.section(ONE)
        firm = NamedParty(CasePartyRole.CONSENTING, PartyKind.LEGAL, "Sınaq MMC", voen="1401555071")
        counter.file(counter.sale(ONE, parties=(SELLER, BUYER, firm)))
        mixed = replace(SELLER, voen="1401555071")
        with refused(RuleBroken, "party-numbers-conflict"):
            counter.file(counter.sale(ONE, parties=(mixed, BUYER)))

    def test_doubtful_numbers_are_warned_about(self, counter: Counter) -> None:
        counter.section(ONE)
        letter = NamedParty(CasePartyRole.ACQUIRER, PartyKind.NATURAL, "Leyla Həsənova", fin="6ABOC3D")
        filed = counter.file(counter.sale(ONE, parties=(SELLER, letter)))
        assert "fin-letter-o-read-as-zero" in filed.warnings

    def test_a_faster_tier_costs_more_and_ends_sooner(self, counter: Counter) -> None:
        counter.section(ONE)
        filed = counter.file(counter.sale(ONE, tier="days_2"))
        assert filed.fee == Money(Decimal("360.00"))
        assert filed.deadline.due_on == date(2026, 5, 6)

    @pytest.mark.parametrize(
        ("change", "error", "code"),
        [
            ({"service": "barter"}, InvalidInput, "unknown-service"),
            ({"service": "division"}, Denied, "service-not-entitled"),
            ({"capacity": "court"}, Denied, "capacity-not-entitled"),
            ({"capacity": "uncle"}, InvalidInput, "unknown-capacity"),
            ({"tier": "days_1"}, InvalidInput, "unknown-tier"),
            ({"properties": ()}, InvalidInput, "property-missing"),
            ({"properties": (NamedProperty(ONE), NamedProperty(ONE))}, InvalidInput, "property-repeated"),
            ({"properties": (NamedProperty("12"),)}, InvalidInput, "register-number-malformed"),
            ({"parties": (SELLER,)}, InvalidInput, "party-missing"),
            ({"documents": (NamedDocument(uuid4(), "basis"),)}, InvalidInput, "unknown-document"),
        ],
    )
    def test_what_is_not_taken_in(
        self, counter: Counter, change: dict[str, object], error: type[CadastreError], code: str
    ) -> None:
        counter.section(ONE)
        with refused(error, code):
            counter.file(counter.sale(ONE, **change))

    def test_names_with_hidden_signs_and_papers_of_tomorrow_are_refused(self, counter: Counter) -> None:
        counter.section(ONE)
        hidden = NamedParty(CasePartyRole.ACQUIRER, PartyKind.NATURAL, "Leyla\x07Həsənova")
        with pytest.raises(InvalidInput, match="U\\+0007"):
            counter.file(counter.sale(ONE, parties=(SELLER, hidden)))
        endless = NamedParty(CasePartyRole.ACQUIRER, PartyKind.NATURAL, "L" * 301)
        with refused(InvalidInput, "text-too-long"):
            counter.file(counter.sale(ONE, parties=(SELLER, endless)))
        future = NamedDocument(counter.paper("sale_contract"), "basis", dated=date(2026, 5, 5))
        with refused(RuleBroken, "document-future-dated"):
            counter.file(counter.sale(ONE, documents=(future,)))

    def test_anothers_document_is_not_ones_own(self, counter: Counter) -> None:
        counter.section(ONE)
        theirs = NamedDocument(counter.paper("sale_contract", COURT), "basis")
        with refused(InvalidInput, "unknown-document"):
            counter.file(counter.sale(ONE, documents=(theirs,)))


class TestTerritory:
    def test_a_notary_with_a_recorded_territory_stays_within(self, counter: Counter) -> None:
        counter.section(ONE)
        counter.section(TWO, district="GA")
        counter.competence("notary", NOTARY.subject, "BAK")
        assert counter.file(counter.sale(ONE)).state is CaseState.ACCEPTED
        with refused(Denied, "outside-competence"):
            counter.file(counter.sale(TWO))

    def test_whose_territories_have_all_ended_acts_nowhere(self, counter: Counter) -> None:
        counter.section(ONE)
        since = Territory(CompetenceKind.NOTARY, NOTARY.subject, "BAK", date(2020, 1, 1))
        number = counter.database.run(lambda uow: give_territory(uow, since, CHIEF))
        assert counter.file(counter.sale(ONE)).state is CaseState.ACCEPTED
        counter.database.run(lambda uow: end_territory(uow, number, date(2026, 5, 4), CHIEF))
        with refused(Denied, "outside-competence"):
            counter.file(counter.sale(ONE))

    def test_distribution_to_whoever_has_least_to_do(self, counter: Counter) -> None:
        counter.section(ONE)
        counter.competence("registrar", PREPARER.subject, "BAK-XEZ")
        counter.competence("registrar", DECIDER.subject, "BAK")
        counter.competence("registrar", "registrar-of-ganja", "GA")
        cases = [counter.file(counter.sale(ONE)).case_id for _ in range(3)]
        given = [counter.step(case_id, StepKind.ASSIGN, CHIEF).assignee for case_id in cases]
        assert given == [PREPARER.subject, DECIDER.subject, PREPARER.subject]

    def test_nobody_recorded_means_the_officer_is_named(self, counter: Counter) -> None:
        counter.section(ONE)
        case_id = counter.file(counter.sale(ONE)).case_id
        with refused(InvalidInput, "assignee-missing"):
            counter.step(case_id, StepKind.ASSIGN, CHIEF)


class TestTerms:
    def test_a_term_over_novruz_and_ramazan(self, fresh_database: MigratedCopy) -> None:
        database = Database(fresh_database.app_url, pool_size=2)
        counter = Counter(database, FixedClock(datetime(2026, 3, 19, 6, tzinfo=UTC)))
        counter.section(ONE)
        contract = (NamedDocument(counter.paper("sale_contract"), "basis"),)
        assert counter.file(counter.sale(ONE, documents=contract)).deadline.due_on == date(2026, 4, 27)
        fast = counter.file(
            counter.sale(
                ONE, tier="days_2", documents=(NamedDocument(counter.paper("sale_contract"), "basis"),)
            )
        )
        assert fast.deadline.due_on == date(2026, 4, 1)
        assert not fast.deadline.is_certain, "not every exchange of 2026 is known"
        database.close()

    def test_midnight_is_that_of_baku(self, fresh_database: MigratedCopy) -> None:
        database = Database(fresh_database.app_url, pool_size=2)
        counter = Counter(database, FixedClock(datetime(2025, 8, 4, 20, 30, tzinfo=UTC)))
        counter.section(ONE)
        papers = (NamedDocument(counter.paper("sale_contract"), "basis"),)
        filed = counter.file(counter.sale(ONE, tier="days_2", documents=papers))
        assert filed.deadline.due_on == date(2025, 8, 7), "received on the 5th"
        assert filed.deadline.is_certain
        database.close()


class TestWhoSees:
    def test_applicant_office_and_parties_see_it_others_do_not(self, counter: Counter) -> None:
        counter.section(ONE)
        case_id = counter.file(counter.sale(ONE)).case_id
        buyer = type(NOTARY)("owner-6", type(NOTARY.role).OWNER, BUYER.name, fin=BUYER.fin)
        for caller in (NOTARY, CHIEF, buyer):
            assert counter.view(case_id, caller).state is CaseState.ACCEPTED
        for caller in (BANK, COURT, type(NOTARY)("notary-2", NOTARY.role, "x")):
            with refused(NotFound, "case-not-found"):
                counter.view(case_id, caller)

    def test_an_owner_applies_about_what_is_his(self, counter: Counter) -> None:
        counter.section(ONE)
        holder = Caller("owner-5", CallerRole.OWNER, SELLER.name, fin=SELLER.fin)
        other = Caller("owner-6", CallerRole.OWNER, BUYER.name, fin=BUYER.fin)
        parties = (replace(SELLER, role=CasePartyRole.HOLDER), BUYER)
        renaming = {"service": "renaming", "capacity": "owner", "parties": parties}
        messages = set()
        for number in (ONE, TWO):
            with refused(NotFound, "property-not-found") as caught:
                counter.file(counter.sale(number, documents=(), **renaming), other)
            messages.add(str(caught.value).replace(number, "N"))
        assert len(messages) == 1, "nobody learns whether a number is in the register"
        assert counter.file(counter.sale(ONE, documents=(), **renaming), holder).state is CaseState.RETURNED

    def test_only_the_applicant_and_the_office_withdraw(self, counter: Counter) -> None:
        counter.section(ONE)
        case_id = counter.file(counter.sale(ONE)).case_id
        with refused(NotFound, "case-not-found"):
            counter.step(case_id, StepKind.WITHDRAW, BANK)
        with refused(NotFound, "case-not-found"):
            counter.step(case_id, StepKind.ASSIGN, NOTARY, assignee="x")
        assert counter.step(case_id, StepKind.WITHDRAW, NOTARY).state is CaseState.WITHDRAWN

    def test_lists_are_in_the_order_of_the_journal(self, counter: Counter) -> None:
        counter.section(ONE)
        cases = [counter.file(counter.sale(ONE)) for _ in range(3)]
        counter.step(cases[1].case_id, StepKind.ASSIGN, CHIEF, assignee=PREPARER.subject)
        every = counter.cases.list(CaseFilter(after=cases[0].journal_number - 1), CHIEF)
        assert [row.case_id for row in every] == [case.case_id for case in cases]
        mine = counter.cases.list(CaseFilter(assignee=PREPARER.subject), CHIEF)
        assert [row.case_id for row in mine] == [cases[1].case_id]
        waiting = counter.cases.list(CaseFilter(state=CaseState.ACCEPTED, office="23"), NOTARY)
        assert [row.case_id for row in waiting] == [cases[0].case_id, cases[2].case_id]
        assert counter.cases.list(CaseFilter(), BANK) == []
        rest = counter.cases.list(CaseFilter(after=cases[0].journal_number, limit=1), CHIEF)
        assert [row.case_id for row in rest] == [cases[1].case_id]
