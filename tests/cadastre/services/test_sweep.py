"""The nightly sweep on a real register: what it finds, when it was first seen, and that it ends when it is gone."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from cadastre.db.unit_of_work import Database
from cadastre.domain.filing import CasePartyRole
from cadastre.domain.party import PartyKind
from cadastre.kernel.clock import FixedClock
from cadastre.kernel.errors import InvalidInput
from cadastre.services.sweep import ABANDONED, sweep, sweep_tonight
from tests.cadastre.services.counter import NOON
from tests.cadastre.services.provoking import Scene
from tests.database import Database as MigratedCopy


@pytest.fixture
def scene(fresh_database: MigratedCopy) -> Iterator[Scene]:
    database = Database(fresh_database.app_url, pool_size=4)
    yield Scene(database, superuser_url=fresh_database.superuser_url)
    database.close()


def findings(scene: Scene) -> list[Any]:
    """Everything that was ever found."""
    query = text("SELECT * FROM staging.sweep_finding ORDER BY finding_id")
    return scene.database.run(lambda uow: list(uow.connection.execute(query)))


def night(days: int) -> FixedClock:
    return FixedClock(NOON + timedelta(days=days))


def lose_rights(scene: Scene, number: str) -> None:
    scene.as_owner(
        text("""UPDATE cadastre.property_right SET superseded_leaf = recorded_leaf
                 WHERE property_id = (SELECT property_id FROM cadastre.property WHERE register_number = :number)"""),
        {"number": number},
    )


def test_a_sound_register_has_no_findings(scene: Scene) -> None:
    for _ in range(5):
        scene.home(scene.person(), scene.person(), shape=scene.ground())
    swept = sweep(scene.database, scene.clock, batch=2)
    assert (swept.sections, swept.found, swept.is_finished) == (5, 0, True)
    assert findings(scene) == []


def test_a_finding_is_seen_again_and_closed_when_it_is_gone(scene: Scene) -> None:
    sound, faulty = scene.home(scene.person()), scene.home(scene.person())
    lose_rights(scene, faulty)
    first = sweep(scene.database, night(0))
    again = sweep(scene.database, night(1))
    (finding,) = findings(scene)
    assert (finding.rule, finding.subject, finding.severity) == ("section-without-right", faulty, "error")
    assert (first.opened, again.opened) == (1, 0)
    assert (finding.first_seen, finding.last_seen) == (night(0).now(), night(1).now())
    assert finding.closed_at is None
    owner = scene.record(scene.person())
    scene.write(lambda register: register.right(scene.id_of(faulty), owner))
    lose_rights(scene, sound)
    third = sweep(scene.database, night(2))
    gone, new = findings(scene)
    assert (third.opened, third.closed) == (1, 1)
    assert (gone.closed_at, gone.last_seen) == (night(2).now(), night(1).now())
    assert (new.subject, new.first_seen, new.closed_at) == (sound, night(2).now(), None)


def test_what_grows_from_night_to_night_stays_one_finding(scene: Scene) -> None:
    heir = scene.person(CasePartyRole.DISPOSER, kind=PartyKind.FOREIGN_NATURAL)
    number = scene.home(heir, shape=scene.ground())
    scene.as_owner(
        text("""UPDATE cadastre.property_right SET dispose_by = '2026-05-01' WHERE property_id = :id"""),
        {"id": scene.id_of(number)},
    )
    for days in range(3):
        sweep(scene.database, night(days))
    (finding,) = findings(scene)
    assert (finding.rule, finding.measured, finding.severity) == ("foreign-heir-deadline", 5.0, "warning")


def test_a_district_is_judged_by_itself_and_closes_nothing_elsewhere(scene: Scene) -> None:
    here, there = scene.home(scene.person()), scene.home(scene.person(), district="GA")
    for number in (here, there):
        lose_rights(scene, number)
    sweep(scene.database, night(0))
    swept = sweep(scene.database, night(1), district="BAK")
    assert (swept.sections, swept.found, swept.closed) == (1, 1, 0)
    assert [finding.closed_at for finding in findings(scene)] == [None, None]
    with pytest.raises(InvalidInput, match="no district"):
        sweep(scene.database, night(1), district="XYZ")


def test_a_night_is_swept_once_and_a_run_cut_off_is_carried_on(scene: Scene) -> None:
    for _ in range(4):
        scene.home(scene.person())
    turns = iter([False, True])
    cut = sweep_tonight(scene.database, night(0), batch=2, stopped=lambda: next(turns))
    assert cut is not None
    assert (cut.sections, cut.is_finished) == (2, False)
    assert sweep_tonight(scene.database, night(0)) is None, "somebody is at it"
    later = FixedClock(NOON + 2 * ABANDONED)
    rest = sweep_tonight(scene.database, later)
    assert rest is not None
    assert (rest.run_id, rest.sections, rest.is_finished) == (cut.run_id, 2, True)
    assert sweep_tonight(scene.database, later) is None
    assert sweep_tonight(scene.database, night(1)) is not None


def test_memory_stays_the_same_however_many_sections_there_are(scene: Scene) -> None:
    for _ in range(60):
        scene.home(scene.person())
    sweep(scene.database, scene.clock, batch=10)
    peaks = []
    tracemalloc.start()
    sweep(
        scene.database,
        scene.clock,
        batch=10,
        told=lambda _: (peaks.append(tracemalloc.get_traced_memory()[1]), tracemalloc.reset_peak())[0],
    )
    tracemalloc.stop()
    assert len(peaks) == 7
    assert max(peaks[3:]) < 1.5 * max(peaks[:3])


def test_nothing_registered_and_no_name_is_written(scene: Scene) -> None:
    number = scene.home(scene.person())
    lose_rights(scene, number)
    before = scene.version(scene.id_of(number))
    sweep(scene.database, scene.clock)
    assert scene.version(scene.id_of(number)) == before
    (finding,) = findings(scene)
    assert "Şəxs" not in str(finding)
