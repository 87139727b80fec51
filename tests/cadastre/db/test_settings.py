"""Where the database is: the environment first, the embedded cluster else; bad values in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from cadastre.db import places
from cadastre.db.settings import read_settings, resolve_urls, with_driver
from cadastre.kernel.errors import InvalidInput


def test_named_urls_win(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CADASTRE_DATABASE_URL", "postgres://app@db/register")
    monkeypatch.delenv("CADASTRE_ADMIN_URL", raising=False)
    urls = resolve_urls()
    assert urls.app_url == "postgresql+psycopg2://app@db/register"
    with pytest.raises(InvalidInput, match="set CADASTRE_ADMIN_URL"):
        urls.require_admin()
    monkeypatch.setenv("CADASTRE_ADMIN_URL", "postgresql+psycopg2://owner@db/register")
    assert resolve_urls().require_admin() == "postgresql+psycopg2://owner@db/register"


@pytest.mark.parametrize("url", ["", "mysql://a@b/c", "just a word", "postgresql:/a"])
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(InvalidInput, match="must look like postgresql://"):
        with_driver(url)


@pytest.mark.parametrize("port", ["80", "many", "70000"])
def test_bad_port_names_the_variable(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv("CADASTRE_DATABASE_PORT", port)
    with pytest.raises(InvalidInput, match="CADASTRE_DATABASE_PORT is not usable") as caught:
        read_settings()
    assert "\n" not in caught.value.message


def test_home_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CADASTRE_HOME", str(tmp_path))
    assert read_settings().home == tmp_path
    monkeypatch.delenv("CADASTRE_HOME")
    assert read_settings().home == places.checkout_root() / ".local"


def test_private_home_keeps_the_server_data_elsewhere(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    for_server = places.reachable_for_server(tmp_path / "home")
    if places.server_account() is None:
        assert for_server == tmp_path / "home"
    else:
        assert for_server.parent == Path("/var/lib")
        assert for_server == places.reachable_for_server(tmp_path / "home")
        assert for_server != places.reachable_for_server(tmp_path / "other")
