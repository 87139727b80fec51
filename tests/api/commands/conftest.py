"""Runs commands of ``cadastre`` in this process, over the planted register."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from api.cli import main
from api.settings import ApiSettings
from tests.database import Database


@dataclass(frozen=True, slots=True)
class Done:
    """What a command left behind."""

    code: int
    out: str
    err: str


Run = Callable[..., Done]


@pytest.fixture
def planted_environment(
    planted_database: Database, api_settings: ApiSettings, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """Environment of the planted register, set for this process too."""
    environment = {**planted_database.environ, "CADASTRE_HOME": str(api_settings.home)}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return environment


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Function that runs one command and gives exit code and output."""

    def call(*arguments: object) -> Done:
        with pytest.raises(SystemExit) as leaving:
            main([str(a) for a in arguments])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return Done(int(leaving.value.code or 0), out, err)

    return call
