"""Whatever a network does to requests, each has exactly one effect and one answer.

Applications are sent by eight clients through a proxy that cuts connections before, in and after the
request and in the answer, doubles requests and delivers them again after others. A client repeats until
it has an answer. The short form runs with every test run, the long one with ``make proof``.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import UUID

import httpx
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from api.app import create_app
from api.auth import open_tokens
from api.auth.tokens import make_caller
from api.settings import ApiSettings
from tests.api.server import bearer, open_client, running_server
from tests.database import Database, TestCluster
from tests.proof.cutting_proxy import CuttingProxy, Fate, cutting_proxy
from tests.register import Register

CLIENTS = 8
SECTIONS = [f"2030980000{number:02d}" for number in range(10)]
SELLER, BUYER = {"name": "Sintetik Satan", "fin": "4ZK1M0A"}, {"name": "Sintetik Alan", "fin": "4AB2C3D"}
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
MOST_TRIES = 200


@dataclass(frozen=True)
class Office:
    """A served register with sections, and where its requests enter."""

    url: str
    database: Database
    settings: ApiSettings

    def token(self, subject: str) -> dict[str, str]:
        """Header of a notary's account."""
        return bearer(open_tokens(self.settings).issue(make_caller("notary", subject)))


@pytest.fixture(scope="module")
def office(test_cluster: TestCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Register of ten sections, served."""
    database = test_cluster.create_copy()
    engine = create_engine(database.app_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL ROLE cadastre_write")
        register = Register(connection)
        register.leaf()
        seller = register.party(SELLER["name"], fin=SELLER["fin"])
        for number in SECTIONS:
            register.right(register.property(number), seller)
    engine.dispose()
    settings = ApiSettings(home=tmp_path_factory.mktemp("home"))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in database.environ.items():
            patch.setenv(name, value)
        with running_server(create_app(settings)) as url:
            yield Office(url, database, settings)
    test_cluster.drop_copy(database)


class Sender:
    """Sends applications as a notary's program does: again, under the same key, until there is an answer."""

    def __init__(self, office: Office, proxy: CuttingProxy, subject: str, *, keeps_key: bool = True) -> None:
        self.subject, self.keeps_key = subject, keeps_key
        signed = office.token(subject) | {"Connection": "close"}
        self.client = open_client(proxy.url, headers=signed)
        with open_client(office.url, headers=signed) as direct:
            headers = {"Content-Type": "application/pdf", "Idempotency-Key": f"scan-of-{subject}"}
            kept = direct.post("/v1/documents?kind=sale_contract", content=PDF, headers=headers)
        assert kept.status_code == 201, kept.text
        self.document = kept.json()["id"]

    def send(self, number: int) -> tuple[int, bytes]:
        """Send the application of a number until it is answered."""
        section = SECTIONS[number % len(SECTIONS)]
        body = {
            "service": "sale",
            "capacity": "notary",
            "properties": [{"register_number": section, "version": 1}],
            "parties": [
                {"role": "disposer", "kind": "natural", **SELLER},
                {"role": "acquirer", "kind": "natural", **BUYER, "share": "1/1"},
            ],
            "documents": [
                {"document_id": self.document, "role": "basis", "number": str(number), "dated": "2026-03-02"}
            ],
        }
        for attempt in range(MOST_TRIES):
            key = f"{self.subject}-{number}" if self.keeps_key else f"{self.subject}-{number}-{attempt}"
            try:
                answer = self.client.post("/v1/applications", json=body, headers={"Idempotency-Key": key})
            except httpx.TransportError:
                continue
            if answer.status_code != 503:
                assert answer.status_code == 201, answer.text
                return number, answer.content
        raise AssertionError("never answered")


def send_all(sender: Sender, keys: int, times: int) -> dict[int, set[bytes]]:
    """Let eight clients send every application several times, in no order; give the answers to each."""
    order = [number for number in range(keys) for _ in range(times)]
    random.Random(keys).shuffle(order)
    answers: dict[int, set[bytes]] = {number: set() for number in range(keys)}
    with sender.client, ThreadPoolExecutor(CLIENTS) as pool:
        for number, content in pool.map(sender.send, order):
            answers[number].add(content)
    return answers


def count_entries(office: Office, subject: str) -> tuple[set[UUID], int, int]:
    """Give the cases of an account, what the journal lacks, and how many requests were not answered."""
    engine = create_engine(office.database.superuser_url, poolclass=NullPool)
    with engine.connect() as connection:
        cases = connection.execute(
            text("SELECT case_id FROM registry.case_file WHERE applicant_subject = :s"), {"s": subject}
        ).scalars()
        found = set(cases)
        gaps = connection.execute(
            text("SELECT max(journal_number) - count(*) FROM registry.registration_journal")
        ).scalar_one()
        unanswered = connection.execute(
            text("SELECT count(*) FROM registry.idempotency WHERE subject = :s AND status IS NULL"),
            {"s": subject},
        ).scalar_one()
    engine.dispose()
    return found, int(gaps), int(unanswered)


def prove(office: Office, subject: str, *, keys: int, times: int, seed: int) -> None:
    """Send through the proxy and judge what the register has."""
    with cutting_proxy(office.url, seed) as proxy:
        answers = send_all(Sender(office, proxy, subject), keys, times)
    assert set(proxy.fates) == set(Fate), "every kind of fault has happened"
    assert proxy.forwarded > keys * times
    assert {len(bodies) for bodies in answers.values()} == {1}, "equal bytes for every repetition"
    told = {UUID(httpx.Response(201, content=body).json()["id"]) for (body,) in answers.values()}
    cases, gaps, unanswered = count_entries(office, subject)
    assert (len(told), cases) == (keys, told), "one entry for each key, and no other"
    assert (gaps, unanswered) == (0, 0)


def test_each_application_enters_once_through_a_bad_network(office: Office) -> None:
    prove(office, "notary-short", keys=15, times=4, seed=7)


@pytest.mark.proof
def test_ten_thousand_posts_through_a_bad_network_have_one_effect_each(office: Office) -> None:
    prove(office, "notary-long", keys=2_500, times=4, seed=11)


def test_without_one_key_for_one_act_the_network_doubles_acts(office: Office) -> None:
    """The judge is able to see it: a sender who takes a new key for each attempt enters more than he means."""
    with cutting_proxy(office.url, seed=3) as proxy:
        answers = send_all(Sender(office, proxy, "notary-careless", keeps_key=False), 25, 1)
    cases, gaps, _ = count_entries(office, "notary-careless")
    assert len(cases) > len(answers)
    assert gaps == 0
