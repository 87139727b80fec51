"""Many writers at one place: whatever their isolation levels, no two registered parcels overlap."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from cadastre.db.unit_of_work import Database, Isolation, Role, UnitOfWork
from cadastre.kernel.errors import Conflict, RuleBroken
from tests.database import Database as MigratedCopy
from tests.register import Register, square

LEVELS = {
    "read committed": [Isolation.READ_COMMITTED],
    "repeatable read": [Isolation.REPEATABLE_READ],
    "serializable": [Isolation.SERIALIZABLE],
    "mixed": list(Isolation),
}
OVERLAPS = text("""
    SELECT count(*) FROM cadastre.parcel_version a JOIN cadastre.parcel_version b ON a.version_id < b.version_id
       AND a.geom_wgs84 && b.geom_wgs84
     WHERE ST_Relate(a.geom, b.geom, '2********') AND NOT ST_IsEmpty(ST_Buffer(ST_Intersection(a.geom, b.geom), -0.001))
""")


def contest(database: Database, levels: list[Isolation], writer: int, tries: int) -> int:
    """Try to register parcels in one crowded block; give how many were."""
    dice = random.Random(writer)
    registered = 0
    for attempt in range(tries):
        shape = square(dice.uniform(0, 60), dice.uniform(0, 60), 12)

        def insert(uow: UnitOfWork, number: str = f"C-{writer}-{attempt}", shape=shape) -> None:  # type: ignore[no-untyped-def]
            Register(uow.connection).parcel(number, shape)

        try:
            database.run(insert, isolation=dice.choice(levels))
            registered += 1
        except (RuleBroken, Conflict) as refused:
            if refused.code not in {"parcel-overlaps", "contention"}:
                raise
    return registered


def contested(url: str, levels: list[Isolation], writers: int, tries: int) -> tuple[int, int]:
    """Run the contest; give (registered, overlapping pairs)."""
    database = Database(url, pool_size=writers)
    try:
        with ThreadPoolExecutor(writers) as pool:
            work = [pool.submit(contest, database, levels, n, tries) for n in range(writers)]
            registered = sum(job.result() for job in work)
        pairs = database.read(lambda uow: uow.connection.execute(OVERLAPS).scalar_one(), role=Role.WRITE)
    finally:
        database.close()
    return registered, pairs


@pytest.mark.parametrize("levels", LEVELS.values(), ids=LEVELS.keys())
def test_contested_inserts_leave_no_overlap(fresh_database: MigratedCopy, levels: list[Isolation]) -> None:
    registered, pairs = contested(fresh_database.app_url, levels, writers=8, tries=20)
    assert pairs == 0
    assert 4 <= registered <= 60


@pytest.mark.proof
@pytest.mark.parametrize("levels", LEVELS.values(), ids=LEVELS.keys())
def test_contested_inserts_leave_no_overlap_at_length(
    fresh_database: MigratedCopy, levels: list[Isolation]
) -> None:
    _, pairs = contested(fresh_database.app_url, levels, writers=16, tries=400)
    assert pairs == 0


def test_without_the_cells_the_contest_would_be_lost(fresh_database: MigratedCopy) -> None:
    """The contest is able to fail: with the contention rows switched off it finds overlaps."""
    owner = Database(fresh_database.superuser_url)
    with owner.engine.begin() as connection:
        connection.execute(
            text(
                "CREATE OR REPLACE FUNCTION cadastre.touch_cells(cells bigint[]) RETURNS void LANGUAGE sql AS 'SELECT'"
            )
        )
    owner.close()
    found = 0
    for _ in range(5):
        found = contested(fresh_database.app_url, [Isolation.REPEATABLE_READ], writers=8, tries=1)[1]
        if found:
            break
        with Database(fresh_database.superuser_url).engine.begin() as connection:
            connection.execute(text("SET session_replication_role = replica"))
            connection.execute(text("DELETE FROM cadastre.parcel_version"))
            connection.execute(text("DELETE FROM cadastre.parcel"))
    assert found > 0


def test_two_sellers_of_one_share_cannot_both_win(fresh_database: MigratedCopy) -> None:
    """Both replace the sole owner at once: one commits, the other is told; the shares stay whole."""
    database = Database(fresh_database.app_url, pool_size=4)

    def found(uow: UnitOfWork) -> tuple[int, int]:
        register = Register(uow.connection)
        register.leaf()
        owned = register.property("230000000001", register.parcel("S-1", square(0, 0)))
        return owned, register.right(owned, register.party("Sınaq Satıcı"))

    owned, sold = database.run(found)

    def sell(buyer: str) -> str:
        def transfer(uow: UnitOfWork) -> None:
            register = Register(uow.connection)
            register.close("cadastre.property_right", "right_id", sold)
            register.right(owned, register.party(buyer))

        try:
            database.run(transfer, isolation=Isolation.READ_COMMITTED)
        except (RuleBroken, Conflict) as refused:
            return refused.code
        except DBAPIError as error:
            return str(error.orig)
        return "sold"

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(sell, ["A", "B", "C", "D"]))
    database.close()
    assert outcomes.count("sold") == 1
    assert set(outcomes) == {"sold", "never-changed"}
