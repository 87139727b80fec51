"""Public facts of parcels over HTTP."""

from __future__ import annotations

from urllib.parse import quote

import httpx
import pytest

from tests.api.planting import BARE_PARCEL, OWNED_PARCEL
from tests.api.server import require_problem


def test_parcel_with_every_awkward_character_in_its_number(public: httpx.Client) -> None:
    answer = public.get(f"/v1/parcels/{quote(OWNED_PARCEL, safe='')}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/geo+json"
    body = answer.json()
    assert body["id"] == OWNED_PARCEL
    assert body["properties"]["has_property"] is True
    assert body["properties"]["documentary_area_m2"] == 1600.0
    assert body["properties"]["surveyed_area_m2"] == pytest.approx(1600, rel=0.002)
    assert body["geometry"]["type"] == "Polygon"
    lon, lat = body["geometry"]["coordinates"][0][0]
    assert 50 < lon < 51
    assert 40 < lat < 41
    assert len(repr(lon).partition(".")[2]) > 7, "coordinates leave in full precision"


def test_slashes_need_no_encoding(public: httpx.Client) -> None:
    assert public.get(f"/v1/parcels/{quote(OWNED_PARCEL, safe='/')}").status_code == 200


def test_a_number_in_small_letters_is_the_same_number(public: httpx.Client) -> None:
    answer = public.get(f"/v1/parcels/{quote(OWNED_PARCEL.lower(), safe='')}")
    assert (answer.status_code, answer.json()["id"]) == (200, OWNED_PARCEL)


def test_parcel_without_right_says_so(public: httpx.Client) -> None:
    body = public.get(f"/v1/parcels/{BARE_PARCEL}").json()
    assert body["properties"]["has_property"] is False


def test_unknown_parcel_is_a_problem(public: httpx.Client) -> None:
    require_problem(public.get("/v1/parcels/585-03-36-999"), 404, "parcel-not-found")


def test_overlong_number_is_refused_before_the_database(public: httpx.Client) -> None:
    require_problem(public.get("/v1/parcels/" + "9" * 61), 422, "invalid-request")


def test_nul_in_a_number_is_a_clean_answer(public: httpx.Client) -> None:
    answer = public.get("/v1/parcels/585%00")
    require_problem(answer, answer.status_code)
    assert answer.status_code in {400, 404, 422}


def test_etag_spares_the_body(public: httpx.Client) -> None:
    address = f"/v1/parcels/{BARE_PARCEL}"
    first = public.get(address)
    tag = first.headers["etag"]
    again = public.get(address, headers={"If-None-Match": f'"other", W/{tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    other = public.get(f"/v1/parcels/{quote(OWNED_PARCEL, safe='')}", headers={"If-None-Match": tag})
    assert other.status_code == 200


def test_box_and_point_find_the_same_parcels(public: httpx.Client) -> None:
    ring = public.get(f"/v1/parcels/{BARE_PARCEL}").json()["geometry"]["coordinates"][0]
    west, east = min(x for x, _ in ring), max(x for x, _ in ring)
    south, north = min(y for _, y in ring), max(y for _, y in ring)
    box = public.get("/v1/parcels", params={"bbox": f"{west},{south},{east},{north}"}).json()
    assert BARE_PARCEL in [f["id"] for f in box["features"]]
    assert box["complete"] is True
    middle = {"lon": (west + east) / 2, "lat": (south + north) / 2}
    assert [f["id"] for f in public.get("/v1/parcels", params=middle).json()["features"]] == [BARE_PARCEL]


def test_limit_says_that_the_list_may_be_cut(public: httpx.Client) -> None:
    body = public.get("/v1/parcels", params={"bbox": "49.9,40.3,50.3,40.6", "limit": 1}).json()
    assert (len(body["features"]), body["complete"], body["limit"]) == (1, False, 1)


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({}, 400, "bad-question"),
        ({"lon": "50"}, 400, "bad-question"),
        ({"bbox": "50,40,50.1,40.1", "lon": "50", "lat": "40"}, 400, "bad-question"),
        ({"bbox": "50,40,50.1"}, 400, "bad-bbox"),
        ({"bbox": "50,40,50.1,north"}, 400, "bad-bbox"),
        ({"bbox": "50.1,40,50,40.1"}, 400, "bad-bbox"),
        ({"bbox": "nan,nan,nan,nan"}, 400, "bad-bbox"),
        ({"bbox": "44,38,51,42"}, 400, "bbox-too-large"),
        ({"bbox": "50,40,50.1,40.1", "limit": "1001"}, 422, "invalid-request"),
        ({"bbox": "50,40,50.1,40.1", "limit": "0"}, 422, "invalid-request"),
        ({"lon": "inf", "lat": "40"}, 400, "bad-point"),
        ({"lon": "east", "lat": "40"}, 422, "invalid-request"),
        ({"bbox": "50,40,50.1,40.1", "owner": "Kanareyka"}, 422, "invalid-request"),
    ],
)
def test_bad_questions_say_what_to_ask(
    public: httpx.Client, query: dict[str, str], status: int, code: str
) -> None:
    body = require_problem(public.get("/v1/parcels", params=query), status, code)
    assert "Kanareyka" not in str(body), "values of the caller are not echoed"


def test_a_parcel_is_shown_as_it_stood_at_a_moment(public: httpx.Client) -> None:
    address = f"/v1/parcels/{BARE_PARCEL}"
    now = public.get(address).json()
    assert public.get(address, params={"as_of": "2026-01-01"}).json() == now
    assert public.get(address, params={"known_at": 10**15}).json()["code"] == "moment-in-future"
    require_problem(public.get(address, params={"known_at": 0}), 404, "parcel-of-another-time")
    require_problem(public.get(address, params={"as_of": "1950-01-01"}), 404, "parcel-of-another-time")
    require_problem(public.get(address, params={"as_of": "9000-01-01"}), 400, "moment-in-future")


def test_a_box_is_searched_as_it_stood_at_a_moment(public: httpx.Client) -> None:
    ring = public.get(f"/v1/parcels/{BARE_PARCEL}").json()["geometry"]["coordinates"][0]
    box = f"{ring[0][0] - 0.0001},{ring[0][1] - 0.0001},{ring[0][0] + 0.0001},{ring[0][1] + 0.0001}"
    found = {
        moment: [
            each["id"] for each in public.get("/v1/parcels", params={"bbox": box} | asked).json()["features"]
        ]
        for moment, asked in {
            "now": {},
            "later": {"as_of": "2026-01-01"},
            "before": {"as_of": "1950-01-01"},
            "unknown": {"known_at": "0"},
        }.items()
    }
    assert BARE_PARCEL in found["now"]
    assert found["later"] == found["now"]
    assert found["before"] == found["unknown"] == []
