"""Whatever was done in a section, cancelling the newest of it leaves what stood before, on both axes of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from cadastre.db.unit_of_work import Database, UnitOfWork
from cadastre.domain.commands import CancelEntries, Command, Correct, Rename, Succeed
from cadastre.domain.moment import Moment
from cadastre.domain.property_state import PropertyState
from cadastre.domain.share import is_whole_ownership
from cadastre.kernel.errors import CadastreError
from cadastre.store.ledger import append_leaf
from cadastre.store.properties import find_property
from tests.cadastre.domain.operations.drawn import commands, is_idle
from tests.cadastre.services.registering import DAY, Office
from tests.database import TestCluster

SENSELESS = (
    "correction-changes-nothing",
    "renaming-changes-nothing",
    "rights-collide",
    "holder-has-right",
    "party-linked-already",  # the new name of one person is not the name of another
)
HIDDEN = frozenset(
    {
        "right_id",
        "restriction_id",
        "recorded_leaf",
        "superseded_leaf",
        "case_id",
        "continues_right_id",
        "continues_restriction_id",
        "load_id",
    }
)


@pytest.fixture(scope="module")
def office(test_cluster: TestCluster) -> Iterator[Office]:
    copy = test_cluster.create_copy()
    database = Database(copy.app_url, pool_size=4)
    yield Office(database)
    database.close()
    test_cluster.drop_copy(copy)


def contents(office: Office, property_id: int, known_at: int, as_of: date) -> list[str]:
    """What a reader sees of the section at a moment, whichever rows say it."""

    def read(uow: UnitOfWork) -> list[str]:
        append_leaf(uow.connection, kind="access.test", actor="test", payload={})
        rows = find_property(uow.connection, property_id, Moment(as_of=as_of, known_at=known_at))
        assert rows is not None
        return sorted(_seen(row) for row in (*rows.rights, *rows.restrictions))

    return office.database.run(read)


def _seen(row: Any) -> str:
    values = {name: value for name, value in row._asdict().items() if name not in HIDDEN}
    return repr({k: bytes(v) if isinstance(v, memoryview) else str(v) for k, v in values.items()})


@st.composite
def restating(draw: st.DrawFn, state: PropertyState, people: Sequence[UUID]) -> tuple[str, Command]:
    """A correction of a holder, a new name or a successor; it may happen that it makes no sense."""
    here, present = state.property_id, draw(st.sampled_from(people))
    right = draw(st.sampled_from(state.rights))
    match draw(st.sampled_from(["correction", "renaming", "succession"])):
        case "correction":
            return "correction", Correct(here, right.right_id, party_id=present, share=right.share)
        case "renaming":
            return "renaming", Rename(here, right.party_id, present)
        case _:
            return "succession", Succeed(here, right.party_id, present)


@settings(max_examples=15, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(data=st.data())
def test_cancelling_the_newest_cases_gives_back_what_stood_before_them(office: Office, data: Any) -> None:
    people = office.people("Bir", "İki", "Üç", "Dörd")
    here = office.section({people[0]: (1, 2), people[1]: (1, 2)})
    today = office.today()
    cases, stood = [], [office.head()]
    for _ in range(data.draw(st.integers(1, 5), label="steps")):
        service, command = data.draw(
            restating(office.state(here), people) | commands(office.state(here), people)
        )
        case = office.file(service, here)
        try:
            office.decide(case, command)
        except CadastreError as error:
            if not is_idle(error.code) and error.code not in SENSELESS:
                raise
            office.withdraw(case)
            continue
        cases.append(case)
        stood.append(office.head())
    if not cases:
        return
    remembered = {(index, day): office.view(here, index, day) for index in stood for day in (DAY, today)}
    kept = data.draw(st.integers(0, len(cases) - 1), label="kept")
    if data.draw(st.booleans(), label="by one decision"):
        falling = [tuple(data.draw(st.permutations(cases[kept:]), label="cancelled"))]
    else:
        falling = [(case,) for case in reversed(cases[kept:])]
    for fallen in falling:
        office.register("cancellation", CancelEntries((here,), fallen), properties=[here])
    now = office.head()
    for day in (DAY, today):
        assert contents(office, here, now, day) == contents(office, here, stood[kept], day)
    assert is_whole_ownership([owner.share for owner in office.state(here).owners])
    assert {key: office.view(here, *key) for key in remembered} == remembered
