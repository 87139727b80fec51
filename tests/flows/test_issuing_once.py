"""An extract is issued once and printed once, however often and whatever for it is asked for."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.settings import ApiSettings
from cadastre.ledger import parse_proof, parse_verifier, verify_proof
from cadastre.ledger.promise import open_promise
from tests.api.planting import REGISTER_NUMBER, UNKNOWN_NUMBER
from tests.api.server import bearer, open_client, require_problem, running_server
from tests.database import Database

ORDER = {
    "register_number": REGISTER_NUMBER,
    "kind": "extract",
    "capacity": "notary",
    "basis": "Power of attorney 1Z-442 of 03.02.2026",
    "purpose": "disposal",
}
PDF = {"Accept": "application/pdf"}


@pytest.fixture
def notary(client_as: Callable[..., httpx.Client]) -> httpx.Client:
    return client_as("notary", f"notary-{uuid.uuid4()}", name="Nigar Quliyeva")


@pytest.fixture
def without_time_stamps(
    planted_database: Database,
    api_settings: ApiSettings,
    notary: httpx.Client,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[httpx.Client]:
    """The same notary at a server whose time-stamp service is gone."""
    for name, value in planted_database.environ.items():
        monkeypatch.setenv(name, value)
    alone = api_settings.model_copy(update={"tsa_url": "http://127.0.0.1:9/tsa"})
    token = notary.headers["Authorization"].removeprefix("Bearer ")
    with (
        running_server(create_app(alone)) as url,
        open_client(url, headers=bearer(token)) as client,
    ):
        yield client


def keyed(key: str, **more: str) -> dict[str, str]:
    return {"Idempotency-Key": key, **more}


def test_a_repetition_under_a_key_gets_the_same_extract_and_the_same_print(notary: httpx.Client) -> None:
    key = str(uuid.uuid4())
    first = notary.post("/v1/extracts", json=ORDER, headers=keyed(key))
    again = notary.post("/v1/extracts", json=ORDER, headers=keyed(key))
    assert (first.status_code, again.status_code) == (201, 201), again.text
    assert again.headers["location"] == first.headers["location"]
    for name in ("id", "statement", "jws"):
        assert again.json()[name] == first.json()[name]
    printed = notary.post("/v1/extracts", json=ORDER, headers=keyed(key, **PDF))
    assert printed.status_code == 201
    assert printed.headers["content-type"] == "application/pdf"
    assert notary.get(first.json()["pdf"]).content == printed.content
    other = notary.post("/v1/extracts", json={**ORDER, "basis": "another"}, headers=keyed(key))
    require_problem(other, 422, "idempotency-key-reused")


def test_without_a_key_each_order_is_an_extract_of_its_own(notary: httpx.Client) -> None:
    ids = {notary.post("/v1/extracts", json=ORDER).json()["id"] for _ in range(2)}
    assert len(ids) == 2


def test_a_refusal_is_judged_anew_under_its_key(client_as: Callable[..., httpx.Client]) -> None:
    owner = client_as("owner", "owner-9", name="Sınaq", fin="5ZZ0A1C")
    order = {**ORDER, "register_number": UNKNOWN_NUMBER, "capacity": "owner"}
    for _ in range(2):
        refused = owner.post("/v1/extracts", json=order, headers=keyed("order-0001"))
        require_problem(refused, 404, "property-not-found")


def test_without_a_time_stamp_the_statement_leaves_and_no_print_does(
    without_time_stamps: httpx.Client, notary: httpx.Client
) -> None:
    stated = without_time_stamps.post("/v1/extracts", json=ORDER)
    assert stated.status_code == 201, stated.text
    body: dict[str, Any] = stated.json()
    assert notary.post("/v1/verify", json=body).json()["verdict"] == "AUTHENTIC"
    address = f"/v1/extracts/{body['id']}"
    for refused in (
        without_time_stamps.get(f"{address}/pdf"),
        without_time_stamps.get(address, headers=PDF),
        without_time_stamps.get(f"{address}/pdf", params={"copy": "archive"}),
    ):
        require_problem(refused, 503, "time-stamp-unavailable")
        assert refused.headers["retry-after"] == "60"
    assert notary.get(f"{address}/pdf").content.startswith(b"%PDF-1.7"), "where there are time stamps"


def test_an_order_for_a_print_that_cannot_be_had_says_where_it_will_be(
    without_time_stamps: httpx.Client, notary: httpx.Client
) -> None:
    key = str(uuid.uuid4())
    refused = without_time_stamps.post("/v1/extracts", json=ORDER, headers=keyed(key, **PDF))
    require_problem(refused, 503, "time-stamp-unavailable")
    assert refused.headers["retry-after"] == "60"
    printed = notary.post("/v1/extracts", json=ORDER, headers=keyed(key, **PDF))
    assert printed.status_code == 201
    assert printed.headers["location"] == refused.headers["location"], "the same extract, not a second one"
    assert notary.get(refused.headers["location"], headers=PDF).content == printed.content


def test_a_form_that_is_not_given_is_refused_before_anything_is_issued(notary: httpx.Client) -> None:
    require_problem(
        notary.post("/v1/extracts", json=ORDER, headers={"Accept": "text/html"}), 406, "not-acceptable"
    )


def test_the_copy_handed_out_at_once_has_a_promise_that_the_proof_keeps(
    notary: httpx.Client, public: httpx.Client
) -> None:
    body = notary.post("/v1/extracts", json=ORDER).json()
    assert body["proof"] is None
    keys = [parse_verifier(line) for line in public.get("/v1/ledger/key").text.splitlines()]
    promise = open_promise(body["promise"], keys)
    assert promise.says()["extract_id"] == body["id"]
    assert promise.due - datetime.now(UTC) <= timedelta(seconds=10)
    later = notary.get(f"/v1/extracts/{body['id']}").json()
    assert later["promise"] is None
    proof = parse_proof(later["proof"])
    assert proof.opening().entry[:32] == promise.leaf_hash
    verify_proof(proof, proof.opening().entry, promise.origin, keys)
    for told in (body, later):
        assert public.post("/v1/verify", json=told).json()["verdict"] == "AUTHENTIC"
