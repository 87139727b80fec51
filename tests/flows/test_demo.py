"""``cadastre demo``: one command gives a served register, and what it prints works as printed."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from tests.api.planting import plant_register
from tests.database import Database

CALL = "from api.cli import main; main()"
PATIENCE_S = 120
PARCELS = 500  # the smallest sample that has apartment buildings


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def demo(database: Database, home: Path, port: int) -> Iterator[list[str]]:
    """Run the demonstration until READY, give what it printed, and end it as Ctrl+C does."""
    arguments = ["demo", "--port", str(port), "--parcels", str(PARCELS)]
    environment = {**os.environ, **database.environ, "CADASTRE_HOME": str(home), "CADASTRE_KEYS": "softhsm"}
    with (
        (home / "demo.err").open("w") as errors,
        subprocess.Popen(
            [sys.executable, "-c", CALL, *arguments],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=environment,
        ) as running,
    ):
        try:
            yield printed_until_ready(running, home / "demo.err")
            running.send_signal(signal.SIGINT)
            assert running.wait(PATIENCE_S) == 0
        finally:
            running.kill()
    assert "Traceback" not in (home / "demo.err").read_text()


def printed_until_ready(running: subprocess.Popen[str], errors: Path) -> list[str]:
    assert running.stdout is not None
    printed: list[str] = []
    for line in running.stdout:
        printed.append(line.rstrip("\n"))
        if line.startswith("READY"):
            return printed
    return pytest.fail(f"never ready: {printed} {errors.read_text()}")


def test_demo_from_nothing_to_a_verified_extract_and_once_only(
    fresh_database: Database, tmp_path: Path
) -> None:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    with demo(fresh_database, tmp_path, port) as printed:
        said = "\n".join(printed)
        assert "All data is synthetic" in said
        assert f"parcels: {PARCELS} of {PARCELS} accepted" in said
        assert "2 witnesses cosign the heads of the ledger" in said
        assert len(httpx.get(f"{base}/health/ledger").json()["witnesses"]) == 2
        assert httpx.get(f"{base}/map").status_code == 200
        token = next(line for line in printed if line.startswith("TOKEN=")).partition("=")[2]
        call = next(line for line in printed if line.startswith("curl "))
        words = shlex.split(call.replace("$TOKEN", token))
        headers = dict(words[i + 1].split(": ", 1) for i, word in enumerate(words) if word == "-H")
        answer = httpx.post(words[2], headers=headers, content=words[words.index("-d") + 1], timeout=60)
        assert answer.status_code == 201, answer.text
        statement = answer.json()["statement"]
        assert statement["synthetic"] is True
        assert statement["verification"]["url"].startswith(f"{base}/verify/")
        assert httpx.get(statement["verification"]["url"]).status_code == 200
        verdict = httpx.post(f"{base}/v1/verify", json=answer.json(), timeout=60).json()
        assert verdict["verdict"] == "AUTHENTIC"
        number = re.search(r"property +(\d+)", said)
        assert number is not None
        assert json.loads(words[words.index("-d") + 1])["register_number"] == number[1]
        check_flat(base, headers, said)
    with demo(fresh_database, tmp_path, port) as printed:
        assert any(f"there already: {PARCELS} parcels" in line for line in printed)
    assert counts(fresh_database) == PARCELS


def check_flat(base: str, headers: dict[str, str], said: str) -> None:
    """The flat that is shown has an extract with its place in the building and the address with its number."""
    number = re.search(r"flat +(\d+)", said)
    assert number is not None, said
    order = {
        "register_number": number[1],
        "kind": "extract",
        "capacity": "notary",
        "basis": "demonstration",
        "purpose": "disposal",
    }
    answer = httpx.post(f"{base}/v1/extracts", headers=headers, json=order, timeout=60)
    assert answer.status_code == 201, answer.text
    section = answer.json()["statement"]["property"]
    assert section["object_kind"]["code"] == "flat"
    assert section["unit"]["building_number"].startswith("BAK-")
    assert 1 <= section["floor"] <= section["storeys"]
    assert section["room_count"] >= 1
    assert [area["kind"] for area in section["unit_areas"]] == ["total", "living", "auxiliary"]
    assert f", mənzil {section['unit']['number']}, " in section["address"]["az"]


def counts(database: Database) -> int:
    engine = create_engine(database.superuser_url, poolclass=NullPool)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT count(*) FROM cadastre.parcel")).scalar_one()
    engine.dispose()
    return int(found)


def test_demo_leaves_a_register_with_data_of_its_own_alone(
    database_environment: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from api.cli import main

    plant_register(database_environment.app_url)
    monkeypatch.setenv("CADASTRE_HOME", str(tmp_path))
    before = counts(database_environment)
    with pytest.raises(SystemExit) as leaving:
        main(["demo", "--port", str(free_port()), "--parcels", "60"])
    assert leaving.value.code == 2
    assert counts(database_environment) == before
