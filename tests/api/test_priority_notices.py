"""Two notaries before one property, over HTTP: one holds, the other queues; a court waits for neither."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx
import pytest

from tests.api.offices import OWNER, act, plant_section, post, sell, take
from tests.api.server import require_problem
from tests.database import Database

Sign = Callable[..., httpx.Client]


@pytest.fixture
def number(planted_database: Database) -> str:
    return plant_section(planted_database)


@pytest.fixture
def notaries(client_as: Sign) -> tuple[httpx.Client, httpx.Client]:
    return client_as("notary", "notary-a"), client_as("notary", "notary-b")


def at_once(clients: list[httpx.Client], number: str) -> list[httpx.Response]:
    """Let several clients ask for a place at the same moment."""
    start = threading.Barrier(len(clients))

    def ask(client: httpx.Client) -> httpx.Response:
        start.wait(30)
        return take(client, number)

    with ThreadPoolExecutor(len(clients)) as pool:
        return list(pool.map(ask, clients))


def test_one_call_gives_the_place_and_the_property(notaries: tuple[httpx.Client, ...], number: str) -> None:
    answer = take(notaries[0], number)
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert (body["holds"], body["ahead"], body["state"], body["renewals"]) == (True, 0, "held", 0)
    assert [right["party_name"] for right in body["property"]["rights"]] == [OWNER]
    assert answer.headers["etag"] == f'"{number}.{body["property"]["version"]}"'
    assert "no-store" in answer.headers["cache-control"]
    shown = notaries[0].get(answer.headers["location"])
    assert shown.json() == {name: value for name, value in body.items() if name != "property"}
    require_problem(notaries[1].get(answer.headers["location"]), 404, "notice-not-found")


def test_two_notaries_race_one_holds_the_other_is_second_and_refused(
    notaries: tuple[httpx.Client, httpx.Client], number: str
) -> None:
    answers = at_once(list(notaries), number)
    assert [answer.status_code for answer in answers] == [201, 201]
    first, second = sorted((a.json() for a in answers), key=lambda notice: notice["ahead"])
    assert [(n["holds"], n["ahead"], n["queue_number"]) for n in (first, second)] == [
        (True, 0, 1),
        (False, 1, 2),
    ]
    winner, loser = notaries if answers[0].json() == first else notaries[::-1]
    problem = require_problem(sell(loser, number, second["version"], second["id"]), 409, "priority-taken")
    facts = problem["facts"]
    assert isinstance(facts, dict)
    assert (facts["rule"], facts["journal_number"]) == ("priority-taken", first["journal_number"])
    assert facts["source"]
    assert facts["what_to_do"]
    filed = sell(winner, number, first["version"], first["id"])
    assert filed.status_code == 201, filed.text
    assert filed.json()["properties"][0]["place"] == first["journal_number"]
    assert loser.get(f"/v1/priority-notices/{second['id']}").json()["holds"]
    later = sell(loser, number, second["version"], second["id"])
    assert later.status_code == 201, later.text


def test_many_who_ask_at_once_stand_in_one_row(client_as: Sign, number: str) -> None:
    answers = at_once([client_as("notary", f"notary-row-{n}") for n in range(6)], number)
    notices = sorted((answer.json() for answer in answers), key=lambda notice: notice["queue_number"])
    assert [notice["ahead"] for notice in notices] == list(range(6))
    assert [notice["holds"] for notice in notices] == [True] + [False] * 5
    journal = [notice["journal_number"] for notice in notices]
    assert journal == sorted(journal)


def test_a_repetition_gives_the_same_notice(notaries: tuple[httpx.Client, ...], number: str) -> None:
    key = str(uuid4())
    first, again = take(notaries[0], number, key=key), take(notaries[0], number, key=key)
    assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "true")
    assert {**first.json(), "property": None} == {**again.json(), "property": None}
    assert first.json()["property"]["rights"] == again.json()["property"]["rights"]
    require_problem(take(notaries[0], "203015000123", key=key), 422, "idempotency-key-reused")
    require_problem(take(notaries[0], number), 409, "notice-held-already")


def test_a_place_is_renewed_once_and_given_up(notaries: tuple[httpx.Client, ...], number: str) -> None:
    one, two = notaries
    first, second = take(one, number).json(), take(two, number).json()
    address = f"/v1/priority-notices/{first['id']}"
    renewed = post(one, f"{address}/renewals")
    assert (renewed.status_code, renewed.json()["renewals"], renewed.json()["holds"]) == (201, 1, True)
    require_problem(post(one, f"{address}/renewals"), 409, "renewals-spent")
    require_problem(two.delete(address), 404, "notice-not-found")
    assert [one.delete(address).status_code for _ in range(2)] == [204, 204]
    require_problem(post(one, f"{address}/renewals"), 409, "notice-not-in-force")
    assert two.get(f"/v1/priority-notices/{second['id']}").json()["holds"]
    page = two.get("/v1/events").json()
    told = [e["payload"]["notice"] for e in page["events"] if e["kind"] == "priority.holds"]
    assert second["id"] in told


def test_an_arrest_overrides_every_place_and_a_release_lifts_it(
    notaries: tuple[httpx.Client, ...], client_as: Sign, number: str
) -> None:
    one, court = notaries[0], client_as("court", "court-x")
    assert take(one, number).json()["holds"]
    arrest = act(court, "arrest", number, terms={"authority": "Sınaq məhkəməsi"})
    assert arrest.status_code == 201, arrest.text
    body = arrest.json()
    assert (body["state"], len(body["registration_numbers"])) == ("registered", 1)
    case = court.get(arrest.headers["location"]).json()
    assert (case["state"], case["step"]) == ("registered", body["step"])
    require_problem(take(notaries[1], number), 409, "property-blocked")
    told = one.get("/v1/events").json()["events"]
    assert [e["payload"]["service"] for e in told if e["payload"].get("register_number") == number] == [
        "arrest"
    ]
    terms = {"registration_number": body["registration_numbers"][0]}
    assert act(court, "arrest_release", number, terms=terms).json()["state"] == "registered"
    assert take(notaries[1], number).json()["ahead"] == 1


def test_whoever_may_not_is_refused(client_as: Sign, public: httpx.Client, number: str) -> None:
    notary = client_as("notary", "notary-c")
    require_problem(take(public, number), 401)
    require_problem(take(client_as("registrar", "r-1"), number), 403, "role-not-entitled")
    require_problem(act(client_as("registrar", "r-1"), "arrest", number), 403, "role-not-entitled")
    require_problem(take(client_as("bank", "bank-9", voen="1401555072"), number), 403, "service-not-entitled")
    require_problem(take(notary, number, service="arrest"), 403, "service-not-entitled")
    require_problem(take(notary, "203015999999"), 404, "property-not-found")
    require_problem(take(notary, number, purpose="x"), 400, "unknown-purpose")
    require_problem(take(notary, "1\u0000"), 400)
    missing = notary.post("/v1/priority-notices", json={"register_number": number, "service": "sale"})
    assert missing.json()["code"] == "idempotency-key-missing"
