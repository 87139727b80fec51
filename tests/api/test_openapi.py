"""The published description: complete, and honest about failures."""

from __future__ import annotations

import httpx
import pytest


@pytest.fixture
def description(public: httpx.Client) -> dict[str, dict[str, dict[str, dict[str, object]]]]:
    return dict(public.get("/openapi.json").json())


def test_every_route_of_the_interface_declares_its_problems(
    description: dict[str, dict[str, dict[str, dict[str, object]]]],
) -> None:
    for path, methods in description["paths"].items():
        if not path.startswith("/v1/"):
            continue
        for method, operation in methods.items():
            answers = operation["responses"]
            assert isinstance(answers, dict)
            assert "503" in answers, (method, path)
            failures = {s: a for s, a in answers.items() if s >= "400"}
            for status, answer in failures.items():
                assert list(answer["content"]) == ["application/problem+json"], (method, path, status)


def test_codes_of_dated_lists_are_published(
    description: dict[str, dict[str, dict[str, dict[str, object]]]],
) -> None:
    order = description["components"]["schemas"]["ExtractOrder"]["properties"]
    assert "notary" in order["capacity"]["enum"]  # type: ignore[index]
    assert "disposal" in order["purpose"]["enum"]  # type: ignore[index]


def test_locks_stand_where_a_token_is_needed(
    description: dict[str, dict[str, dict[str, dict[str, object]]]],
) -> None:
    assert description["paths"]["/v1/extracts"]["post"]["security"]
    assert "security" not in description["paths"]["/health/live"]["get"]
