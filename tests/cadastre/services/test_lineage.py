"""Lineage of parcels and sections over real divisions, mergers and boundary changes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cadastre.db.unit_of_work import Database
from cadastre.domain.caller import Caller, CallerRole
from cadastre.domain.commands import Merge, ShiftBoundary
from cadastre.domain.lineage import Direction, Lineage
from cadastre.kernel.errors import InvalidInput, NotAuthenticated, NotFound
from cadastre.services.ledger_clock import sequence
from cadastre.services.lineage import get_parcel_lineage, get_property_lineage
from tests.cadastre.services.registering import Office
from tests.cadastre.services.test_land_registration import block, halves, settle, successors
from tests.database import TestCluster

UP, DOWN = Direction.UP, Direction.DOWN
REGISTRAR = Caller("registrar-1", CallerRole.REGISTRAR, "Qeydiyyatçı")


@pytest.fixture(scope="module")
def office(test_cluster: TestCluster) -> Iterator[Office]:
    """A register in which land of one owner was divided, changed and merged again."""
    copy = test_cluster.create_copy()
    database = Database(copy.app_url, pool_size=4)
    office = Office(database)
    (owner,) = office.people("Sahib")
    (here,) = settle(office, owner, 1, 0)
    west, east = successors(office.register("division", halves(office.state(here), 1)))
    ids = [office.state(each).parcels[0].parcel_id for each in (west, east)]
    outlines = ((ids[0], block(1, 0, 10)), (ids[1], block(1, 10, 30)))
    office.register("boundary_change", ShiftBoundary(outlines), properties=(west, east))
    office.before_merger = office.head()  # type: ignore[attr-defined]
    office.register("merger", Merge((west, east), block(1, 0)), properties=(west, east))
    sequence(database)
    yield office
    database.close()
    test_cluster.drop_copy(copy)


def trace(office: Office, number: str, direction: Direction, **more: int) -> Lineage:
    return office.database.read(lambda uow: get_parcel_lineage(uow, number, direction, **more))


def names(lineage: Lineage) -> list[tuple[int, str, bool]]:
    return [(each.generation, each.number, each.ended_on is None) for each in lineage.members]


def newest(office: Office) -> str:
    """The parcel that all came to."""
    return trace(office, "L-1-0", DOWN).members[-1].number


def test_downwards_all_that_came_of_a_parcel_and_when(office: Office) -> None:
    lineage = trace(office, "L-1-0", DOWN)
    assert [each.generation for each in lineage.members] == [0, 1, 1, 2, 2, 3]
    assert [each.ended_on is None for each in lineage.members] == [False] * 5 + [True]
    assert {each.ended_on for each in lineage.members[:-1]} == {office.today()}
    manners = [step.manner for step in lineage.steps]
    assert sorted(manners) == ["boundary_change"] * 3 + ["division"] * 2 + ["merger"] * 2
    assert lineage.is_complete
    assert str(lineage.members[0].area_m2) == "1600.00"


def test_up_leads_back_to_where_down_came_from(office: Office) -> None:
    for member in trace(office, "L-1-0", DOWN).members:
        up = trace(office, member.number, UP)
        assert up.members[-1].number == "L-1-0"
        assert up.is_complete
    assert [each[0] for each in names(trace(office, newest(office), UP))] == [0, 1, 1, 2, 2, 3]


def test_a_depth_cuts_the_lineage_and_says_so(office: Office) -> None:
    lineage = trace(office, "L-1-0", DOWN, depth=1)
    assert [each.generation for each in lineage.members] == [0, 1, 1]
    assert not lineage.is_complete


def test_what_was_known_earlier_is_told_as_it_was(office: Office) -> None:
    known_at = office.before_merger  # type: ignore[attr-defined]
    before = trace(office, "L-1-0", DOWN, known_at=known_at)
    assert [each.generation for each in before.members] == [0, 1, 1, 2, 2]
    assert [each.ended_on is None for each in before.members] == [False] * 3 + [True] * 2
    assert before.is_complete
    with pytest.raises(NotFound):
        trace(office, newest(office), UP, known_at=known_at)


def test_an_untouched_parcel_is_alone_and_an_unknown_one_is_not_found(office: Office) -> None:
    (owner,) = office.people("Başqası")
    settle(office, owner, 2, 0)
    assert names(trace(office, "l-2-0", UP)) == [(0, "L-2-0", True)]
    with pytest.raises(NotFound):
        trace(office, "L-9-9", UP)
    for depth in (0, 10_001):
        with pytest.raises(InvalidInput):
            trace(office, "L-1-0", UP, depth=depth)


def ask(office: Office, number: str, direction: Direction, caller: Caller = REGISTRAR) -> Lineage:
    return get_property_lineage(
        office.database, number, direction, caller=caller, purpose="division", today=office.today()
    )


def test_the_lineage_of_a_section_is_told_to_whoever_may_see_it(office: Office) -> None:
    number = "203016000001"
    down = ask(office, number, DOWN)
    assert [each.generation for each in down.members] == [0, 1, 1, 2]
    assert [each.ended_on is None for each in down.members] == [False, False, False, True]
    assert [each.number for each in ask(office, down.members[-1].number, UP).members][-1] == number
    with pytest.raises(NotAuthenticated):
        ask(office, number, DOWN, Caller("anonymous", CallerRole.PUBLIC, ""))
    with pytest.raises(NotFound):
        ask(office, number, DOWN, Caller("owner-1", CallerRole.OWNER, "Sahib", fin="ABC1234"))
