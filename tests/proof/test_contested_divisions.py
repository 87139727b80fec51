"""Many processes enter, divide, merge and redraw neighbouring parcels at all levels: nothing overlaps, ever."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from dataclasses import asdict

import numpy as np
import pytest
import shapely
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from cadastre.db.places import checkout_root
from cadastre.db.unit_of_work import Database, Isolation, UnitOfWork
from cadastre.kernel.measures import compute_geodesic_area_m2
from tests.cadastre.db.races import race
from tests.database import Database as MigratedCopy
from tests.proof import ground_judge
from tests.proof.crowded_ground import PLOT_M, PLOTS, ROWS, outline, row_outline
from tests.proof.division_clients import ClientOrder, ClientReport
from tests.register import Register

WIDTH_M = 0.002
LEVELS = {
    "read-committed": (Isolation.READ_COMMITTED,),
    "repeatable-read": (Isolation.REPEATABLE_READ,),
    "serializable": (Isolation.SERIALIZABLE,),
    "mixed": tuple(Isolation),
}
TRANSACTIONS = int(os.environ.get("CADASTRE_PROOF_DIVISIONS", "100000"))
OPERATIONS_IN_100 = 20
CELLS_OFF = (
    "CREATE OR REPLACE FUNCTION cadastre.touch_cells(cells bigint[]) RETURNS void LANGUAGE sql AS 'SELECT'"
)


def settle(url: str) -> None:
    """Rows of plots side by side, every row of one owner."""
    database = Database(url, pool_size=1)

    def write(uow: UnitOfWork) -> None:
        register = Register(uow.connection)
        for row in range(ROWS):
            owner = register.party(f"Sınaq Sahib {row}")
            for at in range(PLOTS):
                west, east = at * PLOT_M, (at + 1) * PLOT_M
                parcel = register.parcel(f"R-{row}-{at}", outline(row, (west, west), (east, east)))
                register.right(register.property(f"2030170{row:02d}{at:03d}", parcel), owner)

    database.run(write, isolation=Isolation.READ_COMMITTED)
    database.close()


def contest(*orders: ClientOrder) -> list[ClientReport]:
    """Let client processes begin at once when all are there; give what each reports."""
    program = [sys.executable, "-m", "tests.proof.division_clients"]
    processes = [
        subprocess.Popen(
            [*program, json.dumps(asdict(order))],
            cwd=checkout_root(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for order in orders
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * len(orders)
    return [ClientReport(**json.loads(answer)) for answer in answers]


def judge(connection: Connection, reports: list[ClientReport]) -> None:
    """All that must hold after a contest."""
    versions = ground_judge.read_versions(connection)
    assert ground_judge.count_overlaps(versions.outlines[versions.is_current], WIDTH_M) == 0
    assert ground_judge.count_overlaps_ever(versions, WIDTH_M) == 0
    assert ground_judge.count_split_parcels(connection) == 0
    assert ground_judge.measure_case_imbalance(connection, versions) < 1e-3
    grounds = ground_judge.list_family_grounds(connection, versions)
    assert grounds
    for before, after, registered_m2 in grounds:
        assert shapely.area(shapely.symmetric_difference(before, after)) < 1e-3
        exact = compute_geodesic_area_m2(np.array([before], dtype=object))[0]
        assert abs(registered_m2 - exact) < 0.1  # each area is registered in whole square centimetres
    assert_rows_full(versions)
    assert ground_judge.list_gaps_in_journal(connection) == []
    acknowledged = sorted(case for report in reports for case in report.registered_cases)
    assert ground_judge.list_registered(connection) == acknowledged


def assert_rows_full(versions: ground_judge.Versions) -> None:
    """No row lost or won ground: what stands within it is all of it."""
    standing = versions.outlines[versions.is_current]
    for row in range(ROWS):
        land = row_outline(row)
        inside = standing[shapely.area(shapely.intersection(standing, land)) > 1]
        assert abs(float(shapely.area(inside).sum()) - shapely.area(land)) < 1e-3
        assert shapely.area(shapely.difference(land, shapely.union_all(inside))) < 1e-3


def run_contest(
    database: MigratedCopy, levels: tuple[Isolation, ...], transactions: int, clients: int
) -> None:
    settle(database.app_url)
    began = time.monotonic()
    orders = [
        ClientOrder(database.app_url, seed + 1, transactions // clients, levels, OPERATIONS_IN_100)
        for seed in range(clients)
    ]
    reports = contest(*orders)
    seconds = time.monotonic() - began
    told = Counter[str]()
    for report in reports:
        told.update(report.outcomes)
    assert sum(told.values()) == transactions // clients * clients
    done = {name for name in told if name.endswith(": done")}
    assert {"insert: done", "division: done"} <= done
    engine = create_engine(database.superuser_url, poolclass=NullPool)
    with engine.connect() as connection:
        judge(connection, reports)
        deadlocks = connection.execute(
            text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        ).scalar_one()
    attempts = sum(report.attempts for report in reports)
    print(f"{transactions} transactions, {attempts} attempts, {deadlocks} deadlocks, {seconds:.0f} s")
    for name, times in sorted(told.items()):
        print(f"  {times:6d} {name}")


def test_contested_ground_does_not_overlap(fresh_database: MigratedCopy) -> None:
    run_contest(fresh_database, LEVELS["mixed"], 1_000, clients=4)


@pytest.mark.proof
@pytest.mark.parametrize("levels", LEVELS.values(), ids=LEVELS.keys())
def test_contested_ground_does_not_overlap_at_length(
    fresh_database: MigratedCopy, levels: tuple[Isolation, ...]
) -> None:
    run_contest(fresh_database, levels, TRANSACTIONS // len(LEVELS), clients=8)


@pytest.mark.parametrize(("is_guarded", "overlaps"), [(True, 0), (False, 1)])
def test_without_the_cells_a_meeting_would_be_lost(
    fresh_database: MigratedCopy, is_guarded: bool, overlaps: int
) -> None:
    """The judge is able to find a fault: with the contention rows switched off two writers overlap."""
    if not is_guarded:
        with create_engine(fresh_database.superuser_url, poolclass=NullPool).begin() as owner:
            owner.execute(text(CELLS_OFF))
    land = row_outline(0)
    beside = shapely.transform(land, lambda corners: corners + np.array([3.0, 0.0]))
    won, other = race(
        create_engine(fresh_database.app_url, poolclass=NullPool),
        (Isolation.REPEATABLE_READ, Isolation.REPEATABLE_READ),
        lambda register: register.parcel("MEET-1", land),
        lambda register: register.parcel("MEET-2", beside),
    )
    assert (won.result, other.result == "ok") == ("ok", not is_guarded)
    with create_engine(fresh_database.superuser_url, poolclass=NullPool).connect() as connection:
        versions = ground_judge.read_versions(connection)
    assert ground_judge.count_overlaps(versions.outlines[versions.is_current], WIDTH_M) == overlaps
    assert ground_judge.count_overlaps_ever(versions, WIDTH_M) == overlaps


def test_the_judge_looks_at_the_past_and_at_the_tolerance() -> None:
    shapes = np.array([shapely.box(0, 0, 9, 9), shapely.box(8.997, 0, 20, 9), shapely.box(0, 9, 9, 12)])
    ids = np.arange(3)

    def at(*closed: int) -> ground_judge.Versions:
        times = np.array(closed, dtype=np.int64)
        return ground_judge.Versions(ids, ids, shapes, np.ones(3), np.array([1, 5, 1]), times)

    assert ground_judge.count_overlaps(shapes, WIDTH_M) == 1
    assert ground_judge.count_overlaps(shapes, 0.003) == 0
    assert ground_judge.count_overlaps_ever(at(5, 9, 9), WIDTH_M) == 0
    assert ground_judge.count_overlaps_ever(at(6, 9, 9), WIDTH_M) == 1
