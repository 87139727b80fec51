"""Processes that append to lists and read them on a real server, and write down what they saw.

A list is a row of ``proof.list``; the number of a list is that of a section of the register, so that a
transaction with *heads* enters its lists as a decision of the register enters sections: by
``registry.enter_properties``, first of all. Without heads nothing but the level protects it.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from time import monotonic_ns

import psycopg2
import psycopg2.extensions
from psycopg2 import errorcodes
from sqlalchemy.engine import make_url

from cadastre.db.unit_of_work import Isolation
from tests.proof.history import Append, Key, Read, Transaction, Value
from tests.proof.processes import spawner

LISTS_AT_ONCE = 4
OPERATIONS = 10
APPENDS = 0.3
LOST = (errorcodes.SERIALIZATION_FAILURE, errorcodes.DEADLOCK_DETECTED)
SETUP = """
    SET session_replication_role = replica;
    CREATE SCHEMA IF NOT EXISTS proof;
    CREATE TABLE proof.list (key bigint PRIMARY KEY, members bigint[] NOT NULL DEFAULT '{}') WITH (fillfactor = 40);
    INSERT INTO proof.list (key) SELECT generate_series(1, %(lists)s);
    INSERT INTO ledger.leaf (kind, actor, payload, salt, leaf_hash)
    VALUES ('load.rights', 'proof', '{}', decode(repeat('00', 16), 'hex'),
            sha256('\\x00'::bytea || decode(repeat('00', 16), 'hex') || '{}'::bytea));
    INSERT INTO cadastre.property (property_id, register_number, object_kind, district_code, opened_on, recorded_leaf)
    SELECT n, '2030' || lpad(n::text, 8, '0'), 'flat', 'BAK-XEZ', '2020-01-01', (SELECT max(leaf_id) FROM ledger.leaf)
      FROM generate_series(1, %(lists)s) n;
"""


@dataclass(frozen=True)
class ProbePlan:
    """What each process does: transactions on lists of a window that moves on, at levels drawn by lot.

    ``readers`` of them only read, eight lists in one snapshot, and enter nothing.
    """

    levels: tuple[Isolation, ...]
    heads: bool
    transactions: int
    window: int = 64
    moves_every: int = 100
    readers: float = 0.15

    @property
    def lists(self) -> int:
        """How many lists there must be."""
        return (self.transactions // self.moves_every + 1) * self.window


Seen = tuple[tuple[tuple[int, Value | tuple[Value, ...]], ...], bool, int, int]
"""A transaction as its process hands it over: (list, value or values) each, committed, began, ended."""


def plain(url: str) -> str:
    """Give the URL as the driver itself reads it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def lay_lists(url: str, lists: int) -> None:
    """Make empty lists and the sections whose heads guard them; nothing of them is ever registered."""
    with psycopg2.connect(plain(url)) as connection, connection.cursor() as cursor:
        cursor.execute(SETUP, {"lists": lists})
    connection.close()


def record(url: str, plan: ProbePlan, processes: int) -> list[Transaction]:
    """Let processes work at once; give what all of them saw."""
    with ProcessPoolExecutor(processes, spawner()) as pool:
        parts = pool.map(work, [url] * processes, [plan] * processes, range(processes))
        return restore(seen for part in parts for seen in part)


def restore(parts: Iterable[Seen]) -> list[Transaction]:
    """Make transactions of what was handed over; equal lists are kept once."""
    kept: dict[tuple[Value, ...], tuple[Value, ...]] = {}
    history = []
    for operations, committed, began, ended in parts:
        made = tuple(
            Read(key, kept.setdefault(value, value)) if isinstance(value, tuple) else Append(key, value)
            for key, value in operations
        )
        history.append(Transaction(made, committed, began, ended))
    return history


def read_lists(url: str) -> dict[Key, tuple[Value, ...]]:
    """Give all lists as they stand in the end."""
    with psycopg2.connect(plain(url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT key, members FROM proof.list WHERE members <> '{}'")
        found: dict[Key, tuple[Value, ...]] = {key: tuple(members) for key, members in cursor}
    connection.close()
    return found


def work(url: str, plan: ProbePlan, client: int) -> list[Seen]:
    """Do the transactions of one process."""
    chance, connection = random.Random(client), psycopg2.connect(plain(url))
    connection.autocommit = True
    try:
        return [Probe(connection, plan, client, number, chance).run() for number in range(plan.transactions)]
    finally:
        connection.close()


class Probe:
    """One transaction."""

    def __init__(
        self,
        connection: psycopg2.extensions.connection,
        plan: ProbePlan,
        client: int,
        number: int,
        chance: random.Random,
    ) -> None:
        self.cursor, self.plan, self.chance = connection.cursor(), plan, chance
        first = number // plan.moves_every * plan.window + 1
        self.window = range(first, first + plan.window)
        self.value = (client * plan.transactions + number) * OPERATIONS
        self.operations: list[tuple[int, Value | tuple[Value, ...]]] = []

    def run(self) -> Seen:
        """Work, commit, and tell what was seen; a transaction that lost to others has appended nothing."""
        began, committed = monotonic_ns(), True
        try:
            if self.chance.random() < self.plan.readers:
                self._read_only()
            else:
                self._read_and_append()
            self.cursor.execute("COMMIT")
        except psycopg2.Error as error:
            if error.pgcode not in LOST:
                raise
            self.cursor.execute("ROLLBACK")
            committed = False
        ended = monotonic_ns()
        self.cursor.close()
        return tuple(self.operations), committed, began, ended

    def _read_only(self) -> None:
        level = Isolation.REPEATABLE_READ if self.plan.heads else self.plan.levels[0]
        self.cursor.execute(f"BEGIN ISOLATION LEVEL {level.value} READ ONLY")
        for key in self.chance.sample(self.window, min(2 * LISTS_AT_ONCE, len(self.window))):
            self._read(key)

    def _read_and_append(self) -> None:
        self.cursor.execute(f"BEGIN ISOLATION LEVEL {self.chance.choice(self.plan.levels).value}")
        keys = self.chance.sample(self.window, LISTS_AT_ONCE)
        if self.plan.heads:
            self.cursor.execute("SELECT registry.enter_properties(%s::bigint[])", (keys,))
        for place in range(OPERATIONS):
            key = self.chance.choice(keys)
            if self.chance.random() < APPENDS:
                self._append(key, self.value + place)
            else:
                self._read(key)

    def _read(self, key: int) -> None:
        self.cursor.execute("SELECT members FROM proof.list WHERE key = %s", (key,))
        row = self.cursor.fetchone()
        assert row is not None
        self.operations.append((key, tuple(row[0])))

    def _append(self, key: int, value: int) -> None:
        self.operations.append((key, value))
        self.cursor.execute(
            "UPDATE proof.list SET members = members || %s::bigint WHERE key = %s", (value, key)
        )


def count_operations(history: Sequence[Transaction]) -> tuple[int, int]:
    """Count the micro-operations of what was committed, and of everything."""
    committed = sum(len(each.operations) for each in history if each.committed)
    return committed, sum(len(each.operations) for each in history)


__all__ = ["LOST", "ProbePlan", "count_operations", "lay_lists", "plain", "read_lists", "record", "restore"]
