"""Worklists on a real register: what waits, for whom, since when, and what ends its waiting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import pytest
from sqlalchemy import text

from cadastre.db.unit_of_work import Database
from cadastre.domain.caller import Caller, CallerRole
from cadastre.domain.case import StepKind
from cadastre.domain.codelist import load_codelist
from cadastre.kernel.clock import FixedClock
from cadastre.kernel.errors import Denied, InvalidInput, NotFound
from cadastre.services.cases import extended_deadline
from cadastre.services.events import Audience, acknowledge, poll
from cadastre.services.ledger_clock import sequence
from cadastre.services.sweep import sweep
from cadastre.services.worklists import WorkAsked, Worklist, list_worklists, read_worklist
from cadastre.store.worklists import NAMES
from tests.cadastre.services.counter import CHIEF, DECIDER, NOTARY, PREPARER
from tests.cadastre.services.provoking import Scene, one_home
from tests.database import Database as MigratedCopy
from tests.register import Register

AUDITOR = Caller("auditor-1", CallerRole.AUDITOR, "Yoxlayıcı")


class Step(NamedTuple):
    """A step as far as a term depends on it."""

    kind: str
    at: datetime


class Filed(NamedTuple):
    """A case as far as its term depends on it."""

    service: str
    tier: str
    received_at: datetime
    due_on: date


@pytest.fixture
def scene(fresh_database: MigratedCopy) -> Iterator[Scene]:
    database = Database(fresh_database.app_url, pool_size=4)
    yield Scene(database, superuser_url=fresh_database.superuser_url)
    database.close()


def read(scene: Scene, name: str, by: Caller = CHIEF, day: date | None = None, **asked: object) -> Worklist:
    """A page of a list, on the day of the tests unless another is given."""
    clock = scene.clock if day is None else FixedClock(datetime(day.year, day.month, day.day, 8, tzinfo=UTC))
    return read_worklist(scene.database, clock, WorkAsked(name, **asked), by)  # type: ignore[arg-type]


def subjects(found: Worklist) -> list[str]:
    return [item.subject for item in found.items]


def waiting_sale(scene: Scene, district: str = "BAK-XEZ") -> tuple[str, object]:
    """A sale that was taken in; its journal number and case."""
    number, owner = one_home(scene, district=district)
    filed = scene.file(scene.sell(number, owner))
    return str(filed.journal_number), filed.case_id


def test_every_list_has_its_names_and_its_query() -> None:
    lists = list_worklists(date(2026, 5, 4))
    assert [entry.code for entry in lists] == list(NAMES)
    for entry in lists:
        said = {entry.az, entry.en, entry.ru, *(entry.text(f"do_{code}") for code in ("az", "en", "ru"))}
        assert len(said) == 6
        assert entry.text("subject") in ("parcel", "property", "case", "entry", "finding")


def test_parcels_and_titles_that_lack_each_other(scene: Scene) -> None:
    scene.home(scene.person(), shape=scene.ground())
    bare = scene.home(scene.person())

    def plant(register: Register) -> None:
        register.parcel("W-WITH-OUTLINE", scene.ground())
        hidden = register.parcel("W-WITHOUT-OUTLINE", scene.ground())
        register.connection.execute(
            text("""UPDATE cadastre.parcel_version SET superseded_leaf = :leaf WHERE parcel_id = :id"""),
            {"leaf": register.leaf(), "id": hidden},
        )
        register.connection.execute(
            text("""INSERT INTO cadastre.parcel_version (parcel_id, valid_from, recorded_leaf, documentary_area_m2)
                    VALUES (:id, '2020-01-01', :leaf, 600)"""),
            {"leaf": register.leaf(), "id": hidden},
        )

    scene.write(plant)
    assert subjects(read(scene, "parcels_without_title")) == ["W-WITH-OUTLINE", "W-WITHOUT-OUTLINE"]
    assert subjects(read(scene, "geometry_without_title")) == ["W-WITH-OUTLINE"]
    assert subjects(read(scene, "title_without_geometry")) == [bare]
    outlined, hidden = read(scene, "parcels_without_title").items
    assert (outlined.facts["has_outline"], hidden.facts["has_outline"]) == (True, False)
    assert hidden.facts["area_m2"] == "600.00"


def test_cases_wait_for_their_preparer_then_for_their_decider(scene: Scene) -> None:
    journal, case_id = waiting_sale(scene)
    assert subjects(read(scene, "awaiting_preparer")) == [journal]
    scene.step(case_id, StepKind.ASSIGN, CHIEF, assignee=PREPARER.subject)
    (item,) = read(scene, "awaiting_preparer").items
    assert (item.facts["assignee"], item.facts["state"], item.is_late) == (
        PREPARER.subject,
        "assigned",
        False,
    )
    scene.step(case_id, StepKind.PREPARE, PREPARER)
    assert subjects(read(scene, "awaiting_preparer")) == []
    assert subjects(read(scene, "awaiting_decider")) == [journal]
    scene.step(case_id, StepKind.REGISTER, DECIDER)
    assert subjects(read(scene, "awaiting_decider")) == []


def test_a_case_is_overdue_on_the_day_after_its_term_in_working_days(scene: Scene) -> None:
    journal, _ = waiting_sale(scene)
    (item,) = read(scene, "awaiting_preparer").items
    assert isinstance(item.due, date)
    assert subjects(read(scene, "overdue_cases", day=item.due)) == []
    (late,) = read(scene, "overdue_cases", day=item.due + timedelta(days=1)).items
    assert (late.subject, late.is_late) == (journal, True)
    assert not late.is_certain, "exchanges of days made during 2026 are not all known"


def test_the_days_of_a_suspension_do_not_make_a_case_overdue(scene: Scene) -> None:
    _, case_id = waiting_sale(scene)
    (item,) = read(scene, "awaiting_preparer").items
    assert isinstance(item.due, date)
    scene.step(case_id, StepKind.SUSPEND, CHIEF, ground="inquiry", reason="Sorğu göndərilib.")
    scene.as_owner(
        text(
            "UPDATE registry.case_step SET at = at - interval '14 days' WHERE case_id = :case AND kind = 'suspend'"
        ),
        {"case": case_id},
    )
    scene.step(case_id, StepKind.RESUME, CHIEF)
    assert subjects(read(scene, "overdue_cases", day=item.due + timedelta(days=1))) == []
    (late,) = read(scene, "overdue_cases", day=item.due + timedelta(days=30)).items
    assert isinstance(late.due, date)
    assert late.due > item.due


def test_a_suspension_that_ran_out_is_resumed_or_refused(scene: Scene) -> None:
    journal, case_id = waiting_sale(scene)
    scene.step(case_id, StepKind.SUSPEND, CHIEF, ground="serious_doubt", reason="Möhür oxunmur.")
    latest = date(2026, 6, 4)
    assert subjects(read(scene, "suspensions_ended", day=latest)) == []
    assert subjects(read(scene, "overdue_cases", day=date(2026, 7, 30))) == [], (
        "it rests, wherever its term is"
    )
    ended = read(scene, "suspensions_ended", day=latest + timedelta(days=1))
    (item,) = ended.items
    assert (item.subject, item.due, item.is_late) == (journal, latest, True)
    assert item.facts["ground"] == "serious_doubt"
    assert ended.entry.texts("steps") == ("resume", "refuse")
    scene.step(case_id, StepKind.REFUSE, DECIDER, ground="not_entitled", reason="Şübhə aradan qalxmayıb.")
    assert subjects(read(scene, "suspensions_ended", day=latest + timedelta(days=1))) == []


def test_the_applicant_is_told_of_a_suspension_within_48_hours(scene: Scene) -> None:
    journal, case_id = waiting_sale(scene)
    scene.step(case_id, StepKind.SUSPEND, CHIEF, ground="inquiry", reason="Sorğu göndərilib.")
    (item,) = read(scene, "suspension_notices").items
    assert (item.subject, item.is_late) == (journal, False)
    assert item.due == scene.clock.now() + timedelta(hours=48)
    (late,) = read(scene, "suspension_notices", day=date(2026, 5, 7)).items
    assert late.is_late
    sequence(scene.database)
    news = poll(scene.database, NOTARY, Audience.ACCOUNT, after=0, limit=10)
    assert [event.kind for event in news.events] == ["case.suspended"]
    acknowledge(scene.database, NOTARY, Audience.ACCOUNT, news.last_index, subscription_id=case_id)
    assert subjects(read(scene, "suspension_notices")) == []


def test_urgent_acts_wait_for_the_court(scene: Scene) -> None:
    number, _ = one_home(scene)
    entry = scene.burden(number, "court_dispute")
    scene.as_owner(
        text("""UPDATE cadastre.restriction SET confirm_by = '2026-05-05T08:00:00+00'
                 WHERE registration_number = :entry"""),
        {"entry": entry},
    )
    (item,) = read(scene, "unconfirmed_acts").items
    assert (item.subject, item.facts["register_number"], item.is_late) == (entry, number, False)
    (late,) = read(scene, "unconfirmed_acts", day=date(2026, 5, 6)).items
    assert late.is_late


def test_findings_of_the_sweep(scene: Scene) -> None:
    number = scene.home(scene.person())
    scene.as_owner(
        text("UPDATE cadastre.property_right SET superseded_leaf = recorded_leaf WHERE property_id = :id"),
        {"id": scene.id_of(number)},
    )
    sweep(scene.database, scene.clock)
    (item,) = read(scene, "sweep_findings").items
    assert (item.subject, item.rule, item.since) == (number, "section-without-right", scene.clock.now())


class TestTerritory:
    def test_a_registrar_sees_his_own_an_auditor_all(self, scene: Scene) -> None:
        here, _ = waiting_sale(scene)
        there, _ = waiting_sale(scene, district="GA")
        scene.competence("registrar", CHIEF.subject, "BAK")
        assert subjects(read(scene, "awaiting_preparer")) == [here]
        assert subjects(read(scene, "awaiting_preparer", AUDITOR)) == [here, there]
        assert subjects(read(scene, "awaiting_preparer", AUDITOR, district="GA")) == [there]
        assert subjects(read(scene, "awaiting_preparer", AUDITOR, office="23")) == [here]
        with pytest.raises(Denied, match="outside your territory"):
            read(scene, "awaiting_preparer", district="GA")
        assert subjects(read(scene, "awaiting_preparer", district="BAK-XEZ")) == [here]

    def test_a_registrar_whose_territory_ended_sees_nothing(self, scene: Scene) -> None:
        waiting_sale(scene)
        scene.competence("registrar", CHIEF.subject, "GA")
        for name in NAMES:
            assert subjects(read(scene, name)) == []

    @pytest.mark.parametrize(
        "role", [CallerRole.NOTARY, CallerRole.BANK, CallerRole.OWNER, CallerRole.PUBLIC]
    )
    def test_nobody_else_sees_a_worklist(self, scene: Scene, role: CallerRole) -> None:
        with pytest.raises(Denied):
            read(scene, "overdue_cases", replace(NOTARY, role=role))


def test_pages_follow_each_other_without_gap_or_repetition(scene: Scene) -> None:
    journals = [waiting_sale(scene)[0] for _ in range(5)]
    seen: list[str] = []
    after: int | None = 0
    while after is not None:
        page = read(scene, "awaiting_preparer", after=after, limit=2)
        seen += subjects(page)
        after = page.after
    assert seen == journals


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_register_has_nothing_to_do(scene: Scene, name: str) -> None:
    found = read(scene, name)
    assert (found.items, found.after) == ((), None)
    assert found.entry == load_codelist("worklists").latest(name)


def test_what_is_not_there_is_said(scene: Scene) -> None:
    with pytest.raises(NotFound, match="no such worklist"):
        read(scene, "everything")
    for asked in ({"district": "XX"}, {"office": "00"}, {"limit": 201}, {"limit": 0}):
        with pytest.raises(InvalidInput):
            read(scene, "overdue_cases", **asked)


def test_a_rest_in_an_unsettled_year_makes_the_term_indeterminate() -> None:
    filed = datetime(2025, 3, 3, 8, 0, tzinfo=UTC)
    rests = [
        Step("suspend", datetime(2026, 3, 2, 8, 0, tzinfo=UTC)),
        Step("resume", datetime(2026, 3, 9, 8, 0, tzinfo=UTC)),
    ]
    case = Filed("mortgage", "standard", filed, date(2025, 3, 10))
    assert extended_deadline(case, []).is_certain  # type: ignore[arg-type]
    assert not extended_deadline(case, rests).is_certain  # type: ignore[arg-type]
