"""A database that nobody migrated: every command says so in one line, and nothing listens on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.app import create_app
from api.settings import ApiSettings
from tests.api.commands.conftest import Run
from tests.api.planting import REGISTER_NUMBER
from tests.api.server import open_client, require_problem, running_server
from tests.database import Database, TestCluster
from tests.ingest.files import row_of_boxes, write_gpkg


@pytest.fixture(scope="module")
def without_register(test_cluster: TestCluster) -> Iterator[Database]:
    """Database as an administrator leaves it."""
    database = test_cluster.create_bare()
    yield database
    test_cluster.drop_copy(database)


@pytest.fixture
def bare(without_register: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Database without a register, named by this process's environment; a home without keys."""
    for name, value in {**without_register.environ, "CADASTRE_HOME": str(tmp_path / "home")}.items():
        monkeypatch.setenv(name, value)
    return without_register


@pytest.mark.parametrize(
    "arguments",
    [
        ["load", "parcels", "{file}", "--district", "BAK-XEZ"],
        ["load", "streets", "{file}", "--district", "BAK-XEZ"],
        ["load", "districts", "{file}"],
        ["load", "zones", "{file}", "--district", "BAK-XEZ"],
        ["load", "rights", "{file}"],
        ["load", "units", "{file}"],
        ["extract", REGISTER_NUMBER, "--out", "{out}"],
        ["verify", "{pdf}"],
        ["serve", "--port", "1"],
        ["worker"],
        ["worker", "--once"],
    ],
)
def test_every_command_says_what_to_run(
    bare: Database, run: Run, tmp_path: Path, arguments: list[str]
) -> None:
    names = {
        "file": str(write_gpkg(tmp_path / "one.gpkg", row_of_boxes(1))),
        "out": str(tmp_path / "a.pdf"),
        "pdf": str(tmp_path / "shown.pdf"),
    }
    (tmp_path / "shown.pdf").write_bytes(b"%PDF-1.7\n")
    done = run(*[argument.format_map(names) for argument in arguments])
    assert (done.code, done.out) == (2, "")
    assert "cadastre db migrate" in done.err
    assert len(done.err.splitlines()) == 1
    assert not (tmp_path / "a.pdf").exists()


def test_migrating_it_helps(
    test_cluster: TestCluster, bare: Database, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = test_cluster.create_bare()
    for name, value in database.environ.items():
        monkeypatch.setenv(name, value)
    try:
        assert run("db", "migrate").code == 0
        assert run("extract", REGISTER_NUMBER, "--out", tmp_path / "a.pdf").code == 0
    finally:
        test_cluster.drop_copy(database)


def test_a_server_whose_register_went_away_says_so(bare: Database, api_settings: ApiSettings) -> None:
    with running_server(create_app(api_settings)) as url, open_client(url) as client:
        for address in ("/health/ready", "/v1/parcels/585", "/v1/districts"):
            body = require_problem(client.get(address), 503, "schema-not-current")
            assert "cadastre db migrate" in str(body["detail"])
