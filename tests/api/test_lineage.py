"""Lineage over HTTP: public for parcels, logged and for entitled eyes for sections."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import httpx
import pytest

from tests.api.planting import BARE_PARCEL, CANARY_FIN, OWNED_PARCEL, REGISTER_NUMBER
from tests.api.server import require_problem


@pytest.mark.parametrize("direction", ["up", "down"])
def test_a_parcel_that_was_never_changed_is_alone_in_its_lineage(
    public: httpx.Client, direction: str
) -> None:
    address = f"/v1/parcels/{quote(OWNED_PARCEL, safe='')}/lineage"
    answer = public.get(address, params={"direction": direction})
    assert answer.status_code == 200
    body = answer.json()
    assert (body["number"], body["direction"], body["steps"]) == (OWNED_PARCEL, direction, [])
    (member,) = body["members"]
    assert (member["number"], member["generation"], member["ended_on"]) == (OWNED_PARCEL, 0, None)
    assert member["began_on"] == "2020-05-01"
    assert member["area_m2"] == pytest.approx(1600, rel=0.002)
    assert body["is_complete"] is True
    again = public.get(
        address, params={"direction": direction}, headers={"If-None-Match": answer.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


def test_the_parcel_itself_is_still_found(public: httpx.Client) -> None:
    assert public.get(f"/v1/parcels/{quote(OWNED_PARCEL, safe='/')}").json()["id"] == OWNED_PARCEL


@pytest.mark.parametrize(
    ("question", "status", "code"),
    [
        ("585-03-36-999/lineage", 404, "parcel-not-found"),
        (f"{BARE_PARCEL}/lineage?known_at=0", 404, "parcel-not-found"),
        (f"{BARE_PARCEL}/lineage?direction=sideways", 422, "invalid-request"),
        (f"{BARE_PARCEL}/lineage?depth=0", 422, "invalid-request"),
        (f"{BARE_PARCEL}/lineage?depth=10001", 422, "invalid-request"),
        (f"{BARE_PARCEL}/lineage?known_at=99999999999999999999", 400, "bad-moment"),
        (f"{BARE_PARCEL}/lineage?known_at=999999999999", 400, "moment-in-future"),
        (f"{BARE_PARCEL}/lineage?known_at=1999-01-01T00:00:00Z", 400, "moment-too-early"),
        (f"{BARE_PARCEL}/lineage?known_at=yesterday", 400, "bad-moment"),
        (f"{BARE_PARCEL}/lineage?as_of=1950-01-01", 404, "parcel-not-found"),
    ],
)
def test_what_cannot_be_answered_is_a_problem(
    public: httpx.Client, question: str, status: int, code: str
) -> None:
    require_problem(public.get(f"/v1/parcels/{question}"), status, code)


def test_the_lineage_of_a_section_needs_a_token_and_a_purpose(public: httpx.Client) -> None:
    require_problem(public.get(f"/v1/properties/{REGISTER_NUMBER}/lineage?purpose=division"), 401)
    require_problem(public.get(f"/v1/properties/{REGISTER_NUMBER}/lineage"), 401)


def test_a_registrar_and_the_owner_see_it_and_a_stranger_does_not(
    client_as: Callable[..., httpx.Client],
) -> None:
    address = f"/v1/properties/{REGISTER_NUMBER}/lineage"
    for role, account in (("registrar", {}), ("owner", {"fin": CANARY_FIN})):
        answer = client_as(role, **account).get(address, params={"purpose": "division", "direction": "down"})
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "private, no-store"
        assert [member["number"] for member in answer.json()["members"]] == [REGISTER_NUMBER]
    stranger = client_as("owner", fin="5ZZZZZZ")
    require_problem(stranger.get(address, params={"purpose": "division"}), 404, "property-not-found")
    require_problem(client_as("registrar").get(address, params={"purpose": "whim"}), 400, "unknown-purpose")
    require_problem(client_as("surveyor").get(address, params={"purpose": "division"}), 403)
