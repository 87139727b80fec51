"""A plain order is answered as the declared route answers it, and refused as it refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from api.express_orders import read_order, read_token
from tests.api.planting import REGISTER_NUMBER
from tests.api.server import require_problem

ORDER = {
    "register_number": REGISTER_NUMBER,
    "capacity": "notary",
    "basis": "Power of attorney 1Z-443 of 03.02.2026",
    "purpose": "disposal",
}
OF_ITSELF = {"id", "number", "issued_at", "verification", "request", "state"}


@pytest.fixture
def notary(client_as: Callable[..., httpx.Client]) -> httpx.Client:
    return client_as("notary", "notary-express", name="Nigar Quliyeva")


def scope(**said: Any) -> dict[str, Any]:
    headers = {
        b"authorization": b"Bearer a.b.c",
        b"content-type": b"application/json",
        b"content-length": b"120",
        **said.pop("headers", {}),
    }
    plain = {"type": "http", "method": "POST", "path": "/v1/extracts", "query_string": b""}
    return {**plain, "headers": [pair for pair in headers.items() if pair[1] is not None], **said}


def test_what_is_plain() -> None:
    assert read_token(scope()) == "a.b.c"
    assert read_token(scope(headers={b"accept": b"application/json"})) == "a.b.c"


@pytest.mark.parametrize(
    "other",
    [
        {"method": "GET"},
        {"path": "/v1/extracts/existence"},
        {"query_string": b"a=1"},
        {"headers": {b"accept": b"application/pdf"}},
        {"headers": {b"prefer": b"wait"}},
        {"headers": {b"idempotency-key": b"12345678"}},
        {"headers": {b"authorization": None}},
        {"headers": {b"authorization": b"Basic abc"}},
        {"headers": {b"content-type": b"text/plain"}},
        {"headers": {b"content-length": b"5000"}},
        {"headers": {b"content-length": None}},
        {"headers": {b"transfer-encoding": b"chunked"}},
    ],
)
def test_what_is_not_plain_is_left_to_the_declared_route(other: dict[str, Any]) -> None:
    assert read_token(scope(**other)) is None


def test_a_body_that_does_not_fit_is_refused_by_the_declared_route(notary: httpx.Client) -> None:
    assert read_order(b"[]") is None
    assert read_order(b'{"register_number": "1"}') is None
    require_problem(notary.post("/v1/extracts", json={**ORDER, "colour": "red"}), 422, "invalid-request")
    twice = b'{"register_number": "1", "register_number": "2"}'
    said = {"Content-Type": "application/json"}
    require_problem(notary.post("/v1/extracts", content=twice, headers=said), 422, "duplicate-key")
    require_problem(notary.post("/v1/extracts", content=b"{", headers=said), 422, "json-malformed")


def test_both_ways_answer_the_same(notary: httpx.Client, public: httpx.Client) -> None:
    plain = notary.post("/v1/extracts", json=ORDER)
    declared = notary.post("/v1/extracts", json=ORDER, headers={"Prefer": "none"})
    for answer in (plain, declared):
        assert answer.status_code == 201, answer.text
        assert answer.headers["location"].endswith(answer.json()["id"])
    assert plain.headers.keys() == declared.headers.keys()
    assert plain.json().keys() == declared.json().keys()
    facts = [
        {name: value for name, value in answer.json()["statement"].items() if name not in OF_ITSELF}
        for answer in (plain, declared)
    ]
    assert facts[0] == facts[1]
    require_problem(public.post("/v1/extracts", json=ORDER), 401)


def test_who_may_not_order_is_refused(client_as: Callable[..., httpx.Client]) -> None:
    require_problem(client_as("surveyor", "s-1").post("/v1/extracts", json=ORDER), 403)
    forged = {"Authorization": "Bearer a.b.c"}
    require_problem(client_as("notary", "n-1").post("/v1/extracts", json=ORDER, headers=forged), 401)
