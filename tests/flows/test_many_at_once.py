"""Many callers at once: every application is answered, every answer is its own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.api.planting import BARE_PARCEL, REGISTER_NUMBER

CALLERS = 24
ORDER = {
    "register_number": REGISTER_NUMBER,
    "capacity": "notary",
    "basis": "power of attorney",
    "purpose": "disposal",
}


@pytest.fixture
def notary(client_as: Callable[..., httpx.Client]) -> httpx.Client:
    return client_as("notary", "notary-crowd")


def test_extracts_at_once_are_all_issued_and_all_different(notary: httpx.Client) -> None:
    with ThreadPoolExecutor(CALLERS) as pool:
        answers = list(pool.map(lambda _: notary.post("/v1/extracts", json=ORDER), range(CALLERS)))
    assert [a.status_code for a in answers] == [201] * CALLERS
    bodies = [a.json() for a in answers]
    assert len({b["id"] for b in bodies}) == CALLERS
    assert len({b["statement"]["verification"]["token"] for b in bodies}) == CALLERS
    holders = {str(b["statement"]["rights"]) for b in bodies}
    assert len(holders) == 1, "one register, one answer"


def test_readers_do_not_wait_for_writers(notary: httpx.Client, public: httpx.Client) -> None:
    with ThreadPoolExecutor(CALLERS) as pool:
        writes = [pool.submit(notary.post, "/v1/extracts", json=ORDER) for _ in range(CALLERS // 3)]
        reads = [pool.submit(public.get, f"/v1/parcels/{BARE_PARCEL}") for _ in range(4 * CALLERS)]
        assert {r.result().status_code for r in reads} == {200}
        assert {w.result().status_code for w in writes} == {201}
