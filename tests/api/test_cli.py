"""The command line's one door: exit codes, one plain line, no traceback, a quick help."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
import typer

from api import cli, commands
from cadastre.kernel.errors import InvalidInput
from tests.database import Database

Installer = Callable[[Callable[[], int | None]], None]


def run_main(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        cli.main(list(arguments))
    code = left.value.code
    assert isinstance(code, int)
    return code


def one_line(text: str) -> str:
    """The text, which must be a single line without a traceback."""
    assert text.count("\n") == 1, text
    assert "Traceback" not in text
    return text.strip()


@pytest.fixture
def command_that(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Installer:
    """Install a command ``act`` that does what the test gives."""
    monkeypatch.setenv("CADASTRE_HOME", str(tmp_path))

    def install(action: Callable[[], int | None]) -> None:
        module = ModuleType("api.commands.act")
        vars(module)["command"] = action
        monkeypatch.setattr(cli, "list_commands", lambda: {"act": "Act."})
        monkeypatch.setattr(cli, "load_command", lambda name: module)

    return install


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_main("--help") == 0
    text = capsys.readouterr().out
    for name in commands.list_commands():
        assert name in text


def test_help_imports_no_command() -> None:
    probe = (
        "import sys, api.cli\n"
        "try: api.cli.main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'sqlalchemy', 'geopandas', 'fastapi', 'pydantic_settings', 'shapely', 'numpy'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", commands.list_commands())
def test_every_command_has_help_and_a_first_line(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(commands.list_commands()[name]) > 10
    assert run_main(name, "--help") == 0
    assert name in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [("nonsense",), ("db", "--nonsense"), ("db", "status", "extra")])
def test_unusable_arguments(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert run_main(*arguments) == 2
    assert "See 'cadastre --help'." in one_line(capsys.readouterr().err)


@pytest.mark.parametrize(
    "arguments",
    [
        ["load", "parcels", b"p.gpkg", "--district", b"BAK\xff"],
        ["load", "parcels", b"\xffp.gpkg", "--district", "BAK-XEZ"],
        ["verify", b"\xe9.pdf", "--offline"],
        [b"\xff"],
    ],
)
def test_arguments_that_are_no_text_are_refused(arguments: list[str | bytes]) -> None:
    call = [sys.executable, "-c", "import api.cli; api.cli.main()", *arguments]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "is not UTF-8" in one_line(done.stderr)


def test_no_arguments_show_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_main() == 0
    assert "Usage: cadastre" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (InvalidInput("the file is\nempty"), 2, "the file is empty"),
        (FileNotFoundError(2, "No such file or directory", "a.gpkg"), 2, "a.gpkg: No such file or directory"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (typer.Exit(3), 3, None),
    ],
)
def test_errors_become_one_line(
    command_that: Installer,
    error: BaseException,
    code: int,
    line: str | None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def act() -> None:
        raise error

    command_that(act)
    assert run_main("act") == code
    said = capsys.readouterr().err
    if line is None:
        assert said == ""
    else:
        assert one_line(said) == line


@pytest.mark.parametrize(("result", "code"), [(None, 0), (0, 0), (1, 1)])
def test_a_command_returns_its_exit_code(command_that: Installer, result: int | None, code: int) -> None:
    def act() -> int | None:
        return result

    command_that(act)
    assert run_main("act") == code


def test_own_fault_is_recorded_not_shown(
    command_that: Installer, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def act() -> None:
        raise ZeroDivisionError("secret detail")

    command_that(act)
    assert run_main("act") == 70
    assert "secret detail" not in one_line(capsys.readouterr().err)
    assert "secret detail" in (tmp_path / "faults.log").read_text()


def test_lost_database_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CADASTRE_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    monkeypatch.setenv("CADASTRE_ADMIN_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    assert run_main("db", "migrate") == 2
    assert "the database does not answer" in one_line(capsys.readouterr().err)


def test_reader_that_goes_away_is_no_error() -> None:
    script = "import api.cli; api.cli.main(['--help'])"
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    process.wait(timeout=60)
    assert "Traceback" not in said


class TestDb:
    """``cadastre db`` against a database of its own."""

    def test_url(self, database_environment: Database, capsys: pytest.CaptureFixture[str]) -> None:
        assert run_main("db", "url") == 0
        assert capsys.readouterr().out.strip() == database_environment.app_url
        assert run_main("db", "url", "--admin", "--libpq") == 0
        assert capsys.readouterr().out.startswith("postgresql://cadastre_admin:")

    def test_migrate_twice(self, database_environment: Database, capsys: pytest.CaptureFixture[str]) -> None:
        assert run_main("db", "migrate") == 0
        first = capsys.readouterr().out
        assert run_main("db", "migrate") == 0
        assert capsys.readouterr().out == first

    def test_reset_refuses_a_server_of_its_own(
        self, database_environment: Database, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run_main("db", "reset", "--yes") == 2
        assert "embedded database only" in one_line(capsys.readouterr().err)

    def test_reset_asks(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.delenv("CADASTRE_DATABASE_URL", raising=False)
        monkeypatch.setenv("CADASTRE_HOME", str(tmp_path))
        assert run_main("db", "reset") == 2
        assert "repeat with --yes" in one_line(capsys.readouterr().err)
        assert os.listdir(tmp_path) == []

    def test_status_of_nothing(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("CADASTRE_HOME", str(tmp_path))
        assert run_main("db", "status") == 1
        assert capsys.readouterr().out.startswith("not running")
        assert run_main("db", "status", "--json") == 1
        assert '"running": false' in capsys.readouterr().out
        assert run_main("db", "stop") == 0

    def test_start_uses_the_server_named(
        self, database_environment: Database, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run_main("db", "start") == 0
        assert "nothing is started here" in capsys.readouterr().err
