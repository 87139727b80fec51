"""A certificate of existence is superseded for those whom it concerns, and for strangers always as it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from cadastre.services import existence
from tests.database import Database
from tests.register import Register

Sign = Callable[..., httpx.Client]
ASKED = {"capacity": "notary", "basis": "Heirs' application 7", "purpose": "inheritance"}


class Person:
    """Somebody of a number of his own, and what he holds."""

    def __init__(self, database: Database, serial: int) -> None:
        self.engine = create_engine(database.app_url, poolclass=NullPool)
        self.fin, self.serial = f"9PER{serial:03d}", serial
        self.rights: list[int] = []

    def acquire(self) -> str:
        """Enter a section of his, and give its number."""
        self.serial += 100
        number = f"203077{self.serial:06d}"
        with self.engine.begin() as connection:
            register = Register(connection, serial=700_000 + self.serial)
            register.leaf()
            known = connection.execute(
                text("SELECT party_id FROM party.party WHERE fin = :f"), {"f": self.fin}
            )
            party = known.scalar_one_or_none() or register.party("Sintetik Şəxs", fin=self.fin)
            self.rights.append(register.right(register.property(number), party))
        return number


@pytest.fixture
def person(planted_database: Database, request: pytest.FixtureRequest) -> Any:
    made = Person(planted_database, sum(map(ord, request.node.name)) % 97)
    yield made
    made.engine.dispose()


def certify(client: httpx.Client, person: Person, **changes: str) -> dict[str, Any]:
    answer = client.post("/v1/extracts/existence", json={**ASKED, "fin": person.fin, **changes})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def judge(client: httpx.Client, body: dict[str, Any]) -> dict[str, Any]:
    return dict(client.post("/v1/verify", json=body).json())


def test_who_applied_the_person_and_offices_learn_that_it_has_passed(
    client_as: Sign, public: httpx.Client, person: Person
) -> None:
    notary = client_as("notary", f"notary-{uuid4()}", name="Nigar Quliyeva")
    body = certify(notary, person)
    himself, court = client_as("owner", person.fin), client_as("court", f"court-{uuid4()}")
    strangers = [
        public,
        client_as("notary", f"notary-{uuid4()}"),
        client_as("bank", f"bank-{uuid4()}", voen="1401555071"),
        client_as("owner", "9OTHER1"),
    ]
    before = [judge(one, body) for one in strangers]
    for entitled in (notary, himself, court):
        assert judge(entitled, body)["verdict"] == "AUTHENTIC"
    person.acquire()
    for entitled in (notary, himself, court):
        assert judge(entitled, body)["verdict"] == "SUPERSEDED"
    assert judge(himself, body)["superseded_by"] is None
    assert len(judge(court, body)["superseded_by"]) == 1
    after = [judge(one, body) for one in strangers]
    assert after == before, "a stranger's answer does not depend on what the person holds"
    assert {one["verdict"] for one in before} == {"AUTHENTIC"}
    assert all("present-not-told" in one["reason_codes"] for one in before)
    token = body["statement"]["verification"]["token"]
    page = public.get(f"/verify/{token}?lang=en").text
    assert "not told here" in page
    assert "no change has been recorded" not in page


def test_the_person_sees_each_time_that_somebody_learned_it(client_as: Sign, person: Person) -> None:
    notary = client_as("notary", f"notary-{uuid4()}", name="Nigar Quliyeva")
    body = certify(notary, person)
    judge(notary, body)
    judge(client_as("notary", f"notary-{uuid4()}"), body)
    looks = client_as("owner", person.fin).get("/v1/persons/me/looks").json()["looks"]
    assert [one["what"]["code"] for one in looks] == ["access.existence"] * 2, "issued, and judged once"


def test_whoever_asked_yes_or_no_learns_no_more_than_that(client_as: Sign, person: Person) -> None:
    bank = client_as("bank", f"bank-{uuid4()}", name="Bank", voen="1401555071")
    person.acquire()
    body = certify(bank, person, capacity="mortgagee", purpose="mortgage")
    assert body["statement"]["existence"] | {"identifier": None} == {
        "identifier": None,
        "exists": True,
        "holdings": None,
    }
    person.acquire()
    assert judge(bank, body)["verdict"] == "AUTHENTIC", "he owns something, as he did"


def test_a_certificate_that_names_sections_passes_with_them(client_as: Sign, person: Person) -> None:
    notary = client_as("notary", f"notary-{uuid4()}")
    first = person.acquire()
    body = certify(notary, person)
    assert [one["register_number"] for one in body["statement"]["existence"]["holdings"]] == [first]
    assert judge(notary, body)["verdict"] == "AUTHENTIC"
    person.acquire()
    assert judge(notary, body)["verdict"] == "SUPERSEDED"
    assert judge(notary, certify(notary, person))["verdict"] == "AUTHENTIC"


def test_who_holds_more_than_a_certificate_can_name_gets_one_that_names_none(
    client_as: Sign, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(existence, "MOST_NAMED", 1)
    notary = client_as("notary", f"notary-{uuid4()}")
    person.acquire()
    assert len(certify(notary, person)["statement"]["existence"]["holdings"]) == 1
    person.acquire()
    found = certify(notary, person)["statement"]["existence"]
    assert (found["exists"], found["holdings"]) == (True, None), "never a list that looks whole and is not"
