"""Places before a property in a real database: taken with the look, queued, renewed, ended, overridden."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from cadastre.db.unit_of_work import Database, Isolation, UnitOfWork
from cadastre.domain.caller import Caller, CallerRole
from cadastre.domain.case import StepKind
from cadastre.domain.filing import NamedDocument, NamedProperty
from cadastre.domain.priority import NoticeTerms, find_notice_terms
from cadastre.kernel.errors import CadastreError, Denied, InvalidInput, NotFound, RuleBroken
from cadastre.services.events import Audience, poll, tell_lapsed
from cadastre.services.ledger_clock import sequence
from cadastre.services.priority import (
    NoticeOrder,
    RefusedNotice,
    TakenNotice,
    release_place,
    renew_place,
    show_place,
    take_place,
)
from tests.cadastre.services.counter import BANK, CHIEF, COURT, DECIDER, NOON, NOTARY, PREPARER, Counter
from tests.database import Database as MigratedCopy

ONE, UNKNOWN = "203015000123", "203015999999"
OTHER = Caller("notary-2", CallerRole.NOTARY, "Rəşad Əliyev")
LAST_MOMENT = datetime(2026, 5, 4, 19, 59, 59, 999_000, tzinfo=UTC)
"""A millisecond before midnight in Baku: what is kept until the end of that day ends at once."""


@dataclass
class Queue(Counter):
    """A counter with one property, before which people queue."""

    property_id: int = 0


@pytest.fixture
def counter(fresh_database: MigratedCopy) -> Iterator[Queue]:
    database = Database(fresh_database.app_url, pool_size=4)
    counter = Queue(database)
    counter.property_id = counter.section(ONE)
    sequence(database)
    yield counter
    database.close()


def refused(error: type[CadastreError], code: str) -> pytest.RaisesExc[CadastreError]:
    return pytest.raises(error, check=lambda raised: raised.code == code)


def run(counter: Queue, work: Any) -> Any:
    return counter.database.run(work, isolation=Isolation.READ_COMMITTED)


def today_only(_: date) -> NoticeTerms:
    return replace(find_notice_terms(date(2026, 5, 4)), working_days=0)


def take(
    counter: Queue, by: Caller = NOTARY, *, number: str = ONE, service: str = "sale", **values: Any
) -> TakenNotice:
    """Take a place as the interface does: what a refusal looked at stays on record."""
    order = NoticeOrder(number, service)
    values.setdefault("now", NOON)
    taken = run(counter, lambda uow: take_place(uow, order, by, notice_id=uuid4(), **values))
    if isinstance(taken, RefusedNotice):
        raise taken.error
    assert isinstance(taken, TakenNotice)
    return taken


def show(counter: Queue, notice_id: UUID, by: Caller = NOTARY) -> TakenNotice:
    def work(uow: UnitOfWork) -> TakenNotice:
        return show_place(uow.connection, notice_id, by)

    found = run(counter, work)
    assert isinstance(found, TakenNotice)
    return found


def looks(counter: Queue) -> int:
    query = text("SELECT count(*) FROM ledger.leaf WHERE kind = 'access.property'")
    return int(run(counter, lambda uow: uow.connection.execute(query).scalar_one()))


def sale_on(notice: TakenNotice | None, counter: Queue, by: Caller = NOTARY) -> Any:
    named = NamedProperty(ONE, None, None if notice is None else notice.notice.notice_id)
    deed = NamedDocument(counter.paper("sale_contract", by), "basis", "17", date(2026, 5, 4))
    return counter.sale(properties=(named,), documents=(deed,))


class TestTaking:
    def test_one_act_reads_the_property_and_keeps_the_place(self, counter: Queue) -> None:
        first, second = take(counter), take(counter, OTHER)
        assert (first.holds, first.ahead, first.notice.queue_number) == (True, 0, 1)
        assert (second.holds, second.ahead, second.notice.queue_number) == (False, 1, 2)
        assert second.notice.journal_number == first.notice.journal_number + 1
        assert first.view is not None
        assert [holder.party_name for holder in first.view.rights] == ["Əli Məmmədov"]
        assert first.version == counter.version(counter.property_id)
        assert looks(counter) == 2
        lasts = first.notice.expires_at - first.notice.taken_at
        assert timedelta(days=8) < lasts < timedelta(days=9)  # five working days over a holiday, to midnight

    def test_the_next_in_the_queue_follows_when_the_first_gives_up(self, counter: Queue) -> None:
        first, second = take(counter), take(counter, OTHER)
        run(counter, lambda uow: release_place(uow, first.notice.notice_id, NOTARY))
        run(counter, lambda uow: release_place(uow, first.notice.notice_id, NOTARY))
        assert show(counter, second.notice.notice_id, OTHER).holds
        assert not show(counter, first.notice.notice_id).holds
        again = take(counter)
        assert (again.ahead, again.notice.queue_number) == (1, 3)

    def test_a_notice_that_has_run_out_holds_nothing(self, counter: Queue) -> None:
        first = take(counter, now=LAST_MOMENT, terms_on=today_only)
        assert first.notice.expires_at - first.notice.taken_at == timedelta(milliseconds=1)
        assert take(counter, OTHER).holds
        with refused(RuleBroken, "notice-not-in-force"):
            run(counter, lambda uow: renew_place(uow, first.notice.notice_id, NOTARY, now=NOON))
        with refused(RuleBroken, "notice-not-in-force"):
            run(counter, lambda uow: release_place(uow, first.notice.notice_id, NOTARY))

    def test_who_ran_out_and_who_is_next_are_told_once(self, counter: Queue) -> None:
        first = take(counter, now=LAST_MOMENT, terms_on=today_only)
        second = take(counter, OTHER)
        assert [tell_lapsed(counter.database) for _ in range(2)] == [1, 0]
        for by, kind, notice in ((NOTARY, "priority.expired", first), (OTHER, "priority.holds", second)):
            events = poll(counter.database, by, Audience.ACCOUNT, after=None, limit=9).events
            told = [(event.kind, event.payload["notice"]) for event in events]
            assert told == [(kind, str(notice.notice.notice_id))]

    def test_a_renewal_prolongs_it_once_and_keeps_the_place(self, counter: Queue) -> None:
        first = take(counter)
        take(counter, OTHER)
        later = NOON + timedelta(days=1)
        renewed = run(counter, lambda uow: renew_place(uow, first.notice.notice_id, NOTARY, now=later))
        assert renewed.holds
        assert renewed.notice.renewals == 1
        assert renewed.notice.journal_number == first.notice.journal_number
        with refused(RuleBroken, "renewals-spent"):
            run(counter, lambda uow: renew_place(uow, first.notice.notice_id, NOTARY, now=later))

    def test_a_notice_is_its_holders_alone(self, counter: Queue) -> None:
        notice_id = take(counter).notice.notice_id
        with refused(NotFound, "notice-not-found"):
            show(counter, notice_id, OTHER)
        with refused(NotFound, "notice-not-found"):
            run(counter, lambda uow: release_place(uow, notice_id, OTHER))

    def test_nobody_stands_twice(self, counter: Queue) -> None:
        take(counter)
        with refused(RuleBroken, "notice-held-already"):
            take(counter)

    @pytest.mark.parametrize(
        ("by", "changes", "code"),
        [
            (NOTARY, {"number": UNKNOWN}, "property-not-found"),
            (NOTARY, {"number": "x"}, "register-number-malformed"),
            (NOTARY, {"service": "nonsense"}, "unknown-service"),
            (COURT, {"service": "arrest"}, "notice-not-offered"),
            (BANK, {}, "service-not-entitled"),
            (BANK, {"service": "mortgage"}, "property-not-found"),
        ],
    )
    def test_what_is_not_offered_is_refused(
        self, counter: Queue, by: Caller, changes: dict[str, Any], code: str
    ) -> None:
        with pytest.raises((Denied, InvalidInput, NotFound)) as raised:
            take(counter, by, **changes)
        assert raised.value.code == code

    def test_no_place_is_kept_for_what_an_arrest_forbids_and_the_look_stays_on_record(
        self, counter: Queue
    ) -> None:
        counter.write(lambda register: register.arrest(counter.property_id))
        sequence(counter.database)
        with refused(RuleBroken, "property-blocked"):
            take(counter)
        assert looks(counter) == 1


class TestApplication:
    def test_only_who_holds_the_priority_may_apply(self, counter: Queue) -> None:
        first, second = take(counter), take(counter, OTHER)
        with refused(RuleBroken, "priority-taken") as raised:
            counter.file(sale_on(second, counter, OTHER), OTHER)
        assert raised.value.facts["journal_number"] == first.notice.journal_number
        assert raised.value.facts["source"]
        with refused(RuleBroken, "priority-taken"):
            counter.file(counter.sale(ONE, capacity="registry_officer"), CHIEF)
        with refused(RuleBroken, "notice-not-named"):
            counter.file(sale_on(None, counter), NOTARY)
        filed = counter.file(sale_on(first, counter), NOTARY)
        assert filed.properties[0].place == first.notice.journal_number
        assert show(counter, first.notice.notice_id).notice.state.value == "used"
        assert show(counter, second.notice.notice_id, OTHER).holds

    def test_the_application_on_a_notice_is_registered(self, counter: Queue) -> None:
        first = take(counter)
        filed = counter.file(sale_on(first, counter), NOTARY)
        counter.step(filed.case_id, StepKind.ASSIGN, CHIEF, assignee=PREPARER.subject)
        counter.step(filed.case_id, StepKind.PREPARE, PREPARER)
        counter.step(filed.case_id, StepKind.REGISTER, DECIDER)
        assert counter.owners(counter.property_id) == ["Leyla Həsənova"]

    def test_an_arrest_overrides_the_priority(self, counter: Queue) -> None:
        first = take(counter)
        filed = counter.file(sale_on(first, counter), NOTARY)
        counter.write(lambda register: register.arrest(counter.property_id))
        counter.step(filed.case_id, StepKind.ASSIGN, CHIEF, assignee=PREPARER.subject)
        counter.step(filed.case_id, StepKind.PREPARE, PREPARER)
        with pytest.raises(RuleBroken):
            counter.step(filed.case_id, StepKind.REGISTER, DECIDER)
        assert counter.owners(counter.property_id) == ["Əli Məmmədov"]

    def test_an_application_that_is_returned_for_its_papers_costs_no_place(self, counter: Queue) -> None:
        first = take(counter)
        named = NamedProperty(ONE, None, first.notice.notice_id)
        returned = counter.file(counter.sale(properties=(named,), documents=()))
        assert returned.missing_documents
        assert show(counter, first.notice.notice_id).holds
        assert counter.file(sale_on(first, counter)).properties[0].place == first.notice.journal_number
