"""News reach their receiver at least once, whatever happens to the worker that brings them."""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from api.webhooks import HttpSender
from cadastre.db.unit_of_work import Database
from cadastre.domain.caller import Caller, CallerRole
from cadastre.kernel.ids import TimeOrderedIds
from cadastre.services.events import Audience, Event, deliver_due, poll, subscribe
from cadastre.services.ledger_clock import sequence
from tests.api.commands.receiver import Receiver, receiving
from tests.api.commands.test_processes import process, wait_for_line
from tests.database import Database as MigratedCopy
from tests.register import Register

NOTARY = Caller("notary-1", CallerRole.NOTARY, "Nigar Quliyeva")
SENDER = HttpSender(may_be_private=True, timeout_s=2.0)
PATIENCE_S = 120


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def database(database_environment: MigratedCopy) -> Iterator[Database]:
    opened = Database(database_environment.app_url, pool_size=4)
    yield opened
    opened.close()


@pytest.fixture
def news(database: Database) -> Callable[[int], set[int]]:
    """Function that withdraws so many cases of the notary, and gives the ids of his news."""
    made = 0

    def make(count: int) -> set[int]:
        nonlocal made
        for _ in range(count):
            made += 1
            number = f"2030157{made:05d}"

            def work(uow: object, number: str = number) -> None:
                register = Register(uow.connection)  # type: ignore[attr-defined]
                register.step(register.file("sale", register.property(number)), "withdraw", "notary-1")

            database.run(work)
        return {
            event.event_id for event in poll(database, NOTARY, Audience.ACCOUNT, after=0, limit=500).events
        }

    return make


def listen(database: Database, receiver: Receiver) -> None:
    subscribe(database, NOTARY, Audience.ACCOUNT, receiver.url, subscription_id=TimeOrderedIds().new_id())


def bring(database: Database, *, lease_s: float = 60) -> int:
    sequence(database)
    return deliver_due(database, SENDER, lease=timedelta(seconds=lease_s))


def unread(database: Database) -> int:
    return len(poll(database, NOTARY, Audience.ACCOUNT, after=None, limit=500).events)


def test_what_arrives_counts_as_acknowledged_and_comes_once(
    database: Database, receiver: Receiver, news: Callable[[int], set[int]]
) -> None:
    earlier = news(2)
    listen(database, receiver)
    later = news(1)
    assert earlier < later, "what was not acknowledged when the address was named comes too"
    assert bring(database) == 3
    assert bring(database) == 0
    assert set(receiver.wait_for(later).values()) == {1}
    indexes = [event["ledger_index"] for event in receiver.arrived]
    assert indexes == sorted(indexes)
    assert {event["kind"] for event in receiver.arrived} == {"case.withdrawn"}
    assert unread(database) == 0


def test_what_is_refused_is_brought_again_later_and_stays_unread(
    database: Database, receiver: Receiver, news: Callable[[int], set[int]]
) -> None:
    listen(database, receiver)
    news(2)
    receiver.status = 500
    assert bring(database) == 2
    assert len(receiver.arrived) == 1, "the others of the same receiver wait with the first"
    assert bring(database) == 0, "not before its pause is over"
    assert unread(database) == 2


def test_what_a_receiver_never_answers_is_brought_again_when_the_lease_ends(
    database: Database, receiver: Receiver, news: Callable[[int], set[int]]
) -> None:
    listen(database, receiver)
    wanted = news(1)
    stopped = threading.Event()

    class Dying:
        """A courier that is gone once the receiver has what he brought."""

        def send(self, url: str, event: object) -> int:
            stopped.set()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deliver_due(database, Dying(), lease=timedelta(0))
    assert stopped.is_set()
    assert bring(database) == 1
    receiver.wait_for(wanted)


def test_every_event_arrives_though_the_worker_is_killed_while_it_brings_them(
    database: Database,
    receiver: Receiver,
    news: Callable[[int], set[int]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: object,
) -> None:
    for name, value in (
        ("CADASTRE_HOME", str(tmp_path)),
        ("CADASTRE_WEBHOOKS_PRIVATE", "true"),
        ("CADASTRE_WEBHOOK_LEASE_SECONDS", "1"),
        ("CADASTRE_WORKER_SECONDS", "0.1"),
    ):
        monkeypatch.setenv(name, value)
    listen(database, receiver)
    wanted = news(12)
    receiver.may_answer.clear()
    with process("worker") as running:
        receiver.wait_for_any()
        running.kill()
        running.communicate(timeout=PATIENCE_S)
    assert len(receiver.arrived) < len(wanted)
    receiver.may_answer.set()
    wanted |= news(3)
    with process("worker") as running:
        wait_for_line(running, "working")
        counts = receiver.wait_for(wanted)
        running.send_signal(signal.SIGTERM)
        _, err = running.communicate(timeout=PATIENCE_S)
    assert running.returncode == 0, err
    assert set(counts) == wanted
    assert max(counts.values()) >= 2, "what the killed worker had begun came again"


def test_a_receiver_that_draws_its_answer_out_holds_nobody_up() -> None:
    done, event = threading.Event(), Event(1, "case.withdrawn", 1, datetime(2026, 5, 4, tzinfo=UTC), {})

    def draw_out(listener: socket.socket) -> None:
        with contextlib.suppress(OSError), listener.accept()[0] as line:
            line.sendall(b"HTTP/1.1 ")
            while not done.wait(0.05):
                line.sendall(b"x")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=draw_out, args=(listener,), daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        assert HttpSender(may_be_private=True, timeout_s=0.3).send(url, event) is None
        done.set()
        thread.join(PATIENCE_S)
    assert HttpSender(may_be_private=True, timeout_s=0.3).send(url, event) is None, "nobody listens"
    assert HttpSender().send(url.replace("http:", "https:"), event) is None, "our own network"


def test_two_couriers_bring_each_piece_of_news_once(
    database: Database, receiver: Receiver, news: Callable[[int], set[int]]
) -> None:
    listen(database, receiver)
    wanted = news(8)
    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(lambda _: bring(database), range(2))) == 8
    assert receiver.wait_for(wanted) == Counter(wanted)


def test_news_are_sent_to_no_address_of_our_own_network(client_as: Callable[..., httpx.Client]) -> None:
    notary = client_as("notary", "notary-hooks")
    for url, status in (
        ("https://127.0.0.1/x", 400),
        ("https://[::1]/x", 400),
        ("https://10.0.0.1/x", 400),
        ("https://169.254.169.254/latest", 400),
        ("http://example.org/x", 400),
        ("https://user:word@example.org/x", 400),
        ("ftp://example.org/x", 400),
        ("https://exa mple.org", 400),
        ("https://example.org/kadastr", 204),
        (None, 204),
    ):
        answer = notary.put("/v1/subscriptions/account", json={"webhook_url": url})
        assert answer.status_code == status, (url, answer.text)


def test_what_was_read_is_acknowledged_and_not_given_again(client_as: Callable[..., httpx.Client]) -> None:
    court = client_as("court", "court-news")
    assert court.get("/v1/events", params={"audience": "role"}).status_code == 200
    page = court.get("/v1/events").json()
    assert page["events"] == []
    asked = {"index": page["last_index"]}
    assert court.post("/v1/events/acknowledgements", json=asked).json() == {"acknowledged_index": 0}
    ahead = court.post("/v1/events/acknowledgements", json={"index": 2**50})
    assert (ahead.status_code, ahead.json()["code"]) == (400, "index-not-reached")
    assert client_as("owner", "o-1", fin="5ZK1M0A").get("/v1/events").status_code == 403
