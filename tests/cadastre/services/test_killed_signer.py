"""Whoever is killed while he signs: heads never go back, and nothing that was remembered turns out wrong."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from cadastre.db.unit_of_work import Database
from cadastre.kernel.clock import SystemClock
from cadastre.ledger.checkpoint import parse_checkpoint
from cadastre.ledger.key_files import LastSigned, load_or_create_log_keys
from cadastre.ledger.note import parse_note
from cadastre.services.ledger_checkpoint import CheckpointDesk, LedgerInconsistent
from cadastre.services.ledger_clock import sequence
from cadastre.services.ledger_tree import TreeReader
from cadastre.store.ledger import append_leaf
from cadastre.store.ledger_tree import NUMBERED_AT_ONCE
from tests.database import Database as MigratedCopy

ORIGIN = "kadastr.local/ledger"
SIGN = """
import os, signal, sys
from pathlib import Path
from cadastre.db.unit_of_work import Database
from cadastre.kernel.clock import SystemClock
from cadastre.ledger.key_files import LastSigned, load_or_create_log_keys
from cadastre.services import ledger_checkpoint
url, place, where = sys.argv[1:]
def die(*_): os.kill(os.getpid(), signal.SIGKILL)
keep = LastSigned.keep
if where == "before the memory":
    LastSigned.keep = die
elif where == "after the memory":
    LastSigned.keep = lambda self, note: (keep(self, note), die())
else:
    ledger_checkpoint.insert_checkpoint = die
keys = load_or_create_log_keys(Path(place), "kadastr.local/ledger")
desk = ledger_checkpoint.CheckpointDesk(Database(url), keys, LastSigned(Path(place)), "kadastr.local/ledger", SystemClock())
desk.sign_then(lambda uow, head: None)
"""


@pytest.fixture
def desk(fresh_database: MigratedCopy, tmp_path: Path) -> Iterator[CheckpointDesk]:
    database = Database(fresh_database.app_url)
    keys = load_or_create_log_keys(tmp_path / "ledger", ORIGIN)
    yield CheckpointDesk(database, keys, LastSigned(tmp_path / "ledger"), ORIGIN, SystemClock())
    database.close()


def write_leaves(desk: CheckpointDesk, count: int) -> None:
    for number in range(count):
        desk.database.run(
            lambda uow, number=number: append_leaf(  # type: ignore[misc]
                uow.connection, kind="test.leaf", actor="test", payload={"number": number}
            )
        )


@pytest.mark.parametrize("where", ["before the memory", "after the memory", "before the row"])
def test_heads_never_go_back(
    desk: CheckpointDesk, fresh_database: MigratedCopy, tmp_path: Path, where: str
) -> None:
    write_leaves(desk, 3)
    before = desk.sign()
    write_leaves(desk, 3)
    arguments = [fresh_database.app_url, str(tmp_path / "ledger"), where]
    killed = subprocess.run([sys.executable, "-c", SIGN, *arguments], check=False, capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr

    assert desk.examine() == before  # well: what was signed and not committed is numbered, and entered anew
    remembered = desk.last_signed.read()
    assert remembered is not None
    head = parse_checkpoint(parse_note(remembered).text)
    assert head.size == (before.tree_size if where == "before the memory" else 7)
    write_leaves(desk, 2)
    after = desk.sign_then(lambda uow, signed: signed)
    assert after.tree_size == 9
    root = desk.database.read(lambda uow: TreeReader(uow.connection, 9).root_of(head.size))
    assert root == head.root
    assert desk.examine() == after


def test_a_memory_beyond_what_is_numbered_is_still_a_rollback(
    desk: CheckpointDesk, fresh_database: MigratedCopy
) -> None:
    write_leaves(desk, 3)
    desk.sign()
    engine = create_engine(fresh_database.superuser_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for table, column in (
            ("checkpoint", "tree_size - 1"),
            ("entry", "ledger_index"),
            ("leaf", "ledger_index"),
        ):
            connection.execute(text(f"DELETE FROM ledger.{table} WHERE {column} >= 2"))
        connection.execute(text("UPDATE ledger.sequencer SET tree_size = 2"))
    engine.dispose()
    with pytest.raises(LedgerInconsistent, match="turned back"):
        desk.examine()


def test_a_long_backlog_is_numbered_in_parts(desk: CheckpointDesk, fresh_database: MigratedCopy) -> None:
    engine = create_engine(fresh_database.superuser_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.execute(
            text("""
                INSERT INTO ledger.leaf (kind, actor, payload, salt, leaf_hash, closing_number)
                SELECT 'test.leaf', 'test', '{}', made.salt, sha256('\\x00'::bytea || made.salt || '{}'::bytea),
                       1000000 + g
                  FROM generate_series(1, :count) AS g
                  CROSS JOIN LATERAL (SELECT int8send(g) || int8send(g)) AS made (salt)
            """),
            {"count": NUMBERED_AT_ONCE + 5},
        )
    engine.dispose()
    assert sequence(desk.database) == NUMBERED_AT_ONCE + 6
