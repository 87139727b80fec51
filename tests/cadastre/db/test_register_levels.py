"""Every invariant of the register, at every pair of isolation levels: whoever meets whom, none is broken."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import partial

import pytest
from sqlalchemy import Engine, create_engine, text

from cadastre.db.unit_of_work import Isolation
from tests.cadastre.db.contests import CONTESTS, HELD_BY_HEADS, Contest, Facts
from tests.cadastre.db.races import Outcome, attempt, race
from tests.database import Database, TestCluster
from tests.register import Register

PAIRS = tuple(itertools.product(Isolation, Isolation))


def fight(
    engine: Engine, contest: Contest, levels: tuple[Isolation, Isolation]
) -> tuple[Outcome, Outcome, int]:
    """Let two transactions meet on new ground; give what came of each, and how many faults there are."""
    facts: Facts = {}

    def prepare(register: Register) -> None:
        facts.update(contest.ground(register))

    assert attempt(engine, Isolation.READ_COMMITTED, prepare) == Outcome("ok")
    first, second = race(
        engine, levels, lambda register: contest.first(register, facts), partial(_second, contest, facts)
    )
    with engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("SET LOCAL ROLE cadastre_write")
        faults = connection.execute(text(contest.faults), facts).scalar_one()
    return first, second, faults


def _second(contest: Contest, facts: Facts, register: Register) -> None:
    contest.second(register, facts)


@pytest.mark.parametrize("contest", CONTESTS, ids=str)
def test_no_pair_of_levels_breaks_it(arena: Engine, contest: Contest) -> None:
    seen = {}
    for levels in PAIRS:
        first, second, faults = fight(arena, contest, levels)
        seen["/".join(levels)] = (first.result, second.result, faults)
        assert first.result == contest.first_result, seen
        assert second.result in contest.allowed, seen
        assert faults == 0, seen


def test_the_journal_has_no_gap_and_its_times_follow_its_numbers(arena: Engine) -> None:
    """Judged after all the contests, many of whose transactions were undone."""
    with arena.connect() as connection:
        connection.exec_driver_sql("SET ROLE cadastre_write")
        gaps, backwards = connection.execute(
            text("""SELECT max(journal_number) - count(*), count(*) FILTER (WHERE received_at < before)
                      FROM (SELECT journal_number, received_at,
                                   lag(received_at) OVER (ORDER BY journal_number) AS before
                              FROM registry.registration_journal) j""")
        ).one()
    assert (gaps, backwards) == (0, 0)


@pytest.mark.parametrize("name", HELD_BY_HEADS)
def test_without_the_heads_the_contest_would_be_lost(headless: Engine, name: str) -> None:
    """The contests are able to fail: with the contention row switched off some pair of levels does."""
    contest = next(contest for contest in CONTESTS if contest.name == name)
    assert any(fight(headless, contest, levels)[2] for levels in PAIRS)


@pytest.fixture(scope="module")
def headless(test_cluster: TestCluster) -> Iterator[Engine]:
    """Register whose writers pass each other by."""
    database: Database = test_cluster.create_copy()
    owner = create_engine(database.superuser_url)
    with owner.begin() as connection:
        connection.execute(
            text("""CREATE OR REPLACE FUNCTION registry.touch_properties(properties bigint[], contents boolean)
                    RETURNS void LANGUAGE sql AS 'SELECT'""")
        )
    owner.dispose()
    engine = create_engine(database.app_url, pool_size=6)
    yield engine
    engine.dispose()
    test_cluster.drop_copy(database)
