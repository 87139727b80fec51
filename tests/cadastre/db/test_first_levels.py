"""What has no section yet, at every pair of isolation levels: no double registration, no double sale, no double paper."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, text

from cadastre.db.unit_of_work import Isolation
from tests.cadastre.db.contests import Contest, Facts
from tests.cadastre.db.first_contests import CONTESTS, HELD_BY_TURNSTILES, claim, claim_filed, flat
from tests.cadastre.db.races import Outcome, attempt
from tests.cadastre.db.test_register_levels import PAIRS, fight
from tests.database import Database, TestCluster
from tests.register import Register


@pytest.mark.parametrize("contest", CONTESTS, ids=str)
def test_no_pair_of_levels_breaks_it(arena: Engine, contest: Contest) -> None:
    seen = {}
    for levels in PAIRS:
        first, second, faults = fight(arena, contest, levels)
        seen["/".join(levels)] = (first.result, second.result, faults)
        assert first.result in contest.allowed | {contest.first_result}, seen
        assert second.result in contest.allowed | {contest.first_result}, seen
        assert "ok" in (first.result, second.result), seen
        assert faults == 0, seen


@pytest.mark.parametrize("name", HELD_BY_TURNSTILES)
def test_without_the_turnstiles_the_contest_would_be_lost(careless: Engine, name: str) -> None:
    """The contests are able to fail: with the contention rows switched off some pair of levels does."""
    contest = next(contest for contest in CONTESTS if contest.name == name)
    assert any(fight(careless, contest, levels)[2] for levels in PAIRS)


def test_a_case_opens_a_section_only_for_what_it_named(arena: Engine) -> None:
    facts: Facts = {}

    def prepare(register: Register) -> None:
        facts.update(flat(register))
        facts["stranger"] = claim_filed(register, "S-0 / 99")

    assert attempt(arena, Isolation.READ_COMMITTED, prepare) == Outcome("ok")
    taken = attempt(arena, Isolation.READ_COMMITTED, lambda register: claim("stranger")(register, facts))
    assert taken.result == "ck_property_object_named"


def test_a_case_names_its_objects_when_it_is_filed(arena: Engine) -> None:
    facts: Facts = {}
    assert (
        attempt(arena, Isolation.READ_COMMITTED, lambda register: facts.update(flat(register))).result == "ok"
    )

    def name(register: Register) -> None:
        register.connection.execute(
            text("""INSERT INTO registry.case_object (case_id, object_kind, object_number, district_code,
                                                      recorded_leaf)
                    VALUES (:case, 'unit', 'S-0 / 98', 'BAK-XEZ', :leaf)"""),
            {"case": facts["case"], "leaf": register.leaf()},
        )

    assert attempt(arena, Isolation.READ_COMMITTED, name).result == "ck_case_object_at_filing"


@pytest.fixture(scope="module")
def careless(test_cluster: TestCluster) -> Iterator[Engine]:
    """Register whose writers pass each other by."""
    database: Database = test_cluster.create_copy()
    owner = create_engine(database.superuser_url)
    with owner.begin() as connection:
        connection.execute(
            text("""CREATE OR REPLACE FUNCTION registry.enter_objects(keys text[]) RETURNS void
                    LANGUAGE sql AS 'SELECT'""")
        )
    owner.dispose()
    engine = create_engine(database.app_url, pool_size=6)
    yield engine
    engine.dispose()
    test_cluster.drop_copy(database)
