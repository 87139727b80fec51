"""Cases on their way to a decision in a real database: other eyes, notices, rest, all at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from cadastre.domain.caller import Caller, CallerRole
from cadastre.domain.case import CaseState, StepKind
from cadastre.domain.filing import CasePartyRole, NamedDocument, NamedParty, NamedProperty
from cadastre.domain.party import PartyKind
from cadastre.domain.service import Money
from cadastre.domain.share import WHOLE
from cadastre.kernel.errors import CadastreError, Denied, InvalidInput, RuleBroken, StaleVersion
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
    Counter,
    broken,
    kinds,
    refused,
)


class TestDecision:
    def test_a_sale_from_counter_to_register(self, counter: Counter) -> None:
        property_id = counter.section(ONE)
        case_id = counter.prepared(counter.sale(ONE))
        done = counter.step(case_id, StepKind.REGISTER, DECIDER)
        assert done.state is CaseState.REGISTERED
        assert len(done.registration_numbers) == 1
        assert counter.owners(property_id) == [BUYER.name]
        view = counter.view(case_id)
        assert kinds(view) == ["receive", "accept", "assign", "prepare", "register"]
        assert view.registration_numbers == done.registration_numbers
        assert view.fee == Money(Decimal("30.00"))
        assert view.case.closed_leaf is not None

    def test_whoever_prepared_neither_registers_nor_refuses(self, counter: Counter) -> None:
        counter.section(ONE)
        case_id = counter.prepared(counter.sale(ONE))
        with refused(Denied, "four-eyes"):
            counter.step(case_id, StepKind.REGISTER, PREPARER)
        with refused(Denied, "four-eyes"):
            counter.step(case_id, StepKind.REFUSE, PREPARER, ground="not_entitled", reason="x")
        back = counter.step(case_id, StepKind.SEND_BACK, DECIDER, reason="Pay göstərilməyib.")
        assert back.state is CaseState.ASSIGNED

    def test_only_the_officer_it_was_given_to_prepares(self, counter: Counter) -> None:
        counter.section(ONE)
        case_id = counter.file(counter.sale(ONE)).case_id
        with refused(RuleBroken, "case-step-impossible"):
            counter.step(case_id, StepKind.PREPARE, PREPARER)
        counter.step(case_id, StepKind.ASSIGN, CHIEF, assignee=PREPARER.subject)
        with refused(Denied, "not-your-case"):
            counter.step(case_id, StepKind.PREPARE, DECIDER)

    def test_nobody_registers_what_nobody_prepared(self, counter: Counter) -> None:
        counter.section(ONE)
        case_id = counter.file(counter.sale(ONE)).case_id
        with refused(RuleBroken, "case-step-impossible"):
            counter.step(case_id, StepKind.REGISTER, DECIDER)

    def test_an_earlier_case_comes_first(self, counter: Counter) -> None:
        counter.section(ONE)
        earlier, later = counter.prepared(counter.sale(ONE)), counter.prepared(counter.sale(ONE))
        with broken("earlier-case-open"):
            counter.step(later, StepKind.REGISTER, DECIDER)
        counter.step(earlier, StepKind.WITHDRAW, NOTARY)
        assert counter.step(later, StepKind.REGISTER, DECIDER).state is CaseState.REGISTERED

    def test_a_stale_view_of_the_case_is_refused(self, counter: Counter) -> None:
        counter.section(ONE)
        case_id = counter.prepared(counter.sale(ONE))
        with refused(StaleVersion, "stale-version"):
            counter.step(case_id, StepKind.REGISTER, DECIDER, seen=2)

    def test_an_arrest_needs_one_officer_and_stops_the_sale(self, counter: Counter) -> None:
        counter.section(ONE)
        sale = counter.prepared(counter.sale(ONE))
        ruling = NamedDocument(counter.paper("court_ruling", COURT), "basis")
        order = counter.sale(
            ONE, service="arrest", capacity="court", parties=(), documents=(ruling,), terms={"authority": "M"}
        )
        arrest = counter.file(order, COURT)
        assert arrest.deadline.due_on == date(2026, 5, 4)
        arrested = counter.step(arrest.case_id, StepKind.REGISTER, PREPARER)
        assert arrested.state is CaseState.REGISTERED, "one officer, and it waits for no earlier case"
        with broken("arrest-blocks"):
            counter.step(sale, StepKind.REGISTER, DECIDER)
        assert counter.view(sale).state is CaseState.PREPARED

    def test_a_mortgage_and_its_discharge(self, counter: Counter) -> None:
        counter.section(ONE)
        lender = NamedParty(
            CasePartyRole.MORTGAGEE,
            PartyKind.LEGAL,
            "Sınaq Bank",
            voen="1401555071",
            represented_by="7AB2C3D",
        )
        signatory = NamedParty(CasePartyRole.AGENT, PartyKind.NATURAL, "Kamran Əliyev", fin="7AB2C3D")
        debtor = NamedParty(CasePartyRole.MORTGAGOR, PartyKind.NATURAL, SELLER.name, fin=SELLER.fin)
        contract = (NamedDocument(counter.paper("mortgage_contract", BANK), "basis"),)
        order = counter.sale(
            ONE,
            service="mortgage",
            capacity="mortgagee",
            parties=(debtor, lender, signatory),
            documents=contract,
            terms={"amount": "50000.00", "currency": "AZN", "until": "2036-05-04"},
        )
        counter.mandate("company_signatory", lender, signatory)
        case_id = counter.file(order, BANK).case_id
        counter.step(case_id, StepKind.ASSIGN, CHIEF, assignee=PREPARER.subject)
        counter.step(case_id, StepKind.PREPARE, PREPARER)
        (number,) = counter.step(case_id, StepKind.REGISTER, DECIDER).registration_numbers
        stranger = Caller("bank-2", CallerRole.BANK, "Başqa Bank", voen="1700000011")
        for other in (stranger, replace(stranger, voen=None)):
            theirs = (NamedDocument(counter.paper("mortgage_contract", other), "basis"),)
            forged = counter.sale(
                ONE,
                service="mortgage_discharge",
                capacity="mortgagee",
                parties=(),
                documents=theirs,
                terms={"registration_number": number},
            )
            with refused(Denied, "not-own-mortgage"):
                counter.file(forged, other)
        discharge = counter.file(
            counter.sale(
                ONE,
                service="mortgage_discharge",
                capacity="mortgagee",
                parties=(lender, signatory),
                documents=(NamedDocument(counter.paper("mortgage_contract", BANK), "basis"),),
                terms={"registration_number": number},
            ),
            BANK,
        )
        assert discharge.fee == Money(Decimal("0.00"))
        assert counter.step(discharge.case_id, StepKind.REGISTER, PREPARER).state is CaseState.REGISTERED

    def test_a_company_without_signatory_and_a_forged_agent_are_stopped(self, counter: Counter) -> None:
        counter.section(ONE)
        firm = NamedParty(
            CasePartyRole.ACQUIRER, PartyKind.LEGAL, "Sınaq MMC", voen="1401555071", share=WHOLE
        )
        case_id = counter.prepared(counter.sale(ONE, parties=(SELLER, firm)))
        with broken("signatory-of-company"):
            counter.step(case_id, StepKind.REGISTER, DECIDER)
        unknown = replace(firm, represented_by="7AB2C3D")
        with refused(InvalidInput, "party-not-named"):
            counter.file(counter.sale(ONE, parties=(SELLER, unknown)))

    def test_findings_of_intake_are_told_and_stop_nothing(self, counter: Counter) -> None:
        counter.section(ONE)
        firm = NamedParty(
            CasePartyRole.ACQUIRER, PartyKind.LEGAL, "Sınaq MMC", voen="1401555071", share=WHOLE
        )
        filed = counter.file(counter.sale(ONE, parties=(SELLER, firm)))
        assert filed.report is not None
        assert {finding.rule for finding in filed.report.findings} == {"signatory-of-company"}
        assert filed.state is CaseState.ACCEPTED
        behind = counter.file(counter.sale(ONE))
        assert behind.report is not None
        assert {finding.rule for finding in behind.report.findings} == {"earlier-case-open"}


class TestNotices:
    def test_a_case_stands_at_the_place_of_its_notice_and_uses_it(self, counter: Counter) -> None:
        property_id = counter.section(ONE)
        rival = counter.file(counter.sale(ONE))
        counter.step(rival.case_id, StepKind.WITHDRAW, NOTARY)
        notice, queued = counter.write(lambda register: register.notice(property_id, NOTARY.subject))
        assert queued == 1
        held = (NamedProperty(ONE, notice_id=notice),)
        returned = counter.file(counter.sale(ONE, properties=held, documents=()))
        assert returned.state is CaseState.RETURNED
        other = Caller("notary-2", NOTARY.role, "x")
        theirs = (NamedDocument(counter.paper("sale_contract", other), "basis"),)
        with refused(RuleBroken, "priority-taken"):
            counter.file(counter.sale(ONE, documents=theirs), other)
        with refused(RuleBroken, "notice-not-in-force"):
            counter.file(counter.sale(ONE, properties=held, documents=theirs), other)
        case_id = counter.prepared(counter.sale(ONE, properties=held))
        view = counter.view(case_id)
        assert view.properties[0].place < view.case.journal_number
        with refused(RuleBroken, "notice-not-in-force"):
            counter.file(counter.sale(ONE, properties=held))
        assert counter.step(case_id, StepKind.REGISTER, DECIDER).state is CaseState.REGISTERED


class TestAtOnce:
    def test_many_file_at_once_and_the_journal_has_no_gap(self, counter: Counter) -> None:
        numbers = [f"2030150001{n:02d}" for n in range(4)]
        for number in numbers:
            counter.section(number)
        orders = [counter.sale(numbers[n % 4]) for n in range(24)]
        with ThreadPoolExecutor(8) as pool:
            filed = list(pool.map(counter.file, orders))
        first = min(case.journal_number for case in filed)
        assert sorted(case.journal_number for case in filed) == list(range(first, first + 24))
        by_arrival = sorted(filed, key=lambda case: case.received_at)
        assert [case.journal_number for case in by_arrival] == list(range(first, first + 24))
        assert counter.parties() == 2, "seller and buyer, each once"

    def test_one_case_is_decided_once(self, counter: Counter) -> None:
        property_id = counter.section(ONE)
        case_id = counter.prepared(counter.sale(ONE))

        def decide(by: Caller) -> str:
            try:
                return counter.step(case_id, StepKind.REGISTER, by, seen=4).state.value
            except CadastreError as error:
                return error.code

        officers = [Caller(f"officer-{n}", CHIEF.role, "x") for n in range(6)]
        with ThreadPoolExecutor(6) as pool:
            outcomes = sorted(pool.map(decide, officers))
        assert outcomes.count("registered") == 1
        assert set(outcomes) <= {
            "registered",
            "stale-version",
            "case-moved-meanwhile",
            "case-step-impossible",
        }
        assert counter.owners(property_id) == [BUYER.name]


class TestSuspension:
    def test_at_most_a_month_with_reasons_and_notice_in_48_hours(self, counter: Counter) -> None:
        counter.section(ONE)
        case_id = counter.file(counter.sale(ONE)).case_id
        with refused(InvalidInput, "ground-missing"):
            counter.step(case_id, StepKind.SUSPEND, CHIEF, reason="x")
        with refused(InvalidInput, "unknown-ground"):
            counter.step(case_id, StepKind.SUSPEND, CHIEF, ground="mood", reason="x")
        with refused(InvalidInput, "reason-missing"):
            counter.step(case_id, StepKind.SUSPEND, CHIEF, ground="serious_doubt", reason="  ")
        with refused(InvalidInput, "suspension-too-long"):
            counter.step(
                case_id, StepKind.SUSPEND, CHIEF, ground="serious_doubt", reason="x", until=date(2026, 6, 5)
            )
        step = counter.step(
            case_id, StepKind.SUSPEND, CHIEF, ground="serious_doubt", reason="İmza fərqlidir."
        )
        assert step.state is CaseState.SUSPENDED
        assert step.due_on == date(2026, 6, 4)
        assert step.notify_by == counter.clock.now() + timedelta(hours=48)
        assert step.ground == "serious_doubt: İmza fərqlidir."
        assert counter.step(case_id, StepKind.RESUME, CHIEF).state is CaseState.ACCEPTED
        with refused(RuleBroken, "suspension-repeated"):
            counter.step(case_id, StepKind.SUSPEND, CHIEF, ground="serious_doubt", reason="x")
        assert counter.step(case_id, StepKind.SUSPEND, CHIEF, ground="inquiry", reason="x").due_on

    def test_a_suspended_case_keeps_its_place_and_is_refused_on_a_legal_ground(
        self, counter: Counter
    ) -> None:
        counter.section(ONE)
        earlier, later = counter.prepared(counter.sale(ONE)), counter.prepared(counter.sale(ONE))
        counter.step(earlier, StepKind.SUSPEND, CHIEF, ground="serious_doubt", reason="x")
        with broken("earlier-case-open"):
            counter.step(later, StepKind.REGISTER, DECIDER)
        with refused(InvalidInput, "unknown-ground"):
            counter.step(earlier, StepKind.REFUSE, DECIDER, ground="serious_doubt", reason="x")
        done = counter.step(
            earlier, StepKind.REFUSE, DECIDER, ground="forged_documents", reason="Ekspert rəyi."
        )
        assert done.state is CaseState.REFUSED
        assert counter.step(later, StepKind.REGISTER, DECIDER).state is CaseState.REGISTERED
        with refused(RuleBroken, "case-step-impossible"):
            counter.step(earlier, StepKind.RESUME, CHIEF)
