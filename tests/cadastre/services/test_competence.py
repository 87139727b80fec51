"""Every decision and every step is refused to an officer of another territory, except where the law lets him."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from cadastre.db.unit_of_work import Database
from cadastre.domain.caller import Caller, CallerRole
from cadastre.domain.case import CaseState, StepKind
from cadastre.domain.filing import CasePartyRole, Channel
from cadastre.domain.representation import ConsentKind, Paper
from cadastre.kernel.errors import Denied
from cadastre.services.acting import NewConsent, give_consent
from cadastre.services.authority import enter_act
from cadastre.services.investigations import FlagOrder, flag_attribute, lift_flag
from cadastre.services.judgement import RuleJudge
from cadastre.services.territories import CompetenceKind, Territory, end_territory, give_territory
from tests.cadastre.services.counter import CHIEF, COURT, DECIDER, NOON, NOTARY, PREPARER, refused
from tests.cadastre.services.newcomers import Newcomers
from tests.cadastre.services.provoking import Scene, one_home
from tests.database import Database as MigratedCopy

GANJA = Caller("registrar-of-ganja", CallerRole.REGISTRAR, "Qeydiyyatçı")
Stand = Callable[[Scene], UUID]


@pytest.fixture
def scene(fresh_database: MigratedCopy) -> Iterator[Scene]:
    """A register in Baku, and an officer of Gəncə."""
    database = Database(fresh_database.app_url, pool_size=4)
    made = Scene(database, superuser_url=fresh_database.superuser_url)
    made.competence("registrar", GANJA.subject, "GA")
    yield made
    database.close()


def accepted(scene: Scene) -> UUID:
    return scene.file(scene.sell(*one_home(scene))).case_id


def assigned(scene: Scene) -> UUID:
    case_id = accepted(scene)
    scene.step(case_id, StepKind.ASSIGN, CHIEF, assignee=PREPARER.subject)
    return case_id


def prepared(scene: Scene) -> UUID:
    return scene.ready(scene.sell(*one_home(scene)))


def suspended(scene: Scene) -> UUID:
    case_id = accepted(scene)
    scene.step(case_id, StepKind.SUSPEND, CHIEF, ground="inquiry", reason="Sorğu.")
    return case_id


STEPS: list[tuple[StepKind, Stand, dict[str, Any]]] = [
    (StepKind.ASSIGN, accepted, {"assignee": PREPARER.subject}),
    (StepKind.PREPARE, assigned, {}),
    (StepKind.SEND_BACK, prepared, {"reason": "Yenidən."}),
    (StepKind.SUSPEND, accepted, {"ground": "inquiry", "reason": "Sorğu."}),
    (StepKind.RESUME, suspended, {}),
    (StepKind.REGISTER, prepared, {}),
    (StepKind.REFUSE, accepted, {"ground": "not_entitled", "reason": "Yox."}),
    (StepKind.WITHDRAW, accepted, {}),
]


@pytest.mark.parametrize(("kind", "stand", "values"), STEPS, ids=[kind.value for kind, _, _ in STEPS])
def test_no_step_is_taken_from_another_territory(
    scene: Scene, kind: StepKind, stand: Stand, values: dict[str, Any]
) -> None:
    case_id = stand(scene)
    before = scene.view(case_id).steps[-1].step_number
    with refused(Denied, "outside-competence"):
        scene.step(case_id, kind, GANJA, **values)
    assert scene.view(case_id).steps[-1].step_number == before


def test_every_step_that_an_officer_takes_is_tried() -> None:
    by_system = {StepKind.RECEIVE, StepKind.RETURN, StepKind.ACCEPT}
    assert {kind for kind, _, _ in STEPS} == set(StepKind) - by_system


def test_no_case_is_given_to_an_officer_of_another_territory(scene: Scene) -> None:
    with refused(Denied, "assignee-outside-territory"):
        scene.step(accepted(scene), StepKind.ASSIGN, CHIEF, assignee=GANJA.subject)


def test_a_case_about_two_territories_is_for_whoever_has_both(scene: Scene) -> None:
    one, other = scene.person(), scene.person()
    here, there = scene.home(one), scene.home(other, district="GA")
    order = scene.sell(here, one)
    both = replace(
        order, service="exchange", properties=(*order.properties, *scene.sell(there, other).properties)
    )
    contract = replace(order.documents[0], document_id=scene.paper("exchange_contract"))
    parties = (
        replace(one, share=None, register_number=here),
        replace(
            scene.person(), role=CasePartyRole.ACQUIRER, share=order.parties[1].share, register_number=here
        ),
    )
    parties = (*parties, replace(other, register_number=there), replace(parties[1], register_number=there))
    case_id = scene.file(replace(both, documents=(contract,), parties=parties)).case_id
    with refused(Denied, "outside-competence"):
        scene.step(case_id, StepKind.ASSIGN, GANJA, assignee=PREPARER.subject)
    scene.competence("registrar", GANJA.subject, "BAK")
    assert scene.step(case_id, StepKind.ASSIGN, GANJA, assignee=GANJA.subject).state is CaseState.ASSIGNED


def test_no_first_registration_is_taken_in_or_decided_elsewhere(scene: Scene) -> None:
    desk = Newcomers(scene.database)
    _, number = desk.parcel()
    order = desk.order("land_parcel", terms={"parcels": [number]})
    with refused(Denied, "outside-competence"):
        scene.file(order, GANJA)
    case_id = scene.file(order, CHIEF).case_id
    with refused(Denied, "outside-competence"):
        scene.step(case_id, StepKind.ASSIGN, GANJA, assignee=GANJA.subject)
    with refused(Denied, "assignee-outside-territory"):
        scene.step(case_id, StepKind.ASSIGN, CHIEF, assignee=GANJA.subject)


def test_no_application_is_taken_in_elsewhere_but_at_a_service_point(scene: Scene) -> None:
    number, owner = one_home(scene)
    order = scene.sell(number, owner, by=GANJA, capacity="registry_officer")
    with refused(Denied, "outside-competence"):
        scene.file(order, GANJA)
    taken_in = scene.file(replace(order, channel=Channel.SERVICE_POINT), GANJA)
    assert taken_in.state is CaseState.ACCEPTED
    assert scene.view(taken_in.case_id).case.office_code == "23", "it reaches the office of the property"
    with refused(Denied, "outside-competence"):
        scene.step(taken_in.case_id, StepKind.ASSIGN, GANJA, assignee=GANJA.subject)


def test_no_act_of_authority_is_entered_by_an_officer_elsewhere(scene: Scene) -> None:
    number, _ = one_home(scene)
    order = scene.ask("arrest", number, paper="court_ruling", capacity="court", by=GANJA)
    judge = RuleJudge(scene.clock)
    with refused(Denied, "outside-competence"):
        scene.database.run(
            lambda uow: enter_act(uow, order, GANJA, case_id=UUID(int=7), now=NOON, judge=judge)
        )


def test_a_court_acts_everywhere(scene: Scene) -> None:
    number, _ = one_home(scene, district="GA")
    order = scene.ask("arrest", number, paper="court_ruling", capacity="court", by=COURT)
    assert scene.file(order, COURT).state is CaseState.ACCEPTED


def test_no_consent_is_added_to_a_case_elsewhere(scene: Scene) -> None:
    case_id = accepted(scene)
    paper = Paper(scene.paper("power_of_attorney", GANJA), "3", date(2026, 5, 1))
    consent = NewConsent(case_id, ConsentKind.MORTGAGEE, paper, date(2026, 5, 1))
    with refused(Denied, "outside-competence"):
        scene.database.run(lambda uow: give_consent(uow, consent, GANJA, today=date(2026, 5, 4)))
    assert scene.database.run(lambda uow: give_consent(uow, consent, DECIDER, today=date(2026, 5, 4))) > 0


def test_no_flag_is_begun_or_lifted_elsewhere(scene: Scene) -> None:
    number, _ = one_home(scene)
    order, today = FlagOrder("section", "Şübhəlidir.", register_number=number), date(2026, 5, 4)
    with refused(Denied, "outside-competence"):
        scene.database.run(lambda uow: flag_attribute(uow, order, GANJA, today=today))
    flag = scene.database.run(lambda uow: flag_attribute(uow, order, CHIEF, today=today))
    with refused(Denied, "outside-competence"):
        scene.database.run(lambda uow: lift_flag(uow, flag, GANJA, today=today))
    scene.database.run(lambda uow: lift_flag(uow, flag, CHIEF, today=today))


def test_who_lost_his_territory_takes_back_what_he_filed_and_nothing_more(scene: Scene) -> None:
    since = Territory(CompetenceKind.NOTARY, NOTARY.subject, "BAK", date(2020, 1, 1))
    number = scene.database.run(lambda uow: give_territory(uow, since, CHIEF))
    case_id = accepted(scene)
    scene.database.run(lambda uow: end_territory(uow, number, date(2026, 5, 4), CHIEF))
    with refused(Denied, "outside-competence"):
        accepted(scene)
    assert scene.step(case_id, StepKind.WITHDRAW, NOTARY).state is CaseState.WITHDRAWN
