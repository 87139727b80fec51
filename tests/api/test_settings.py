"""Settings: defaults that work, and one sentence for a value that does not."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from api.settings import ApiSettings, read_api_settings
from cadastre.kernel.errors import InvalidInput


def test_defaults_name_no_public_address(tmp_path: Path) -> None:
    settings = ApiSettings(home=tmp_path)
    assert settings.public_url is None
    assert settings.base_url == "http://127.0.0.1:8000"
    assert settings.signing_dir == tmp_path / "secrets" / "signing"


def test_named_address_is_used_without_its_last_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CADASTRE_VERIFY_BASE_URL", "https://reyestr.example/kadastr/")
    settings = read_api_settings()
    assert settings.public_url == settings.base_url == "https://reyestr.example/kadastr"


@pytest.mark.parametrize(
    ("host", "port", "address"),
    [
        ("127.0.0.1", 8080, "http://127.0.0.1:8080"),
        ("kadastr.local", 80, "http://kadastr.local:80"),
        ("0.0.0.0", 8000, "http://127.0.0.1:8000"),
        ("::", 8000, "http://[::1]:8000"),
        ("fe80::1", 8000, "http://[fe80::1]:8000"),
    ],
)
def test_the_address_listened_on_is_opened_until_another_is_named(
    tmp_path: Path, host: str, port: int, address: str
) -> None:
    settings = ApiSettings(home=tmp_path)
    served = settings.listening_on(host, port)
    assert (served.base_url, served.public_url) == (address, None)
    assert pickle.loads(pickle.dumps(served)).base_url == address, "workers get it too"
    assert settings.base_url == "http://127.0.0.1:8000"
    named = ApiSettings(home=tmp_path, verify_base_url="https://reyestr.example")
    assert named.listening_on(host, port).base_url == "https://reyestr.example"


def test_a_command_beside_a_server_prints_the_address_that_is_served(tmp_path: Path) -> None:
    ApiSettings(home=tmp_path / "new").listening_on("127.0.0.1", 24117).remember_address()
    beside = ApiSettings(home=tmp_path / "new")
    assert (beside.base_url, beside.served_url) == ("http://127.0.0.1:24117", None)
    assert beside.listening_on("127.0.0.1", 24118).base_url == "http://127.0.0.1:24118"
    (tmp_path / "new" / "served-at.txt").write_bytes(b"\xff javascript:")
    assert beside.base_url == "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CADASTRE_VERIFY_BASE_URL", "reyestr.example"),
        ("CADASTRE_VERIFY_BASE_URL", "http://x?y"),
        ("CADASTRE_OFFICE_CODE", "Baku"),
        ("CADASTRE_TOKEN_HOURS", "0"),
        ("CADASTRE_MAP_ATTRIBUTION", "a\nb"),
        ("CADASTRE_MAP_ATTRIBUTION", "x" * 301),
        ("CADASTRE_MAX_JSON_BYTES", "many"),
    ],
)
def test_unusable_values_are_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidInput, match=name):
        read_api_settings()
