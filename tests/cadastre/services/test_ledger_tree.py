"""The public log grows behind the numbering, once, whoever calls and whenever he is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from cadastre.db.migrate import upgrade
from cadastre.db.unit_of_work import Database, Isolation, Role, UnitOfWork
from cadastre.kernel.errors import CadastreError
from cadastre.ledger.merkle import (
    compute_root,
    consistency_path,
    hash_leaf,
    inclusion_path,
    nodes_of,
    verify_consistency,
    verify_inclusion,
)
from cadastre.services.ledger_clock import sequence
from cadastre.services.ledger_tree import TreeReader, grow
from cadastre.store.ledger import append_leaf
from cadastre.store.ledger_tree import get_tree_size, list_entries
from tests.database import Database as MigratedCopy


@pytest.fixture
def database(fresh_database: MigratedCopy) -> Iterator[Database]:
    opened = Database(fresh_database.app_url)
    yield opened
    opened.close()


def write_leaves(database: Database, count: int) -> None:
    def write(uow: UnitOfWork) -> None:
        for number in range(count):
            append_leaf(uow.connection, kind="test.leaf", actor="test", payload={"number": number})

    database.run(write)


def all_leaf_hashes(database: Database) -> list[bytes]:
    """Hash of every entry, from what the leaves are made of."""
    return database.read(
        lambda uow: [
            hash_leaf(entry) for entry in list_entries(uow.connection, 0, get_tree_size(uow.connection))
        ]
    )


def assert_consistent(database: Database) -> int:
    """Entries are those of the leaves, without a gap; tiles are what they must be."""

    def gather(uow: UnitOfWork) -> tuple[list[bytes], bytes, int]:
        connection = uow.connection
        size = get_tree_size(connection)
        strange = connection.execute(
            text(
                "SELECT count(*) FROM ledger.entry e FULL JOIN"
                " (SELECT * FROM ledger.leaf WHERE ledger_index < :size) l USING (ledger_index)"
                " WHERE e.leaf_id IS DISTINCT FROM l.leaf_id OR e.body IS DISTINCT FROM l.leaf_hash"
            ),
            {"size": size},
        ).scalar_one()
        tiles = connection.execute(text("SELECT count(*) FROM ledger.tile")).scalar_one()
        assert strange == 0
        assert tiles == size // 256 + size // 65536
        return list_entries(connection, 0, size), TreeReader(connection, size).root(), size

    entries, root, size = database.read(gather, role=Role.WRITE)
    assert len(entries) == size
    assert root == compute_root([hash_leaf(entry) for entry in entries])
    return size


def test_entries_are_the_numbered_leaves_and_the_tree_stands_over_them(database: Database) -> None:
    write_leaves(database, 300)
    assert grow(database) == 1  # what has no number is not in the log
    assert sequence(database) == grow(database) == 301
    write_leaves(database, 250)
    sequence(database)

    assert grow(database) == 551
    assert assert_consistent(database) == 551


def test_proofs_from_stored_tiles_lead_to_the_root(database: Database) -> None:
    write_leaves(database, 600)
    sequence(database)
    grow(database)
    hashes = all_leaf_hashes(database)

    def compare(uow: UnitOfWork) -> None:
        for size in (1, 2, 255, 256, 257, 512, 513, 601):
            tree = TreeReader(uow.connection, size)
            assert tree.root() == compute_root(hashes[:size])
            for index in {0, size // 3, size - 1}:
                path = tree.path_to(index)
                assert path == inclusion_path(index, size, nodes_of(hashes))
                assert verify_inclusion(hashes[index], index, size, path, tree.root())
            smaller = (size + 1) // 2
            path = tree.path_from(smaller)
            assert path == consistency_path(smaller, size, nodes_of(hashes))
            assert verify_consistency(smaller, size, tree.root_of(smaller), tree.root(), path)

    database.read(compare)


def test_many_callers_grow_one_tree(database: Database) -> None:
    barrier = threading.Barrier(6)

    def work(number: int) -> None:
        barrier.wait()
        for _ in range(8):
            write_leaves(database, 12)
            sequence(database)
            grow(database)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    sequence(database)
    assert grow(database) == assert_consistent(database) == 1 + 6 * 8 * 12


_CHILD = """
import sys
from cadastre.db.unit_of_work import Database
from cadastre.services import ledger_tree
from cadastre.services.ledger_clock import sequence
from cadastre.store.ledger import append_leaf
ledger_tree.BATCH = 37
database = Database(sys.argv[1])
print("ready", flush=True)
while True:
    def write(uow):
        for number in range(40):
            append_leaf(uow.connection, kind="test.leaf", actor="test", payload={"number": number})
    database.run(write)
    sequence(database)
    ledger_tree.grow(database)
"""


def test_who_is_killed_while_the_tree_grows_leaves_a_whole_tree(
    database: Database, fresh_database: MigratedCopy
) -> None:
    sizes = []
    for pause in (0.05, 0.11, 0.17, 0.26):
        command = [sys.executable, "-c", _CHILD, fresh_database.app_url]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
            threading.Event().wait(pause)
            os.kill(child.pid, signal.SIGKILL)
        sizes.append(assert_consistent(database))
    sequence(database)
    assert grow(database) == assert_consistent(database) >= sizes[-1]


def test_a_backend_that_is_ended_while_the_tree_grows_leaves_a_whole_tree(
    database: Database, fresh_database: MigratedCopy
) -> None:
    write_leaves(database, 2000)
    sequence(database)
    killer = create_engine(fresh_database.superuser_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    stop = threading.Event()

    def kill() -> None:
        with killer.connect() as connection:
            while not stop.is_set():
                connection.execute(
                    text(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                        " AND query LIKE '%grow_tree%' AND pid <> pg_backend_pid() AND state = 'active'"
                    )
                )

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        for _ in range(5):
            try:
                grow(database)
            except (DBAPIError, CadastreError):  # whatever a killed backend answers
                continue
    finally:
        stop.set()
        thread.join()
        killer.dispose()
    assert_consistent(database)
    assert grow(database) == assert_consistent(database) == 2001


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger.entry SET body = sha256(body)",
        "DELETE FROM ledger.entry",
        "UPDATE ledger.tile SET root = sha256(root)",
        "DELETE FROM ledger.tile",
        "UPDATE ledger.checkpoint SET note = 'x'",
        "DELETE FROM ledger.checkpoint",
        "INSERT INTO ledger.entry VALUES (7, 7, '\\x00', '\\x00')",
        "INSERT INTO ledger.tile VALUES (0, 7, '\\x00', '\\x00')",
        "SELECT ledger.fill_tiles(0::smallint, 0, 1)",
    ],
)
def test_nobody_but_the_growing_changes_the_log(database: Database, statement: str) -> None:
    with pytest.raises(DBAPIError):
        database.run(lambda uow: uow.connection.execute(text(statement)))


def test_even_the_owner_changes_no_entry(fresh_database: MigratedCopy) -> None:
    engine = create_engine(fresh_database.admin_url, poolclass=NullPool)
    database = Database(fresh_database.app_url)
    grow(database)
    database.close()
    for statement in ("UPDATE ledger.entry SET body = sha256(body)", "DELETE FROM ledger.entry"):
        with engine.connect() as connection:
            connection.exec_driver_sql("SET LOCAL ROLE cadastre_owner")
            with pytest.raises(DBAPIError):
                connection.exec_driver_sql(statement)
    engine.dispose()


def test_what_was_numbered_before_there_was_a_log_is_entered_when_it_is_migrated(
    database: Database, fresh_database: MigratedCopy, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_leaves(database, 600)
    sequence(database)
    write_leaves(database, 3)  # not numbered yet
    monkeypatch.setattr("cadastre.db.migrate._LOG_BATCH", 70)
    upgrade(fresh_database.admin_url)
    assert assert_consistent(database) == 601
    upgrade(fresh_database.admin_url)
    assert assert_consistent(database) == 601


def test_the_tree_grows_at_read_committed_only(database: Database) -> None:
    with pytest.raises(DBAPIError):
        database.run(
            lambda uow: uow.connection.execute(text("SELECT ledger.grow_tree(1)")),
            isolation=Isolation.REPEATABLE_READ,
        )


def test_leaves_of_a_transaction_close_in_their_order_and_late_ones_too(database: Database) -> None:
    def write(uow: UnitOfWork) -> list[int]:
        def one(number: int) -> int:
            return append_leaf(uow.connection, kind="test.leaf", actor="test", payload={"number": number})

        leaves = [one(number) for number in range(90)]
        uow.connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
        leaves.append(one(90))
        uow.connection.exec_driver_sql("SET CONSTRAINTS ALL DEFERRED")
        with uow.connection.begin_nested() as undone:
            one(91)
            undone.rollback()
        return [*leaves, *(one(number) for number in range(92, 95))]

    written = [database.run(write), database.run(write)]
    sequence(database)
    query = text("SELECT leaf_id FROM ledger.leaf WHERE ledger_index > 0 ORDER BY closing_number")
    closed = database.read(lambda uow: list(uow.connection.execute(query).scalars()), role=Role.WRITE)
    assert closed == [leaf for leaves in written for leaf in leaves]
    grow(database)
    assert assert_consistent(database) == 1 + len(closed)
