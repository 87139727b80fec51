"""A case is given by lot, at its intake, to one of the officers competent for all that it is about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from cadastre.db.unit_of_work import Database
from cadastre.domain.case import CaseState, StepKind
from cadastre.kernel.clock import FixedClock
from cadastre.kernel.errors import Denied
from cadastre.kernel.ids import TimeOrderedIds
from cadastre.services.case_steps import StepOrder
from cadastre.services.cases import CaseDesk
from tests.cadastre.services.counter import (
    BUYER,
    CHIEF,
    DECIDER,
    ONE,
    PREPARER,
    SELLER,
    TWO,
    Counter,
    refused,
)
from tests.database import Database as MigratedCopy

IN_FORCE = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


class Urn:
    """Draws the last account, and remembers from which it drew."""

    def __init__(self) -> None:
        self.held: list[Sequence[str]] = []

    def __call__(self, officers: Sequence[str]) -> str:
        self.held.append(tuple(officers))
        return officers[-1]


@pytest.fixture
def urn() -> Urn:
    return Urn()


@pytest.fixture
def drawing(fresh_database: MigratedCopy, urn: Urn) -> Iterator[Counter]:
    """A counter at which cases are given out by lot, with officers of Bakı and one of Gəncə."""
    database = Database(fresh_database.app_url, pool_size=2)
    counter = Counter(database, FixedClock(IN_FORCE))
    counter.cases = CaseDesk(database, counter.clock, TimeOrderedIds(), draw=urn)
    counter.section(ONE)
    counter.competence("registrar", CHIEF.subject, "BAK")
    counter.competence("registrar", PREPARER.subject, "BAK-XEZ")
    counter.competence("registrar", "registrar-of-ganja", "GA")
    yield counter
    database.close()


def test_one_of_the_competent_officers_is_drawn_and_the_ledger_says_whom(drawing: Counter, urn: Urn) -> None:
    filed = drawing.file(drawing.sale(ONE))
    assert (filed.state, filed.step_number, filed.assignee) == (CaseState.ASSIGNED, 3, PREPARER.subject)
    assert urn.held == [(CHIEF.subject, PREPARER.subject)]
    step = drawing.view(filed.case_id, CHIEF).steps[-1]
    assert (step.kind, step.actor, step.actor_role, step.assignee) == (
        "assign",
        "intake",
        "system",
        PREPARER.subject,
    )
    told = drawing.database.run(
        lambda uow: uow.connection.execute(
            text("SELECT payload::jsonb ->> 'drawn' FROM ledger.leaf WHERE leaf_id = :leaf"),
            {"leaf": step.recorded_leaf},
        ).scalar_one()
    )
    assert told == PREPARER.subject


def test_whoever_was_drawn_prepares_and_another_decides(drawing: Counter) -> None:
    case_id = drawing.file(drawing.sale(ONE)).case_id
    with refused(Denied, "not-your-case"):
        drawing.steps.take(case_id, StepOrder(StepKind.PREPARE, 3), CHIEF)
    drawing.steps.take(case_id, StepOrder(StepKind.PREPARE, 3), PREPARER)
    with refused(Denied, "four-eyes"):
        drawing.steps.take(case_id, StepOrder(StepKind.REGISTER, 4), PREPARER)
    assert drawing.steps.take(case_id, StepOrder(StepKind.REGISTER, 4), CHIEF).registration_numbers


def test_a_chief_gives_it_to_another_by_hand(drawing: Counter) -> None:
    case_id = drawing.file(drawing.sale(ONE)).case_id
    given = drawing.steps.take(case_id, StepOrder(StepKind.ASSIGN, 3, assignee=CHIEF.subject), CHIEF)
    assert given.assignee == CHIEF.subject


def test_an_officer_who_hands_it_in_himself_is_not_drawn(drawing: Counter, urn: Urn) -> None:
    drawing.competence("registrar", DECIDER.subject, "BAK-XEZ")
    by_officer = drawing.sale(ONE, capacity="registry_officer")
    filed = drawing.cases.file(by_officer, PREPARER)
    assert urn.held == [(CHIEF.subject, DECIDER.subject)]
    assert filed.assignee == DECIDER.subject


def test_among_fewer_than_two_there_is_no_lot(drawing: Counter, urn: Urn) -> None:
    drawing.section(TWO, district="GA")
    assert drawing.file(drawing.sale(TWO)).state is CaseState.ACCEPTED
    assert not urn.held


def test_only_who_may_act_for_every_property_takes_part(drawing: Counter, urn: Urn) -> None:
    drawing.section(TWO, district="GA")
    drawing.competence("registrar", CHIEF.subject, "GA")
    legs = tuple(replace(party, register_number=number) for number in (ONE, TWO) for party in (SELLER, BUYER))
    assert drawing.file(drawing.sale(ONE, TWO, parties=legs)).state is CaseState.ACCEPTED
    drawing.competence("registrar", DECIDER.subject, "BAK", "GA")
    assert drawing.file(drawing.sale(ONE, TWO, parties=legs)).state is CaseState.ASSIGNED
    assert urn.held == [(CHIEF.subject, DECIDER.subject)]


def test_what_is_returned_is_given_to_nobody(drawing: Counter, urn: Urn) -> None:
    assert drawing.file(drawing.sale(ONE, documents=())).state is CaseState.RETURNED
    assert not urn.held
