"""Acts of authority in a real database: one call blocks at once, overrides every place, and is released."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from cadastre.db.unit_of_work import Database, Isolation
from cadastre.domain.caller import Caller
from cadastre.domain.case import StepKind
from cadastre.domain.filing import ApplicationOrder, CasePartyRole, NamedDocument, NamedParty, NamedProperty
from cadastre.domain.party import PartyKind
from cadastre.kernel.clock import FixedClock
from cadastre.kernel.errors import CadastreError, Denied, InvalidInput, RuleBroken
from cadastre.services.authority import EnteredAct, enter_act
from cadastre.services.events import Audience, poll, tell_unconfirmed
from cadastre.services.judgement import RuleJudge
from tests.cadastre.services.counter import CHIEF, COURT, DECIDER, NOON, NOTARY, PREPARER, SELLER, Counter
from tests.database import Database as MigratedCopy

ONE = "203015000123"
DEBTOR = NamedParty(CasePartyRole.DEBTOR, PartyKind.NATURAL, SELLER.name, fin=SELLER.fin)
STRANGER = NamedParty(CasePartyRole.DEBTOR, PartyKind.NATURAL, "Yad Adam", fin="7YY7YY7")


class Bench(Counter):
    """A court that sends its acts."""

    def act(self, service: str, by: Caller = COURT, **changes: Any) -> EnteredAct:
        """Send an act about the one property."""
        capacity = changes.pop("capacity", "court")
        paper = "bailiff_act" if capacity == "bailiff" else "court_ruling"
        order = ApplicationOrder(
            service,
            capacity,
            properties=(NamedProperty(ONE),),
            documents=changes.pop("documents", (NamedDocument(self.paper(paper, by), "basis", "2-1(77)"),)),
            **changes,
        )
        judge = RuleJudge(self.clock)
        return self.database.run(
            lambda uow: enter_act(uow, order, by, case_id=uuid4(), now=NOON, judge=judge),
            isolation=Isolation.READ_COMMITTED,
        )

    def standing(self) -> list[tuple[str, bool]]:
        """Kinds of the current restrictions, and whether each still awaits the court."""
        query = text("""SELECT kind, confirm_by IS NOT NULL FROM cadastre.restriction
                         WHERE superseded_leaf IS NULL AND valid_to IS NULL ORDER BY 1""")
        rows = self.database.run(lambda uow: uow.connection.execute(query).all())
        return [(kind, waits) for kind, waits in rows]

    def owner_sells(self, case_id: Any = None) -> None:
        """Decide a prepared sale."""
        case_id = case_id or self.prepared(self.sale(ONE))
        self.step(case_id, StepKind.REGISTER, DECIDER)


@pytest.fixture
def bench(fresh_database: MigratedCopy) -> Iterator[Bench]:
    database = Database(fresh_database.app_url, pool_size=4)
    bench = Bench(database)
    bench.section(ONE)
    yield bench
    database.close()


def refused(error: type[CadastreError], code: str) -> pytest.RaisesExc[CadastreError]:
    return pytest.raises(error, check=lambda raised: raised.code == code)


def test_an_arrest_is_entered_by_its_call_and_blocks_what_was_filed_before(bench: Bench) -> None:
    sale = bench.prepared(bench.sale(ONE))
    entered = bench.act("arrest", parties=(DEBTOR,), terms={"authority": "Sınaq məhkəməsi"})
    assert entered.registered is not None
    assert len(entered.registered.registration_numbers) == 1
    assert bench.standing() == [("arrest", False)]
    assert [step.kind for step in bench.view(entered.filed.case_id).steps] == [
        "receive",
        "accept",
        "register",
    ]
    with pytest.raises(RuleBroken):
        bench.owner_sells(sale)


def test_a_release_frees_the_property(bench: Bench) -> None:
    number = bench.act("arrest").registered.registration_numbers[0]  # type: ignore[union-attr]
    bench.act("arrest_release", terms={"registration_number": number})
    assert bench.standing() == []
    bench.owner_sells()
    assert bench.owners(1) == ["Leyla Həsənova"]


def test_a_notice_of_a_dispute_blocks_nothing(bench: Bench) -> None:
    bench.act("court_dispute")
    bench.owner_sells()
    assert bench.standing() == [("court_dispute", False)]


def test_a_bailiff_acts_urgently_and_the_court_confirms_without_a_gap(bench: Bench) -> None:
    entered = bench.act("arrest", capacity="bailiff", terms={"urgent": False})
    assert bench.standing() == [("arrest", True)], "urgency follows from who acts"
    number = entered.registered.registration_numbers[0]  # type: ignore[union-attr]
    with refused(Denied, "confirmation-is-the-courts"):
        bench.act("arrest", capacity="bailiff", terms={"confirms": number})
    bench.act("arrest", terms={"confirms": number, "urgent": True})
    assert bench.standing() == [("arrest", False)]


def test_what_is_not_confirmed_in_24_hours_stays_and_is_told_once_to_court_and_office(bench: Bench) -> None:
    bench.act("arrest", capacity="bailiff")
    now = datetime.now(UTC)
    assert tell_unconfirmed(bench.database, now + timedelta(hours=23)) == 0
    late = FixedClock(now + timedelta(hours=25)).now()
    assert tell_unconfirmed(bench.database, late) == 2
    assert tell_unconfirmed(bench.database, late) == 0
    for caller in (COURT, CHIEF):
        page = poll(bench.database, caller, Audience.ROLE, after=None, limit=10)
        assert [event.kind for event in page.events] == ["restriction.unconfirmed"]
        assert page.events[0].payload["register_number"] == ONE
    assert bench.standing() == [("arrest", True)]


def test_an_act_without_its_paper_is_entered_and_returned(bench: Bench) -> None:
    entered = bench.act("arrest", documents=())
    assert entered.registered is None
    assert entered.filed.missing_documents == ("basis",)
    assert bench.standing() == []


def test_what_is_no_act_of_authority_is_refused(bench: Bench) -> None:
    with refused(InvalidInput, "not-an-act-of-authority"):
        bench.act("court_transfer")
    with refused(RuleBroken, "debtor-holds-nothing"):
        bench.act("arrest", parties=(STRANGER,))
    with pytest.raises(Denied):
        bench.act("arrest", by=NOTARY)
    assert bench.standing() == []


def test_who_waits_before_the_property_is_told(bench: Bench) -> None:
    bench.prepared(bench.sale(ONE))
    act = bench.act("arrest")
    page = poll(bench.database, NOTARY, Audience.ACCOUNT, after=None, limit=10)
    assert [(event.kind, event.payload["service"]) for event in page.events] == [
        ("property.changed", "arrest")
    ]
    own = poll(bench.database, COURT, Audience.ACCOUNT, after=None, limit=10)
    assert [event.payload["case"] for event in own.events] == [str(act.filed.case_id)]
    assert poll(bench.database, PREPARER, Audience.ACCOUNT, after=None, limit=10).events == ()
