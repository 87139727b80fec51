"""``serve`` and ``worker`` as processes: they start, do their work, and leave cleanly on SIGTERM."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from api.auth import open_tokens
from api.auth.tokens import make_caller
from api.settings import ApiSettings
from tests.api.commands.conftest import Run
from tests.api.planting import REGISTER_NUMBER
from tests.api.server import bearer
from tests.database import Database

CALL = "from api.cli import main; main()"
PATIENCE_S = 180
ORDER = {
    "register_number": REGISTER_NUMBER,
    "kind": "extract",
    "capacity": "notary",
    "basis": "Power of attorney 1Z-441 of 03.02.2026",
    "purpose": "disposal",
}


@contextmanager
def process(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run a command as a process of its own; it is killed if the test leaves early."""
    running = subprocess.Popen(
        [sys.executable, "-c", CALL, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield running
    finally:
        running.kill()
        running.wait(PATIENCE_S)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def wait_for_line(running: subprocess.Popen[str], word: str) -> None:
    assert running.stderr is not None
    for line in running.stderr:
        if word in line:
            return
    pytest.fail(f"the process ended without saying {word!r}")


def extract_beside(run: Run, folder: Path) -> Path:
    """Issue an extract by the command, while a server runs."""
    assert run("extract", REGISTER_NUMBER, "--out", folder / "beside.json").code == 0
    return folder / "beside.json"


@pytest.mark.parametrize("workers", ["1", "2"])
def test_serve_answers_and_leaves_on_sigterm(
    planted_environment: dict[str, str], api_settings: ApiSettings, run: Run, tmp_path: Path, workers: str
) -> None:
    port = free_port()
    token = open_tokens(api_settings).issue(make_caller("notary", "notary-9", name="Nigar Quliyeva"))
    with process("serve", "--port", str(port), "--workers", workers) as running:
        wait_for_line(running, "Application startup complete")
        base = f"http://127.0.0.1:{port}"
        transport = httpx.HTTPTransport(retries=5)
        with httpx.Client(base_url=base, transport=transport, timeout=PATIENCE_S) as client:
            assert client.get("/health/ready").status_code == 200
            issued = client.post("/v1/extracts", json=ORDER, headers=bearer(token))
            assert f"{base}/verify/" in issued.text, "the QR code opens the address that is served"
            assert issued.json()["pdf"].startswith(f"{base}/v1/extracts/")
        beside = json.loads(extract_beside(run, tmp_path).read_text(encoding="utf-8"))
        assert beside["statement"]["verification"]["url"].startswith(f"{base}/verify/")
        running.send_signal(signal.SIGTERM)
        _, err = running.communicate(timeout=PATIENCE_S)
    assert running.returncode == 0
    assert "Traceback" not in err
    assert all(json.loads(line) for line in err.splitlines())


def test_serve_says_that_the_port_is_taken(planted_environment: dict[str, str], run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        done = run("serve", "--port", listener.getsockname()[1])
    assert done.code == 2
    assert "is taken by another program" in done.err


def test_serve_says_what_is_wrong_with_a_setting(
    planted_environment: dict[str, str], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CADASTRE_VERIFY_BASE_URL", "kadastr.az")
    done = run("serve", "--port", "1")
    assert done.code == 2
    assert "CADASTRE_VERIFY_BASE_URL" in done.err


def test_worker_prints_what_a_crash_left_unprinted(
    planted_environment: dict[str, str], planted_database: Database, run: Run, tmp_path: Path
) -> None:
    engine = create_engine(planted_database.superuser_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(_CRASH))
    done = run("extract", REGISTER_NUMBER, "--out", tmp_path / "a.pdf")
    assert done.code == 2
    with engine.begin() as connection:
        connection.execute(text("DROP TRIGGER tg_test_crash ON evidence.extract"))
        connection.execute(text("DROP FUNCTION public.crash()"))
    count = text("SELECT count(*) FROM evidence.extract WHERE signed_at IS NULL")
    with engine.connect() as connection:
        waiting = connection.execute(count).scalar_one()
    assert waiting >= 1
    with process("worker") as running:
        while waiting:
            wait_for_line(running, "extracts printed ahead")
            with engine.connect() as connection:
                waiting = connection.execute(count).scalar_one()
        running.send_signal(signal.SIGTERM)
        _, err = running.communicate(timeout=PATIENCE_S)
    assert running.returncode == 0
    assert json.loads(err.splitlines()[-1])["message"] == "stopped"
    with engine.connect() as connection:
        assert connection.execute(count).scalar_one() == 0
        unnumbered = text("SELECT count(*) FROM ledger.leaf WHERE ledger_index IS NULL")
        assert connection.execute(unnumbered).scalar_one() == 0
    engine.dispose()


_CRASH = """
    CREATE FUNCTION public.crash() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'gone' USING ERRCODE = 'admin_shutdown';
    END $$;
    CREATE TRIGGER tg_test_crash BEFORE UPDATE ON evidence.extract
        FOR EACH ROW EXECUTE FUNCTION public.crash();
"""


def test_worker_waits_out_a_lost_database(
    planted_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CADASTRE_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nowhere")
    begun = time.monotonic()
    with process("worker") as running:
        wait_for_line(running, "a round failed")
        running.send_signal(signal.SIGTERM)
        _, err = running.communicate(timeout=PATIENCE_S)
    assert running.returncode == 0
    assert "Traceback" not in err
    assert time.monotonic() - begun < PATIENCE_S
