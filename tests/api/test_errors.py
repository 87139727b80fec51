"""One table from errors to status codes: complete, and silent about what it does not know."""

from __future__ import annotations

import json
import logging
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

import api.errors
from api.app import create_app
from api.errors import STATUS, TITLES, status_of
from api.logs import JsonLines
from api.settings import ApiSettings
from cadastre.kernel.errors import CadastreError, RuleBroken
from tests.api.server import require_problem, running_server
from tests.database import Database

SECRET = "FIN 7CANARY of Kanareyka"


def all_errors(root: type[CadastreError] = CadastreError) -> list[type[CadastreError]]:
    """Every error of the product; tests may have their own."""
    below = [error for child in root.__subclasses__() for error in all_errors(child)]
    return [error for error in (root, *below) if not error.__module__.startswith("tests.")]


def test_every_error_class_has_a_status_and_every_status_a_title() -> None:
    for kind in all_errors():
        status = status_of(kind)
        assert 400 <= status <= 599
        assert status in TITLES, kind
        assert (status == 500) == (kind is CadastreError), f"{kind} needs a row in api.errors.STATUS"


def test_every_kernel_error_has_a_row_of_its_own() -> None:
    kernel = {kind for kind in all_errors() if kind.__module__ == "cadastre.kernel.errors"}
    assert kernel <= set(STATUS)
    assert {kind.__module__ for kind in set(STATUS) - kernel} == {api.errors.__name__}


def test_codes_are_kebab_case() -> None:
    for kind in all_errors():
        assert kind.default_code == kind.default_code.lower().replace("_", "-").replace(" ", "-")


@pytest.fixture
def failing_app(
    api_settings: ApiSettings, planted_database: Database, monkeypatch: pytest.MonkeyPatch
) -> FastAPI:
    """Application with two routes more, which fail."""
    for name, value in planted_database.environ.items():
        monkeypatch.setenv(name, value)
    app = create_app(api_settings)

    @app.get("/fault")
    def fault() -> None:
        raise ZeroDivisionError(SECRET)

    @app.get("/rule")
    def rule() -> None:
        raise RuleBroken("Two owners at once.", code="two-owners", rule="ck_one", owners=2)

    return app


def answer_and_lines(
    app: FastAPI, address: str, caplog: pytest.LogCaptureFixture
) -> tuple[httpx.Response, list[dict[str, Any]]]:
    """Ask once; give the answer and every log line of the whole life of the server."""
    with caplog.at_level(logging.INFO), running_server(app) as url:
        answer = httpx.get(url + address)
    return answer, [json.loads(JsonLines().format(record)) for record in caplog.records]


def test_unknown_error_says_nothing_and_names_its_incident(
    failing_app: FastAPI, caplog: pytest.LogCaptureFixture
) -> None:
    answer, lines = answer_and_lines(failing_app, "/fault", caplog)
    body = require_problem(answer, 500, "internal")
    assert "Kanareyka" not in answer.text
    assert "frame-ancestors" in answer.headers["content-security-policy"]
    assert SECRET not in json.dumps(lines)
    ours = [line for line in lines if line.get("request_id") == body["incident"]]
    assert len(ours) == 1
    assert ours[0]["error"][0]["class"] == "builtins.ZeroDivisionError"
    assert "test_errors.py" in str(ours[0]["error"][0]["where"])


def test_own_error_keeps_code_and_facts(failing_app: FastAPI, caplog: pytest.LogCaptureFixture) -> None:
    answer, lines = answer_and_lines(failing_app, "/rule", caplog)
    body = require_problem(answer, 409, "two-owners")
    assert body["detail"] == "Two owners at once."
    assert body["facts"] == {"rule": "ck_one", "owners": 2}
    assert not [line for line in lines if "error" in line], "a refusal is no fault"


def test_log_lines_name_the_route_and_not_the_address(
    failing_app: FastAPI, caplog: pytest.LogCaptureFixture
) -> None:
    answer, lines = answer_and_lines(failing_app, "/v1/parcels/203015000123", caplog)
    assert answer.status_code == 404
    (line,) = [line for line in lines if line["logger"] == "api.request"]
    assert (line["route"], line["status"]) == ("/v1/parcels/{cadastral_number:path}", 404)
    assert "203015000123" not in json.dumps([line for line in lines if line["logger"].startswith("api")])
