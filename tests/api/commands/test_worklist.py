"""``cadastre sweep`` and ``cadastre worklist``: what is found and what waits, one line each; faults are one line."""

from __future__ import annotations

import re
import threading
from datetime import datetime

import pytest
from sqlalchemy import text

from api.worker import NightWatch
from cadastre.db.unit_of_work import Database as DatabasePool
from cadastre.kernel.clock import OFFICIAL_ZONE, FixedClock
from tests.api.commands.conftest import Run
from tests.database import Database

pytestmark = pytest.mark.usefixtures("planted_environment")


def test_the_sweep_says_how_many_it_judged_and_found(run: Run) -> None:
    first = run("sweep")
    told = re.fullmatch(
        r"run \d+: ([\d,]+) sections in [\d.]+ s \([\d,]+/s\), ([\d,]+) findings, .* new, .* gone",
        first.out.splitlines()[0],
    )
    assert told is not None, first.out
    assert int(told[1].replace(",", "")) > 0
    assert first.code == (1 if int(told[2].replace(",", "")) else 0)
    again = run("sweep", "--district", "BAK-XEZ")
    assert again.code in (0, 1)
    assert " 0 of them new" in again.out


def test_the_lists_are_named_and_read(run: Run) -> None:
    named = run("worklist", "--language", "ru")
    assert "overdue_cases: Просроченные дела" in named.out
    for line in named.out.splitlines():
        read = run("worklist", line.partition(":")[0], "--limit", "5")
        assert read.code == 0, read.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["sweep", "--district", "ATLANTIS"], "no district"),
        (["worklist", "everything"], "no such worklist"),
        (["worklist", "overdue_cases", "--district", "ATLANTIS"], "no district"),
        (["worklist", "overdue_cases", "--office", "??"], "no office"),
        (["worklist", "overdue_cases", "--limit", "0"], "limit"),
        (["worklist", "overdue_cases", "--language", "de"], "az, en, ru"),
        (["worklist", "overdue_cases", "--token", "rubbish"], ""),
    ],
)
def test_unusable_input_is_one_line(run: Run, arguments: list[str], says: str) -> None:
    done = run(*arguments)
    assert done.code == 2
    assert len(done.err.splitlines()) == 1
    assert says in done.err


def test_the_worker_sweeps_once_a_night_from_its_hour(planted_database: Database) -> None:
    database = DatabasePool(planted_database.app_url, pool_size=2)
    stop = threading.Event()
    early, due = (FixedClock(datetime(2031, 5, 4, hour, 30, tzinfo=OFFICIAL_ZONE)) for hour in (1, 2))
    for clock in (early, due, due):
        NightWatch(database, clock, hour=2).work_once(stop)
    query = text(
        "SELECT count(*) FROM staging.sweep_run WHERE night = '2031-05-04' AND finished_at IS NOT NULL"
    )
    assert database.run(lambda uow: uow.connection.execute(query).scalar_one()) == 1
    database.close()
