"""The checker is checked: each anomaly is found in a history that has it, and none in a serial one."""

from __future__ import annotations

import random
from collections import defaultdict
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.proof.elle import Append, Read, Transaction, check
from tests.proof.graph import list_knots


def t(*operations: tuple[str, str, object], **more: object) -> Transaction:
    """Transaction written as (r, key, "abc") and (w, key, "d"); values are single letters."""
    made = [Append(k, v) if op == "w" else Read(k, tuple(str(v))) for op, k, v in operations]
    return Transaction(tuple(made), **more)  # type: ignore[arg-type]


def kinds(*history: Transaction, final: dict[str, str] | None = None) -> list[str]:
    last = None if final is None else {key: tuple(values) for key, values in final.items()}
    return [found.kind for found in check(history, last)]


ANOMALIES = {
    "G0": (
        t(("w", "x", "a"), ("w", "y", "c")),
        t(("w", "x", "b"), ("w", "y", "d")),
        t(("r", "x", "ab"), ("r", "y", "dc")),
    ),
    "G1a": (t(("w", "x", "a"), committed=False), t(("r", "x", "a"))),
    "G1b": (t(("w", "x", "a"), ("w", "x", "b")), t(("r", "x", "a")), t(("r", "x", "ab"))),
    "G1c": (t(("w", "x", "a"), ("r", "y", "b")), t(("w", "y", "b"), ("r", "x", "a"))),
    "G-single": (  # lost update: both add to what both read
        t(("r", "x", ""), ("w", "x", "a")),
        t(("r", "x", ""), ("w", "x", "b")),
        t(("r", "x", "ab")),
    ),
    "G2": (  # write skew: each reads what the other then adds to
        t(("r", "x", ""), ("r", "y", ""), ("w", "x", "a")),
        t(("r", "x", ""), ("r", "y", ""), ("w", "y", "b")),
        t(("r", "x", "a"), ("r", "y", "b")),
    ),
    "duplicate": (t(("w", "x", "a")), t(("r", "x", "aa"))),
    "unknown-value": (t(("w", "x", "a")), t(("r", "x", "az"))),
    "incompatible-order": (t(("w", "x", "a"), ("w", "x", "b")), t(("r", "x", "ab")), t(("r", "x", "ba"))),
    "internal": (t(("w", "x", "a"), ("r", "x", "")), t(("r", "x", "a"))),
    "G-single-rt": (  # a stale read: it began after the writer had ended, and does not see him
        t(("w", "x", "a"), began=0, ended=1),
        t(("r", "x", ""), began=2, ended=3),
        t(("r", "x", "a"), began=4, ended=5),
    ),
}


@pytest.mark.parametrize("kind", ANOMALIES)
def test_a_history_with_an_anomaly_is_called_by_its_name(kind: str) -> None:
    assert kind in kinds(*ANOMALIES[kind])


@pytest.mark.parametrize("kind", ["G0", "G1c", "G-single", "G2", "G-single-rt"])
def test_a_cycle_is_called_by_its_worst_name_only_and_shows_who_is_in_it(kind: str) -> None:
    found = [each for each in check(ANOMALIES[kind]) if each.kind.startswith("G")]
    assert [each.kind for each in found] == [kind]
    assert set(found[0].transactions) == {0, 1}


def test_read_skew_is_a_cycle_with_one_anti_dependency() -> None:
    writer = t(("w", "x", "a"), ("w", "y", "b"))
    assert kinds(writer, t(("r", "x", ""), ("r", "y", "b")), t(("r", "x", "a"))) == ["G-single"]


def test_a_committed_value_that_is_not_there_at_the_end_is_lost() -> None:
    history = t(("w", "x", "a")), t(("w", "x", "b"))
    assert kinds(*history, final={"x": "ab"}) == []
    assert kinds(*history, final={"x": "b"}) == ["lost-append"]
    assert kinds(*history, final={}) == ["lost-append", "lost-append"]


def test_an_aborted_value_that_is_there_at_the_end_is_found_and_an_uncertain_one_may_be() -> None:
    assert kinds(t(("w", "x", "a"), committed=False), final={"x": "a"}) == ["G1a"]
    assert kinds(t(("w", "x", "a"), committed=False), final={"x": ""}) == []
    for last in ("", "a"):
        assert kinds(t(("w", "x", "a"), committed=None), t(("r", "x", last)), final={"x": last}) == []


def test_two_sales_of_one_flat_are_found_whoever_reads_it_afterwards() -> None:
    first = t(("r", "flat", "s"), ("w", "flat", "a"))
    again = t(("r", "flat", "s"), ("w", "flat", "b"))
    assert kinds(t(("w", "flat", "s")), first, again, final={"flat": "sab"}) == ["G-single"]


def test_transactions_that_overlap_may_be_ordered_either_way() -> None:
    early = t(("w", "x", "a"), began=0, ended=5)
    late = t(("r", "x", ""), began=2, ended=3)
    assert kinds(early, late, final={"x": "a"}) == []


def make_serial(
    seed: int, length: int, *, keys: int = 8
) -> tuple[list[Transaction], dict[int, tuple[int, ...]]]:
    """A serial history in real time; some transactions abort and leave nothing."""
    rng = random.Random(seed)
    lists: defaultdict[int, tuple[int, ...]] = defaultdict(tuple)
    history = []
    for at in range(length):
        committed = rng.random() > 0.1
        own: dict[int, tuple[int, ...]] = {}
        operations: list[Append | Read] = []
        for place in range(10):
            key = rng.randrange(keys)
            if rng.random() < 0.2:
                own[key] = (*own.get(key, lists[key]), at * 10 + place)
                operations.append(Append(key, at * 10 + place))
            else:
                operations.append(Read(key, own.get(key, lists[key])))
        if committed:
            lists |= own
        history.append(Transaction(tuple(operations), committed, at, at + 0.5))
    return history, dict(lists)


@given(seed=st.integers(0, 1 << 30), length=st.integers(0, 40))
@settings(max_examples=60, deadline=None)
def test_a_serial_history_has_no_anomaly_in_whatever_order_it_is_told(seed: int, length: int) -> None:
    history, final = make_serial(seed, length)
    random.Random(seed).shuffle(history)
    assert check(history, final) == ()


@given(seed=st.integers(0, 1 << 30))
@settings(max_examples=60, deadline=None)
def test_a_serial_history_with_one_stale_read_is_caught(seed: int) -> None:
    """One reader is given the list as it was before the last committed append that he should see."""
    history, final = make_serial(seed, 30, keys=2)
    reader = Transaction((Read(0, final[0][:-1]), Read(1, final[1])), True, 100.0, 101.0)
    assert check([*history, reader], final)


def test_knots_of_a_long_chain_are_found_without_recursion() -> None:
    length = 50_000
    ring = {at: [(at + 1) % length] for at in range(length)}
    assert [len(knot) for knot in list_knots(ring)] == [length]
    assert list(list_knots({at: [at + 1] for at in range(length)})) == []


def test_a_hundred_thousand_operations_are_judged_in_seconds() -> None:
    history, final = make_serial(1, 10_000, keys=2_000)
    start = process_time()
    assert check(history, final) == ()
    assert process_time() - start < 10
