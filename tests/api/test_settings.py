"""Settings: defaults that work, and one sentence for a value that does not."""

from __future__ import annotations

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
    ("name", "value"),
    [
        ("CADASTRE_VERIFY_BASE_URL", "reyestr.example"),
        ("CADASTRE_VERIFY_BASE_URL", "http://x?y"),
        ("CADASTRE_OFFICE_CODE", "Baku"),
        ("CADASTRE_TOKEN_HOURS", "0"),
        ("CADASTRE_MAX_JSON_BYTES", "many"),
    ],
)
def test_unusable_values_are_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidInput, match=name):
        read_api_settings()
