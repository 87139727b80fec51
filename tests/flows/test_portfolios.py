"""A portfolio ordered at once, resumed after a crash, judged number by number; sections watched for changes."""

from __future__ import annotations

import sys
from typing import Any
from uuid import uuid4

import httpx
import pytest

from api.composition import open_rooms
from api.settings import ApiSettings
from cadastre.extract import Issuer
from cadastre.kernel.errors import Unavailable
from cadastre.services.batches import work_batches
from cadastre.services.extracts import ExtractDesk
from cadastre.store import batches as batch_rows
from tests.api.planting import CANARY_FIN, CANARY_VOEN, REGISTER_NUMBER, UNKNOWN_NUMBER
from tests.api.server import require_problem
from tests.flows.test_applications import (
    etag_of,
    file,
    notary,
    officers,
    sale,
    section,
    step,
    upload,
)
from tests.flows.test_extract_flow import ORDER, Sign

__all__ = ["notary", "officers", "section"]
NUMBERS = [REGISTER_NUMBER, "12", UNKNOWN_NUMBER, REGISTER_NUMBER]
ASKED = {key: value for key, value in ORDER.items() if key != "register_number"}


@pytest.fixture
def desk(base_url: str, api_settings: ApiSettings) -> Any:
    rooms = open_rooms(api_settings)
    yield rooms.desks.extracts
    rooms.close()


def order(client: httpx.Client, key: str | None = None, **changes: Any) -> httpx.Response:
    body = {**ASKED, "register_numbers": NUMBERS, **changes}
    return client.post("/v1/extract-batches", json=body, headers={"Idempotency-Key": key or str(uuid4())})


def finish(desk: ExtractDesk) -> None:
    while work_batches(desk, 3):
        pass


def results(client: httpx.Client, batch: str, **page: int) -> dict[str, Any]:
    return dict(client.get(f"/v1/extract-batches/{batch}/results", params=page).json())


def test_each_number_gets_its_own_answer(notary: httpx.Client, desk: ExtractDesk) -> None:
    key = str(uuid4())
    taken = order(notary, key)
    assert taken.status_code == 202, taken.text
    batch = taken.json()["id"]
    assert order(notary, key).json()["id"] == batch, "sent twice, taken once"
    assert notary.get(taken.headers["location"]).json()["done"] == 0
    finish(desk)
    state = notary.get(taken.headers["location"]).json()
    assert (state["items"], state["done"], state["failed"]) == (4, 4, 1)
    assert state["ended_at"] is not None
    found = results(notary, batch)["results"]
    assert [one["problem"] for one in found] == [None, "register-number-malformed", None, None]
    issued = [notary.get(f"/v1/extracts/{found[place]['extract_id']}").json() for place in (0, 2, 3)]
    assert [one["statement"]["kind"] for one in issued] == ["extract", "not-in-register", "extract"]
    first = results(notary, batch, limit=3)
    assert (len(first["results"]), first["after"]) == (3, 3)
    assert results(notary, batch, after=3)["results"] == found[3:]


def test_what_a_crash_leaves_is_resumed_and_nothing_is_done_twice(
    notary: httpx.Client, desk: ExtractDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = order(notary, register_numbers=[REGISTER_NUMBER] * 3).json()["id"]

    good, signed = Issuer.sign_bytes, list[str]()

    def crash(issuer: Issuer, canonical: bytes) -> str:
        if signed:
            raise Unavailable("The key is gone.")
        signed.append(good(issuer, canonical))
        return signed[0]

    with monkeypatch.context() as patch:
        patch.setattr(Issuer, "sign_bytes", crash)
        with pytest.raises(Unavailable):
            work_batches(desk, 3)
    (drafted,) = [one["extract_id"] for one in results(notary, batch)["results"] if one["extract_id"]]
    finish(desk)
    found = [one["extract_id"] for one in results(notary, batch)["results"]]
    assert found[0] == drafted
    assert len(set(found)) == 3
    assert notary.get(f"/v1/extracts/{drafted}").json()["jws"] == signed[0]


def test_an_order_whose_worker_was_killed_after_its_last_result_bars_no_other(
    notary: httpx.Client, desk: ExtractDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (order(notary, register_numbers=[UNKNOWN_NUMBER]).json()["id"] for _ in range(2))
    with monkeypatch.context() as patch:
        patch.setattr(batch_rows, "end_batches", lambda connection: sys.exit("killed"))
        with pytest.raises(SystemExit):
            work_batches(desk, 3)
    for _ in range(3):
        work_batches(desk, 3)
    states = [notary.get(f"/v1/extract-batches/{batch}").json() for batch in (first, second)]
    assert [state["done"] for state in states] == [1, 1]
    assert all(state["ended_at"] for state in states)


def test_a_bank_gets_what_it_stands_in_and_no_more(client_as: Sign, section: str, desk: ExtractDesk) -> None:
    bank = client_as("bank", "bank-9", voen=CANARY_VOEN)
    asked: dict[str, Any] = {
        "capacity": "mortgagee",
        "purpose": "mortgage",
        "register_numbers": [REGISTER_NUMBER, section],
    }
    batch = order(bank, **asked).json()["id"]
    finish(desk)
    assert [one["problem"] for one in results(bank, batch)["results"]] == [None, "property-not-found"]
    other = client_as("bank", "bank-10", voen=CANARY_VOEN)
    require_problem(other.get(f"/v1/extract-batches/{batch}"), 404, "batch-not-found")


def test_faulty_orders_are_refused_whole(notary: httpx.Client, client_as: Sign) -> None:
    require_problem(order(notary, register_numbers=[]), 422, "invalid-request")
    require_problem(order(notary, register_numbers=["1"] * 10_001), 422, "invalid-request")
    require_problem(order(notary, capacity="court"), 403, "capacity-not-entitled")
    require_problem(order(client_as("surveyor", "s-1")), 403, "role-not-entitled")
    no_key = notary.post("/v1/extract-batches", json={**ASKED, "register_numbers": NUMBERS})
    require_problem(no_key, 400, "idempotency-key-missing")


def test_whoever_watches_a_section_hears_of_its_change(
    notary: httpx.Client, officers: list[httpx.Client], section: str, client_as: Sign
) -> None:
    watcher = client_as("notary", f"watcher-{uuid4()}", name="Sınaq Notariusu")
    asked = watcher.post("/v1/watches", json={"register_numbers": [section, UNKNOWN_NUMBER]})
    assert asked.json()["results"] == {section: "watched", UNKNOWN_NUMBER: "property-not-found"}
    assert watcher.get("/v1/watches").json() == {"register_numbers": [section]}
    entry = file(notary, sale(section, upload(notary)), etag_of(notary, section)).json()
    step(officers[0], entry["id"], "assign", assignee="registrar-2")
    step(officers[1], entry["id"], "prepare")
    assert step(officers[2], entry["id"], "register").status_code == 201
    (event,) = watcher.get("/v1/events").json()["events"]
    assert (event["kind"], event["payload"]["register_number"]) == ("property.changed", section)
    assert watcher.delete(f"/v1/watches/{section}").status_code == 204
    require_problem(watcher.delete(f"/v1/watches/{section}"), 404, "watch-not-found")


def test_a_bank_watches_its_own_and_the_holder_sees_that(client_as: Sign, section: str) -> None:
    bank = client_as("bank", f"bank-{uuid4()}", name="Kanarbank", voen=CANARY_VOEN)
    found = bank.post("/v1/watches", json={"register_numbers": [REGISTER_NUMBER, section]}).json()["results"]
    assert found == {REGISTER_NUMBER: "watched", section: "property-not-found"}
    look = client_as("owner", CANARY_FIN).get("/v1/persons/me/looks").json()["looks"][0]
    assert (look["what"]["code"], look["who"]["name"]) == ("access.watch", "Kanarbank")
