"""Keys of requests and versions relied on, over HTTP: missing, malformed, stale, repeated."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from pydantic import BaseModel

from api.app import create_app
from api.auth import open_tokens
from api.auth.tokens import make_caller
from api.deps import RoomsDep
from api.preconditions import RequestKeyDep, VersionsSeenDep, write_answer
from api.settings import ApiSettings
from cadastre.db.unit_of_work import UnitOfWork
from cadastre.domain.entity_tag import EntityTag, require_current, require_version
from cadastre.services.idempotent import Answer, answer_once
from cadastre.store.ledger import append_leaf
from tests.api.planting import REGISTER_NUMBER
from tests.api.server import bearer, open_client, require_problem, running_server
from tests.database import Database

THINGS = "/v1/things"
Sign = Callable[..., httpx.Client]


class Thing(BaseModel):
    n: int


def add_route(app: FastAPI) -> None:
    """Add a route that does as the routes of the register do: checks the version, acts once."""

    @app.post(THINGS, status_code=201)
    def make_thing(
        thing: Thing, rooms: RoomsDep, request: Request, key: RequestKeyDep, seen: VersionsSeenDep
    ) -> Response:
        def work(uow: UnitOfWork) -> Answer:
            require_current(require_version(seen, "thing"), EntityTag("thing", 3))
            leaf = append_leaf(uow.connection, kind="access.thing", actor="t", payload={"n": thing.n})
            return Answer(201, f'{{"leaf":{leaf}}}', f"/v1/things/{leaf}")

        return write_answer(request, answer_once(rooms.database, key, work))


@pytest.fixture(scope="module")
def things(planted_database: Database, api_settings: ApiSettings) -> Iterator[httpx.Client]:
    """Client of a notary for an application with such a route."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in planted_database.environ.items():
            patch.setenv(name, value)
        app = create_app(api_settings)
        add_route(app)
        token = open_tokens(api_settings).issue(make_caller("notary", "notary-key"))
        with (
            running_server(app) as url,
            open_client(url, headers=bearer(token)) as client,
        ):
            yield client


def headers(key: str | None = None, tag: str = '"thing.3"') -> dict[str, str]:
    return {"Idempotency-Key": key or str(uuid4()), "If-Match": tag}


def test_a_request_without_a_key_is_refused(things: httpx.Client) -> None:
    answer = things.post(THINGS, json={"n": 1}, headers={"If-Match": '"thing.3"'})
    require_problem(answer, 400, "idempotency-key-missing")


@pytest.mark.parametrize(
    "key", ["short", "k" * 201, "two words here", '"', "ключ-ключ-ключ".encode().decode("latin-1")]
)
def test_a_key_that_is_no_key_is_refused(things: httpx.Client, key: str) -> None:
    sent = [(b"Idempotency-Key", key.encode("latin-1")), (b"If-Match", b'"thing.3"')]
    require_problem(things.post(THINGS, json={"n": 1}, headers=sent), 400, "idempotency-key-malformed")


def test_two_keys_are_refused(things: httpx.Client) -> None:
    sent = [("Idempotency-Key", "key-number-1"), ("Idempotency-Key", "key-number-2")]
    require_problem(things.post(THINGS, json={"n": 1}, headers=sent), 400, "idempotency-key-malformed")


def test_a_key_in_quotes_is_the_same_key(things: httpx.Client) -> None:
    key = str(uuid4())
    bare = things.post(THINGS, json={"n": 1}, headers=headers(key))
    quoted = things.post(THINGS, json={"n": 1}, headers=headers(f'"{key}"'))
    assert (bare.content, quoted.headers["idempotency-replayed"]) == (quoted.content, "true")


def test_a_repetition_gets_the_same_bytes_and_address(things: httpx.Client) -> None:
    sent = headers()
    first, again = (things.post(THINGS, json={"n": 1}, headers=sent) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert first.headers["location"] == again.headers["location"]
    assert [a.headers["idempotency-replayed"] for a in (first, again)] == ["false", "true"]
    assert "no-store" in again.headers["cache-control"]


def test_duplicates_at_once_are_one_act(things: httpx.Client) -> None:
    sent, together = headers(), threading.Barrier(4)

    def send(_: int) -> httpx.Response:
        together.wait()
        return things.post(THINGS, json={"n": 2}, headers=sent)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(send, range(4)))
    assert {a.status_code for a in answers} == {201}
    assert len({a.content for a in answers}) == 1
    assert sorted(a.headers["idempotency-replayed"] for a in answers) == ["false", "true", "true", "true"]


def test_another_body_under_the_same_key_is_refused(things: httpx.Client) -> None:
    sent = headers()
    assert things.post(THINGS, json={"n": 1}, headers=sent).status_code == 201
    require_problem(things.post(THINGS, json={"n": 2}, headers=sent), 422, "idempotency-key-reused")


def test_a_request_that_names_no_version_is_refused(things: httpx.Client) -> None:
    sent = {"Idempotency-Key": str(uuid4())}
    body = require_problem(things.post(THINGS, json={"n": 1}, headers=sent), 428, "version-required")
    assert body["facts"]["subject"] == "thing"  # type: ignore[index]
    require_problem(things.post(THINGS, json={"n": 1}, headers=headers(tag='"other.3"')), 428)


def test_a_stale_version_is_refused_and_told(things: httpx.Client) -> None:
    sent = headers(tag='"thing.2"')
    body = require_problem(things.post(THINGS, json={"n": 1}, headers=sent), 412, "stale-version")
    told = dict(body["facts"])  # type: ignore[call-overload]
    assert (told["subject"], told["current_version"]) == ("thing", 3)
    again = things.post(THINGS, json={"n": 1}, headers=sent | {"If-Match": '"thing.3"'})
    assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "false"), (
        "refusals are not kept"
    )


@pytest.mark.parametrize(
    "tag", ["*", 'W/"thing.3"', "thing.3", '"thing"', '"thing.-1"', '"thing.03"', ",", '"a.1"' * 2000]
)
def test_a_version_that_is_no_version_is_refused(things: httpx.Client, tag: str) -> None:
    require_problem(things.post(THINGS, json={"n": 1}, headers=headers(tag=tag)), 400, "if-match-malformed")


def test_a_property_names_its_version(client_as: Sign) -> None:
    address, purpose = f"/v1/properties/{REGISTER_NUMBER}", {"purpose": "disposal"}
    answer = client_as("notary").get(address, params=purpose)
    version = answer.json()["version"]
    assert version >= 1
    assert answer.headers["etag"] == f'"{REGISTER_NUMBER}.{version}"'
    again = client_as("notary").get(
        address, params=purpose, headers={"If-None-Match": answer.headers["etag"]}
    )
    assert again.status_code == 200, "every look is logged, so none is answered from the caller's own copy"
