"""Any moment of a section over HTTP: what is shown says which, has no version to rely on, and is on record."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from tests.api.planting import OWNED_PARCEL, REGISTER_NUMBER
from tests.api.server import require_problem

Sign = Callable[..., httpx.Client]
ADDRESS = f"/v1/properties/{REGISTER_NUMBER}"
PURPOSE = {"purpose": "disposal"}


@pytest.fixture
def notary(client_as: Sign) -> httpx.Client:
    return client_as("notary", "notary-m")


def test_the_present_has_a_version_and_a_past_day_has_none(notary: httpx.Client) -> None:
    now = notary.get(ADDRESS, params=PURPOSE)
    then = notary.get(ADDRESS, params=PURPOSE | {"as_of": "2026-01-01"})
    assert now.headers["etag"].startswith(f'"{REGISTER_NUMBER}.')
    assert "etag" not in then.headers
    assert (then.json()["version"], then.json()["as_of"]) == (None, "2026-01-01")
    assert now.json()["closing"] is None
    for each in ("rights", "restrictions", "cadastral_numbers", "under_investigation"):
        assert then.json()[each] == now.json()[each]


def test_a_past_index_gives_the_same_again(notary: httpx.Client) -> None:
    first = notary.get(ADDRESS, params=PURPOSE).json()
    asked = PURPOSE | {"as_of": first["as_of"], "known_at": first["ledger_index"]}
    again = notary.get(ADDRESS, params=asked).json()
    assert {**again, "version": 0} == {**first, "version": 0}


@pytest.mark.parametrize(
    ("moment", "status", "code"),
    [
        ({"as_of": "9000-01-01"}, 400, "moment-in-future"),
        ({"as_of": "1899-12-31"}, 400, "moment-too-early"),
        ({"as_of": "yesterday"}, 422, "invalid-request"),
        ({"known_at": "999999999999"}, 400, "moment-in-future"),
        ({"known_at": "1999-01-01T00:00:00+04:00"}, 400, "moment-too-early"),
        ({"known_at": "2026-01-01T00:00:00"}, 400, "bad-moment"),
        ({"known_at": "0"}, 404, "property-not-found"),
        ({"as_of": "1950-01-01"}, 404, "property-not-found"),
    ],
)
def test_a_moment_that_is_none_is_a_problem(
    notary: httpx.Client, moment: dict[str, str], status: int, code: str
) -> None:
    require_problem(notary.get(ADDRESS, params=PURPOSE | moment), status, code)


def test_a_search_asks_of_any_moment_too(notary: httpx.Client) -> None:
    question = PURPOSE | {"cadastral_number": OWNED_PARCEL}
    now = notary.get("/v1/properties", params=question).json()
    assert [each["register_number"] for each in now["properties"]] == [REGISTER_NUMBER]
    again = notary.get(
        "/v1/properties", params=question | {"as_of": now["as_of"], "known_at": now["ledger_index"]}
    )
    assert again.json() == now
    assert notary.get("/v1/properties", params=question | {"known_at": "0"}).json()["properties"] == []
