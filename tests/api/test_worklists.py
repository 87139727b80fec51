"""Worklists over HTTP: named in three languages, limited to whom they are for, paged by key."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from tests.api.server import require_problem

Sign = Callable[..., httpx.Client]


@pytest.fixture
def registrar(client_as: Sign) -> httpx.Client:
    return client_as("registrar", "registrar-of-worklists", name="Qeydiyyatçı")


def test_the_lists_are_named_in_three_languages(registrar: httpx.Client) -> None:
    answer = registrar.get("/v1/worklists")
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    lists = {line["name"]: line for line in answer.json()["worklists"]}
    assert "overdue_cases" in lists
    assert lists["suspensions_ended"]["next_steps"] == ["resume", "refuse"]
    assert {len(set(line["title"].values())) for line in lists.values()} == {3}


def test_a_list_is_read_page_by_page(registrar: httpx.Client) -> None:
    first = registrar.get("/v1/worklists/title_without_geometry?limit=1").json()
    assert first["title"]["az"]
    assert [set(item) >= {"key", "subject", "district_codes"} for item in first["items"]] in ([], [True])
    if first["after"] is not None:
        second = registrar.get(f"/v1/worklists/title_without_geometry?limit=1&after={first['after']}").json()
        assert all(item["key"] > first["after"] for item in second["items"])


def test_every_list_answers(registrar: httpx.Client) -> None:
    for line in registrar.get("/v1/worklists").json()["worklists"]:
        answer = registrar.get(f"/v1/worklists/{line['name']}")
        assert answer.status_code == 200, answer.text
        assert answer.json()["name"] == line["name"]


def test_it_is_for_registrars_and_auditors(client_as: Sign, public: httpx.Client) -> None:
    require_problem(public.get("/v1/worklists"), 401, "not-authenticated")
    notary = client_as("notary", "notary-of-worklists", name="Nigar Quliyeva")
    require_problem(notary.get("/v1/worklists/overdue_cases"), 403, "role-not-entitled")
    auditor = client_as("auditor", "auditor-of-worklists", name="Yoxlayıcı")
    assert auditor.get("/v1/worklists/overdue_cases").status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("everything", 404),
        ("overdue_cases?limit=0", 422),
        ("overdue_cases?limit=999", 422),
        ("overdue_cases?after=-1", 422),
        ("overdue_cases?district=XX", 400),
        ("overdue_cases?district=%00", 422),
        ("overdue_cases?office=1", 422),
        ("OVERDUE", 422),
    ],
)
def test_unusable_questions_are_problems(registrar: httpx.Client, path: str, status: int) -> None:
    answer = registrar.get(f"/v1/worklists/{path}")
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
