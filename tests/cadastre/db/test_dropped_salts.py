"""Salts of looks go after their term; those of the register stay, whoever asks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from cadastre.store.ledger import append_leaf
from tests.database import Database


@pytest.fixture
def superuser(worker_database: Database) -> Iterator[Connection]:
    """Connection of whoever may do everything; what he does is undone."""
    engine = create_engine(worker_database.superuser_url, poolclass=NullPool)
    with engine.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()
    engine.dispose()


_AGE = text(
    "UPDATE ledger.leaf SET recorded_time = now() - make_interval(days => :days) WHERE leaf_id = :leaf"
)
_DROP = text("UPDATE ledger.leaf SET salt = NULL WHERE leaf_id = :leaf")
_ENTER = text("""
    INSERT INTO ledger.entry (ledger_index, leaf_id, body, rows)
    VALUES (900000 + :leaf, :leaf, sha256('x'), :rows)
""")
_SIGN = text("""
    INSERT INTO ledger.checkpoint (tree_size, root, note, signed_at)
    VALUES (900001 + :leaf, sha256('x'), 'x', now() - make_interval(days => :days))
""")
_SALT = text("SELECT salt FROM ledger.leaf WHERE leaf_id = :leaf")


def aged(connection: Connection, kind: str, days: int, *, of_look: bool = True) -> int:
    """Leaf of a kind that a head covers which was signed so many days ago."""
    leaf = append_leaf(connection, kind=kind, actor="test", payload={"n": days})
    connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
    connection.execute(_AGE, {"days": days, "leaf": leaf})
    connection.execute(
        text(
            "UPDATE ledger.leaf SET closing_number = -:leaf, ledger_index = 900000 + :leaf WHERE leaf_id = :leaf"
        ),
        {"leaf": leaf},
    )
    rows = bytes(28) + (b"\x80\0\0\1" if of_look else b"\0\0\0\1")
    connection.execute(_ENTER, {"leaf": leaf, "rows": rows})
    connection.execute(_SIGN, {"leaf": leaf, "days": days})
    connection.exec_driver_sql("SET LOCAL session_replication_role = origin")
    return leaf


def test_only_looks_past_their_term_lose_their_salt(superuser: Connection) -> None:
    entry = aged(superuser, "register.transfer", 9_000)
    unmarked = aged(superuser, "access.property", 8_000, of_look=False)
    old, fresh = aged(superuser, "access.property", 1_097), aged(superuser, "access.property", 1_095)
    assert superuser.execute(text("SELECT ledger.drop_access_salts(100)")).scalar_one() == 1
    kept = [superuser.execute(_SALT, {"leaf": leaf}).scalar_one() for leaf in (old, fresh, entry, unmarked)]
    assert [salt is None for salt in kept] == [True, False, False, False]


@pytest.mark.parametrize(("kind", "days"), [("access.property", 10), ("register.transfer", 9_000)])
def test_no_other_salt_is_dropped_by_hand(superuser: Connection, kind: str, days: int) -> None:
    leaf = aged(superuser, kind, days)
    with pytest.raises(DBAPIError, match="is kept"):
        superuser.execute(_DROP, {"leaf": leaf})
