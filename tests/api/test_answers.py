"""What holds for every answer: who may keep it, HEAD beside GET, addresses that no header can forge."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from uuid import uuid4

import httpx
import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from api.app import create_app
from api.deps import signed_in
from api.routers import ROUTERS
from api.settings import ApiSettings
from tests.api.planting import BARE_PARCEL, REGISTER_NUMBER
from tests.api.server import bearer, require_problem, running_server
from tests.database import Database

ORDER = {
    "register_number": REGISTER_NUMBER,
    "kind": "extract",
    "capacity": "notary",
    "basis": "Power of attorney 1Z-441 of 03.02.2026",
    "purpose": "disposal",
}
Sign = Callable[..., httpx.Client]


@pytest.fixture
def notary(client_as: Sign) -> httpx.Client:
    return client_as("notary", "notary-8", name="Nigar Quliyeva")


@pytest.fixture
def issued(notary: httpx.Client) -> httpx.Response:
    answer = notary.post("/v1/extracts", json=ORDER)
    assert answer.status_code == 201, answer.text
    return answer


def list_calls(needs: Dependant) -> Iterator[object]:
    yield needs.call
    for below in needs.dependencies:
        yield from list_calls(below)


def list_signed_in_routes() -> list[APIRoute]:
    """Routes that let through only callers with a scope."""
    door = f"{signed_in.__qualname__}.<locals>"
    return [
        route
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
        and any(getattr(call, "__qualname__", "").startswith(door) for call in list_calls(route.dependant))
    ]


def test_no_answer_that_may_hold_personal_data_is_stored(
    client_as: Sign, notary: httpx.Client, issued: httpx.Response
) -> None:
    routes = list_signed_in_routes()
    assert len(routes) >= 4
    nobody: defaultdict[str, str] = defaultdict(lambda: str(uuid4()))
    values = nobody | {"extract_id": issued.json()["id"], "register_number": REGISTER_NUMBER}
    registrar = client_as("registrar")
    for route in routes:
        address = route.path.format_map(values)
        method = min(route.methods or {"GET"})
        for client in (notary, registrar):
            body = ORDER if method == "POST" else None
            answer = client.request(method, address, params={"purpose": "disposal"}, json=body)
            assert "no-store" in answer.headers["cache-control"], (method, address, answer.status_code)


def test_no_verdict_is_stored(public: httpx.Client, issued: httpx.Response) -> None:
    judged = public.post("/v1/verify", json=issued.json())
    assert judged.headers["cache-control"] == "no-store"
    token = re.search(r"/verify/([0-9a-f]{32})", issued.text)
    assert token is not None
    page = public.get(f"/verify/{token[1]}")
    assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
    assert public.get(f"/verify/{'0' * 32}").headers["cache-control"] == "no-store"


def test_what_says_nothing_about_keeping_is_not_kept(public: httpx.Client) -> None:
    assert public.get("/health/live").headers["cache-control"] == "no-store"
    assert public.get(f"/v1/parcels/{BARE_PARCEL}").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/map",
        "/map/style.json",
        "/docs",
        "/openapi.json",
        "/static/js/map/main.js",
        "/static/img/emblem.svg",
        "/health/ready",
        "/v1/districts",
        f"/v1/parcels/{BARE_PARCEL}",
        "/v1/parcels/none",
        "/tiles/districts/0/0/0.mvt",
        "/tiles/parcels/14/10000/6000.mvt",
        "/nothing",
    ],
)
def test_head_is_get_without_a_body(public: httpx.Client, address: str) -> None:
    full, bare = public.get(address), public.head(address)
    assert bare.status_code == full.status_code
    assert bare.content == b""
    changing = {"date", "x-request-id", "content-length"}
    assert {n: v for n, v in bare.headers.items() if n not in changing} == {
        n: v for n, v in full.headers.items() if n not in changing
    }
    if full.is_success:
        assert bare.headers.get("content-length") == full.headers.get("content-length")


def test_head_of_what_cannot_be_got_is_refused(public: httpx.Client) -> None:
    answer = public.head("/v1/extracts")
    assert (answer.status_code, answer.headers["allow"], answer.content) == (405, "POST", b"")


def test_addresses_do_not_repeat_what_the_caller_calls_us(notary: httpx.Client) -> None:
    answer = notary.post("/v1/extracts", json=ORDER, headers={"Host": "forged.example"})
    address = f"/v1/extracts/{answer.json()['id']}"
    assert answer.headers["location"] == address
    assert answer.json()["pdf"] == f"{address}/pdf"
    assert "forged.example" not in answer.text


def test_addresses_are_full_where_the_public_address_is_named(
    planted_database: Database,
    api_settings: ApiSettings,
    notary: httpx.Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in planted_database.environ.items():
        monkeypatch.setenv(name, value)
    named = api_settings.model_copy(update={"verify_base_url": "https://reyestr.example/"})
    token = notary.headers["Authorization"].removeprefix("Bearer ")
    with running_server(create_app(named)) as url:
        answer = httpx.post(f"{url}/v1/extracts", json=ORDER, headers=bearer(token), timeout=60)
    address = f"https://reyestr.example/v1/extracts/{answer.json()['id']}"
    assert (answer.headers["location"], answer.json()["pdf"]) == (address, f"{address}/pdf")


@pytest.mark.parametrize(
    ("again", "code"),
    [
        ('"basis": "another"', "duplicate-key"),
        ('"purpose": "disposal"', "duplicate-key"),
        ('"known_at": 1e3, "known_at": 5', "json-float"),
        ('"known_at": {"a": 1, "a": 2}', "duplicate-key"),
    ],
)
def test_an_application_that_says_a_thing_twice_is_refused(
    notary: httpx.Client, again: str, code: str
) -> None:
    fields = ", ".join(f'"{name}": "{value}"' for name, value in ORDER.items())
    answer = notary.post(
        "/v1/extracts", content=f"{{{fields}, {again}}}", headers={"Content-Type": "application/json"}
    )
    require_problem(answer, 422, code)
