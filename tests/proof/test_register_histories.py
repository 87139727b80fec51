"""Histories recorded from processes at a real server are strictly serialisable, or the checker says where not.

Three kinds of history have no anomaly: decisions and looks of the register through its services; lists
that are entered by the register's heads, at READ COMMITTED and at all levels mixed; and lists without
heads at SERIALIZABLE. The same lists without heads have write skew at REPEATABLE READ and lost updates
at READ COMMITTED, and the checker finds them.
"""

from __future__ import annotations

import resource
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from time import monotonic, process_time

import psycopg2
import pytest

from cadastre.db.unit_of_work import Isolation
from tests.database import Database, TestCluster
from tests.proof.elle import check
from tests.proof.history import Append, Key, Read, Transaction, Value
from tests.proof.probe import (
    LOST,
    ProbePlan,
    count_operations,
    lay_lists,
    plain,
    read_lists,
    record,
)
from tests.proof.register_history import Share, read_chains, record_register, tell
from tests.proof.transfer_window import lay_ground

RC, RR, SER = Isolation.READ_COMMITTED, Isolation.REPEATABLE_READ, Isolation.SERIALIZABLE
SAFE = {"heads, RC": ((RC,), True), "heads, mixed": ((RC, RR, SER), True), "no heads, SER": ((SER,), False)}
APART = 10**9
"""Keeps the lists of one history apart from those of another."""


@dataclass(frozen=True)
class Recorded:
    """A history and the lists that it left."""

    name: str
    history: list[Transaction]
    final: dict[Key, tuple[Value, ...]]


def record_probe(cluster: TestCluster, name: str, plan: ProbePlan, processes: int) -> Recorded:
    """Record the work on lists in a database of its own."""
    database = cluster.create_copy()
    try:
        lay_lists(database.superuser_url, plan.lists)
        history = record(database.superuser_url, plan, processes)
        return Recorded(name, history, read_lists(database.superuser_url))
    finally:
        cluster.drop_copy(database)


def record_services(cluster: TestCluster, share: Share, *, sections: int, processes: int) -> Recorded:
    """Record decisions and looks of the register in a database of its own."""
    database = cluster.create_copy()
    try:
        ground = lay_ground(database.app_url, sections=sections, people=10, clients=processes, shared_every=0)
        seen = record_register(ground, share, processes)
        chains = read_chains(database.superuser_url)
        return Recorded("services", tell(seen, chains), chains)
    finally:
        cluster.drop_copy(database)


def join(parts: Iterable[Recorded]) -> Recorded:
    """Put histories beside each other, their lists apart."""
    history: list[Transaction] = []
    final: dict[Key, tuple[Value, ...]] = {}
    for number, part in enumerate(parts):
        names: dict[Key, Key] = {key: number * APART + int(str(key)) for key in part.final}

        def rename(
            operation: Append | Read, names: Mapping[Key, Key] = names, of: int = number
        ) -> Append | Read:
            key = names.get(operation.key, of * APART + int(str(operation.key)))
            return (
                Append(key, operation.value) if isinstance(operation, Append) else Read(key, operation.values)
            )

        history += [
            Transaction(tuple(rename(each) for each in t.operations), t.committed, t.began, t.ended)
            for t in part.history
        ]
        final |= {names[key]: values for key, values in part.final.items()}
    return Recorded("joined", history, final)


def judge(recorded: Recorded, took_s: float = 0.0) -> Counter[str]:
    """Check a history and print its figures; gives the anomalies by name."""
    began = process_time()
    found = Counter(anomaly.kind for anomaly in check(recorded.history, recorded.final))
    committed, everything = count_operations(recorded.history)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"\n{recorded.name}: {len(recorded.history):,} transactions, {everything:,} operations, {committed:,} of them "
        f"committed, recorded in {took_s:.0f} s, checked in {process_time() - began:.1f} s of CPU, {memory} MB; "
        f"anomalies: {dict(found) or 'none'}"
    )
    return found


def test_decisions_of_the_register_are_strictly_serialisable(test_cluster: TestCluster) -> None:
    recorded = record_services(test_cluster, Share(decisions=4, looks=3), sections=8, processes=3)
    assert judge(recorded) == {}
    appended = sum(isinstance(each, Append) for t in recorded.history[1:] for each in t.operations)
    assert appended >= 4, "the register was written to"


@pytest.mark.parametrize("name", SAFE)
def test_lists_behind_heads_or_ssi_are_strictly_serialisable(test_cluster: TestCluster, name: str) -> None:
    levels, heads = SAFE[name]
    plan = ProbePlan(levels, heads, transactions=40, window=16)
    recorded = record_probe(test_cluster, name, plan, processes=4)
    assert judge(recorded) == {}
    assert any(isinstance(each, Append) for t in recorded.history if t.committed for each in t.operations)


MEETINGS = {
    "write skew": ((1, 2), (1, 2), 1, 2),
    "lost update": ((1,), (1,), 1, 1),
}
"""What each of two transactions reads, then what each appends to."""


@pytest.mark.parametrize(
    ("meeting", "level", "anomalies"),
    [
        ("write skew", RC, {"G2"}),
        ("write skew", RR, {"G2"}),
        ("write skew", SER, set()),
        ("lost update", RC, {"G-single"}),
        ("lost update", RR, set()),
        ("lost update", SER, set()),
    ],
)
def test_what_a_level_lets_through_is_found(
    fresh_database: Database, meeting: str, level: Isolation, anomalies: set[str]
) -> None:
    lay_lists(fresh_database.superuser_url, 2)
    history = meet(fresh_database.superuser_url, level, MEETINGS[meeting])
    assert (
        set(judge(Recorded(f"{meeting}, {level}", history, read_lists(fresh_database.superuser_url))))
        == anomalies
    )


def meet(
    url: str, level: Isolation, plan: tuple[tuple[int, ...], tuple[int, ...], int, int]
) -> list[Transaction]:
    """Let two transactions read, then append and commit one after the other, whoever the level lets."""
    sessions = [psycopg2.connect(plain(url)) for _ in range(2)]
    operations: list[list[Append | Read]] = [[], []]
    cursors = [session.cursor() for session in sessions]
    for cursor, reads, seen in zip(cursors, plan[:2], operations, strict=True):
        cursor.execute(f"SET TRANSACTION ISOLATION LEVEL {level.value}")
        for key in reads:
            cursor.execute("SELECT members FROM proof.list WHERE key = %s", (key,))
            seen.append(Read(key, tuple(cursor.fetchall()[0][0])))
    committed = []
    for number, (session, cursor, key) in enumerate(zip(sessions, cursors, plan[2:], strict=True)):
        operations[number].append(Append(key, number))
        try:
            cursor.execute(
                "UPDATE proof.list SET members = members || %s::bigint WHERE key = %s", (number, key)
            )
            session.commit()
            committed.append(True)
        except psycopg2.Error as error:
            if error.pgcode not in LOST:
                raise
            session.rollback()
            committed.append(False)
    for session in sessions:
        session.close()
    assert committed[0]
    return [Transaction(tuple(seen), done) for seen, done in zip(operations, committed, strict=True)]


@pytest.mark.proof
def test_a_million_operations_have_no_anomaly(test_cluster: TestCluster) -> None:
    began, parts = monotonic(), []
    for name, (levels, heads) in SAFE.items():
        start = monotonic()
        plan = ProbePlan(levels, heads, transactions=3_900, window=256 if name == "no heads, SER" else 96)
        parts.append(record_probe(test_cluster, name, plan, processes=8))
        assert judge(parts[-1], monotonic() - start) == {}
    start = monotonic()
    parts.append(record_services(test_cluster, Share(decisions=250, looks=8), sections=50, processes=12))
    assert judge(parts[-1], monotonic() - start) == {}
    together = join(parts)
    parts.clear()
    assert judge(together, monotonic() - began) == {}
    assert count_operations(together.history)[0] >= 1_000_000


@pytest.mark.proof
@pytest.mark.parametrize("level", [RR, RC])
def test_without_heads_the_anomalies_of_each_level_are_found(
    test_cluster: TestCluster, level: Isolation
) -> None:
    plan = ProbePlan((level,), heads=False, transactions=400)
    found = judge(record_probe(test_cluster, f"no heads, {level}", plan, processes=8))
    allowed = {"G2", "G2-rt"} if level is RR else {"G2", "G2-rt", "G-single", "G-single-rt", "internal"}
    assert found["G2" if level is RR else "G-single"] > 0
    assert set(found) <= allowed, "what the level forbids did not happen"
