"""A request that comes many times is done once: at every isolation level, at once and later."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from sqlalchemy import text

from cadastre.db.unit_of_work import Database, Isolation, UnitOfWork
from cadastre.kernel.errors import Denied, KeyReused, NotFound
from cadastre.services.idempotent import Answer, Refused, RequestKey, answer_once
from cadastre.store.ledger import append_leaf
from tests.database import TestCluster

CLIENTS = 4
_EFFECTS = text("SELECT count(*) FROM ledger.leaf WHERE kind = 'access.effect' AND actor = :key")


@pytest.fixture(scope="module")
def database(test_cluster: TestCluster) -> Iterator[Database]:
    """Register whose requests are committed."""
    copy = test_cluster.create_copy()
    opened = Database(copy.app_url, pool_size=CLIENTS)
    yield opened
    opened.close()
    test_cluster.drop_copy(copy)


def request(body: bytes = b"{}", *, key: str | None = None, route: str = "POST /v1/things") -> RequestKey:
    return RequestKey("notary-1", key or str(uuid4()), route, hashlib.sha256(body).digest())


def act(asked: RequestKey, body: str = '{"n":1}') -> Answer:
    """Answer of an act that leaves exactly one leaf each time it is done."""
    return Answer(201, body, f"/v1/things/{asked.key}")


def effect(uow: UnitOfWork, asked: RequestKey) -> None:
    append_leaf(uow.connection, kind="access.effect", actor=asked.key, payload={"n": 1})


def count_effects(database: Database, asked: RequestKey) -> int:
    return int(database.run(lambda uow: uow.connection.execute(_EFFECTS, {"key": asked.key}).scalar_one()))


@pytest.mark.parametrize("isolation", Isolation)
def test_duplicates_at_once_have_one_effect_and_one_answer(database: Database, isolation: Isolation) -> None:
    for _ in range(5):
        asked, together = request(), threading.Barrier(CLIENTS)

        def send(number: int, asked: RequestKey = asked, together: threading.Barrier = together) -> Answer:
            def work(uow: UnitOfWork) -> Answer:
                effect(uow, asked)
                return act(asked, f'{{"by": {number}}}')

            together.wait()
            return answer_once(database, asked, work, isolation=isolation)

        with ThreadPoolExecutor(CLIENTS) as pool:
            answers = list(pool.map(send, range(CLIENTS)))
        assert count_effects(database, asked) == 1
        assert len({(a.status, a.body, a.location) for a in answers}) == 1
        assert sorted(a.replayed for a in answers) == [False, True, True, True]


def test_levels_mixed_have_one_effect(database: Database) -> None:
    asked, levels = request(), [*Isolation, Isolation.READ_COMMITTED]
    together = threading.Barrier(len(levels))

    def send(isolation: Isolation) -> Answer:
        def work(uow: UnitOfWork) -> Answer:
            effect(uow, asked)
            return act(asked)

        together.wait()
        return answer_once(database, asked, work, isolation=isolation)

    with ThreadPoolExecutor(len(levels)) as pool:
        answers = list(pool.map(send, levels))
    assert count_effects(database, asked) == 1
    assert len({a.body for a in answers}) == 1


def test_the_answer_is_repeated_byte_for_byte(database: Database) -> None:
    asked, body = request(), '{"ad":"Əliyev  \\u0000 ğ","n":1.50}'
    first = answer_once(database, asked, lambda uow: act(asked, body))
    again = answer_once(database, asked, lambda uow: pytest.fail("done twice"))
    assert (first.replayed, again.replayed) == (False, True)
    assert again.body.encode() == first.body.encode() == body.encode()
    assert (again.status, again.location) == (201, first.location)


@pytest.mark.parametrize(
    ("other_body", "other_route"), [(b"{ }", "POST /v1/things"), (b"{}", "POST /v1/others")]
)
def test_a_key_belongs_to_one_request(database: Database, other_body: bytes, other_route: str) -> None:
    asked = request()
    answer_once(database, asked, lambda uow: act(asked))
    with pytest.raises(KeyReused):
        answer_once(database, request(other_body, key=asked.key, route=other_route), lambda uow: act(asked))


def test_a_key_of_another_sender_is_another_key(database: Database) -> None:
    asked = request()
    answer_once(database, asked, lambda uow: act(asked, "mine"))
    stranger = RequestKey("notary-2", asked.key, asked.route, asked.body_sha256)
    assert answer_once(database, stranger, lambda uow: act(asked, "his")).body == "his"


def test_what_failed_is_judged_anew(database: Database) -> None:
    asked = request()

    def deny(uow: UnitOfWork) -> Answer:
        effect(uow, asked)
        raise Denied("Not today.")

    with pytest.raises(Denied):
        answer_once(database, asked, deny)
    assert count_effects(database, asked) == 0
    assert answer_once(database, asked, lambda uow: act(asked)).replayed is False


def test_a_refusal_may_leave_its_trace_and_is_judged_anew(database: Database) -> None:
    asked = request()

    def look_and_refuse(uow: UnitOfWork) -> Answer | Refused:
        effect(uow, asked)
        return Refused(NotFound("None that you may see."))

    for tried in (1, 2):
        with pytest.raises(NotFound):
            answer_once(database, asked, look_and_refuse)
        assert count_effects(database, asked) == tried
    assert answer_once(database, asked, lambda uow: act(asked, "now")).body == "now"
    assert answer_once(database, asked, lambda uow: pytest.fail("done twice")).body == "now"
