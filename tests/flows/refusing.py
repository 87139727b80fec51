"""Sends what must be refused, in three languages, and looks that the journal stands where it stood."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from tests.api.server import require_problem
from tests.database import Database
from tests.flows.test_applications import etag_of

LANGUAGES = ("az", "en", "ru")


@pytest.fixture(scope="module")
def office(planted_database: Database) -> Iterator[Connection]:
    """A connection that reads the journal and closes sections, as the application's login."""
    engine = create_engine(planted_database.app_url, poolclass=NullPool)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def journal(office: Connection) -> Callable[[], int]:
    """How many entries the registration journal has."""

    def count() -> int:
        with office.begin():
            office.exec_driver_sql("SET LOCAL ROLE cadastre_write")
            query = text("SELECT count(*) FROM registry.registration_journal")
            return int(office.execute(query).scalar_one())

    return count


@pytest.fixture
def refuse(notary: httpx.Client, section: str, journal: Callable[[], int]) -> Callable[..., dict[str, Any]]:
    """Function that sends an application in three languages and checks each refusal; gives the English one."""
    tag = etag_of(notary, section)

    def check(body: Any, status: int, code: str, *, etag: str | None = tag, rule: str | None = None) -> Any:
        return check_refused(lambda: send(notary, body, etag), journal, status, code, rule)

    return check


def send(client: httpx.Client, body: Any, etag: str | None) -> Callable[[str], httpx.Response]:
    """A request that can be asked for in a language; a body that is bytes is sent as it is."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()

    def ask(language: str) -> httpx.Response:
        headers = {"Idempotency-Key": str(uuid4()), "Accept-Language": language}
        headers |= {"Content-Type": "application/json"} | ({"If-Match": etag} if etag else {})
        return client.post("/v1/applications", content=content, headers=headers)

    return ask


def check_refused(
    asked: Callable[[], Callable[[str], httpx.Response]],
    journal: Callable[[], int],
    status: int,
    code: str,
    rule: str | None = None,
) -> dict[str, Any]:
    """Ask in each language: a problem that explains itself in it, and nothing entered."""
    before = journal()
    answers: dict[str, dict[str, Any]] = {}
    for language in LANGUAGES:
        answer = asked()(language)
        answers[language] = require_problem(answer, status, code)
        assert answer.headers["content-language"] == language
        assert len(answer.content) < 10_000, "what was sent is not sent back"
    facts = [body["facts"] for body in answers.values()]
    assert all(set(told) >= {"rule", "source", "what_to_do"} for told in facts), facts
    assert all(told["source"] and told["what_to_do"] for told in facts)
    for key in ("title", "detail"):
        assert len({str(body[key]) for body in answers.values()}) == 3, (key, answers)
    assert len({told["what_to_do"] for told in facts}) == 3
    if rule is not None:
        assert {told["rule"] for told in facts} == {rule}
    assert journal() == before, "nothing was entered"
    return answers["en"]


__all__ = ["LANGUAGES", "check_refused", "journal", "office", "refuse", "send"]
