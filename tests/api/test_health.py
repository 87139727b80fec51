"""Liveness, readiness, and the shape of everything that goes wrong at the door."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from api.app import create_app
from api.settings import ApiSettings
from cadastre.db.schema_state import newest_revision
from tests.api.server import open_client, require_problem, running_server
from tests.database import Database


def test_live_and_ready(public: httpx.Client) -> None:
    assert public.get("/health/live").json() == {"status": "live"}
    assert public.get("/health/ready").json() == {
        "status": "ready",
        "schema_revision": newest_revision(),
    }


def test_not_ready_without_a_database_and_live_all_the_same(
    api_settings: ApiSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CADASTRE_DATABASE_URL", "postgresql://nobody:nothing@127.0.0.1:1/nowhere")
    with running_server(create_app(api_settings)) as url, open_client(url) as client:
        assert client.get("/health/live").status_code == 200
        answer = client.get("/health/ready")
        require_problem(answer, 503, "database-unavailable")
        assert answer.headers["retry-after"] == "5"
        assert "nowhere" not in answer.text
        require_problem(client.get("/v1/parcels/585"), 503, "database-unavailable")


def test_not_ready_on_another_schema(tmp_path: Path, database_environment: Database) -> None:
    with running_server(create_app(ApiSettings(home=tmp_path))) as url:
        assert httpx.get(url + "/health/ready").status_code == 200
        engine = create_engine(database_environment.superuser_url, poolclass=NullPool)
        with engine.begin() as connection:
            connection.execute(text("UPDATE public.schema_version SET version_num = '9999'"))
        engine.dispose()
        body = require_problem(httpx.get(url + "/health/ready"), 503, "schema-not-current")
        assert "update this program" in str(body["detail"])


def test_unknown_address_and_method_are_problems(public: httpx.Client) -> None:
    require_problem(public.get("/v1/nothing"), 404, "no-such-address")
    answer = public.delete("/v1/parcels/585")
    require_problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "GET"


@pytest.mark.parametrize(
    ("language", "title"), [("az", "Tapılmadı"), ("ru,en;q=0.5", "Не найдено"), ("de", "Not found")]
)
def test_titles_speak_the_callers_language(public: httpx.Client, language: str, title: str) -> None:
    answer = public.get("/v1/parcels/585", headers={"Accept-Language": language})
    assert require_problem(answer, 404)["title"] == title


def test_every_answer_carries_the_security_headers(public: httpx.Client) -> None:
    for address in ("/health/live", "/v1/nothing", "/v1/parcels/585"):
        headers = public.get(address).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "server" not in headers


def test_not_ready_when_the_ledger_is_not_what_was_signed(
    tmp_path: Path, database_environment: Database
) -> None:
    with running_server(create_app(ApiSettings(home=tmp_path))) as url:
        assert httpx.get(url + "/v1/ledger/checkpoint").status_code == 200
        assert httpx.get(url + "/health/ready").status_code == 200
        engine = create_engine(database_environment.superuser_url, poolclass=NullPool)
        with engine.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(text("UPDATE ledger.entry SET body = sha256(body)"))
        engine.dispose()
        body = require_problem(httpx.get(url + "/health/ready"), 503, "ledger-inconsistent")
        assert "rewritten" in str(body["detail"])
