"""Moments and texts that the interface refuses or names, from outside."""

from __future__ import annotations

import httpx
import pytest

from tests.api.server import require_problem
from tests.flows.test_extract_flow import ORDER, Sign


@pytest.fixture
def notary(client_as: Sign) -> httpx.Client:
    return client_as("notary", "notary-7", name="Nigar Quliyeva")


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31"])
def test_a_day_before_the_register_is_a_clean_refusal(notary: httpx.Client, day: str) -> None:
    require_problem(notary.post("/v1/extracts", json={**ORDER, "as_of": day}), 400, "moment-too-early")


def test_a_past_state_says_so_in_the_answer(notary: httpx.Client) -> None:
    body = notary.post("/v1/extracts", json={**ORDER, "as_of": "2024-01-01"}).json()
    state = body["statement"]["state"]
    assert state["historic"] is True
    assert state["valid_time"] == "2024-01-01T00:00:00.000000+04:00"
    verdict = notary.post("/v1/verify", json=body).json()
    assert "historic-state" in verdict["reason_codes"]


@pytest.mark.parametrize("hidden", ["\u202e", "\u200b"])
def test_hidden_characters_in_the_basis_are_refused(notary: httpx.Client, hidden: str) -> None:
    answer = notary.post("/v1/extracts", json={**ORDER, "basis": f"Power{hidden} of attorney"})
    assert answer.status_code in {400, 422}
    assert "basis" in answer.text
