"""A served register that tests of the interface share, and clients for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.auth import open_tokens
from api.auth.tokens import make_caller
from api.settings import ApiSettings
from tests.api.planting import plant_register
from tests.api.server import bearer, open_client, running_server
from tests.database import Database, TestCluster


@pytest.fixture(scope="package")
def planted_database(test_cluster: TestCluster) -> Iterator[Database]:
    """Database with the planted register, shared by the tests that only add to it."""
    database = test_cluster.create_copy()
    plant_register(database.app_url)
    yield database
    test_cluster.drop_copy(database)


@pytest.fixture(scope="package")
def api_settings(tmp_path_factory: pytest.TempPathFactory) -> ApiSettings:
    """Settings with a home of their own."""
    home: Path = tmp_path_factory.mktemp("home")
    return ApiSettings(home=home, max_json_bytes=200_000, max_pdf_bytes=4_000_000)


@pytest.fixture(scope="package")
def base_url(planted_database: Database, api_settings: ApiSettings) -> Iterator[str]:
    """Address of a running server over the planted register."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in planted_database.environ.items():
            patch.setenv(name, value)
        with running_server(create_app(api_settings)) as url:
            yield url


@pytest.fixture
def public(base_url: str) -> Iterator[httpx.Client]:
    """Client without a token."""
    with open_client(base_url) as client:
        yield client


@pytest.fixture
def client_as(base_url: str, api_settings: ApiSettings) -> Iterator[Callable[..., httpx.Client]]:
    """Function that makes a client signed in with a role."""
    opened: list[httpx.Client] = []

    def make(role: str, subject: str = "test-account", **account: str) -> httpx.Client:
        token = open_tokens(api_settings).issue(make_caller(role, subject, **account))
        opened.append(open_client(base_url, headers=bearer(token)))
        return opened[-1]

    yield make
    for client in opened:
        client.close()
