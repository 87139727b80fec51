"""A register that lives ten years in minutes: database, server, worker and services under one turned clock."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from cadastre.db import local_cluster
from cadastre.db.places import checkout_root
from tests.api.planting import REGISTER_NUMBER, plant_register
from tests.cadastre.db.cluster_homes import settings_for
from tests.cadastre.extract.standalone import VERIFIER
from tests.proof.turned_time import TurnedClock

_SEVERAL = """
import io, json, sys
from contextlib import redirect_stderr, redirect_stdout
from api.cli import main
done = []
for arguments in json.load(sys.stdin):
    said, code = io.StringIO(), 0
    with redirect_stdout(said), redirect_stderr(said):
        try:
            main(arguments)
        except SystemExit as ended:
            code = ended.code or 0
    done.append([code, said.getvalue()])
print(json.dumps(done))
"""


@dataclass(frozen=True)
class Said:
    """What a command said, and its exit code."""

    code: int
    text: str


class Years:
    """Drives the register by its own commands, at any day after its first."""

    def __init__(self, folder: Path) -> None:
        self.home, self.papers = folder / "home", folder / "papers"
        for made in (self.home, self.papers):
            made.mkdir(mode=0o755)
        self.clock = TurnedClock(folder / "clock")
        named = {"CADASTRE_HOME": str(self.home), "CADASTRE_KEYS": "file"}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CADASTRE_")}
        self.environment = {**kept, **named, **self.clock.environment()}
        self.clock.file.chmod(0o644)
        self.run(["db", "start"], ["db", "migrate"])
        self.urls = local_cluster.ensure_running(settings_for(self.home))
        plant_register(self.urls.app_url)

    @property
    def trust(self) -> Path:
        return self.home / "secrets" / "signing" / "trust"

    def turn(self, days: float, minutes: float = 0) -> None:
        """Let it be so many days after the first."""
        self.clock.turn(f"{timedelta(days=days, minutes=minutes).total_seconds():+.0f}")
        self.clock.file.chmod(0o644)

    def ask(self, *orders: Sequence[object]) -> list[Said]:
        """Run commands one after the other in one process, under the clock."""
        done = subprocess.run(
            [sys.executable, "-c", _SEVERAL],
            input=json.dumps([[str(word) for word in order] for order in orders]),
            capture_output=True,
            text=True,
            check=False,
            cwd=checkout_root(),
            env=self.environment,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return [Said(code, said) for code, said in json.loads(done.stdout.splitlines()[-1])]

    def run(self, *orders: Sequence[object]) -> list[str]:
        """Run commands that must all succeed."""
        said = self.ask(*orders)
        for order, each in zip(orders, said, strict=True):
            assert each.code == 0, (order, each.text)
        return [each.text for each in said]

    def issue(self, name: str) -> list[list[object]]:
        """Orders that issue an extract as JSON and one as PDF."""
        places = (self.papers / f"{name}.{form}" for form in ("json", "pdf"))
        return [["extract", REGISTER_NUMBER, "--out", place] for place in places]

    def keep(self, days: float) -> None:
        """Let the worker print what nobody asked for, and archive it when witnesses would have seen it."""
        for minutes in (1, 2):
            self.turn(days, minutes)
            self.run(["worker", "--once"])

    def archive_copies(self) -> dict[UUID, bytes]:
        """Read all archive copies as they are now."""
        query = text(
            "SELECT extract_id, evidence.archive_copy(extract_id) AS pdf FROM evidence.extract_archive"
        )
        engine = create_engine(self.urls.superuser_url, poolclass=NullPool)
        with engine.connect() as connection:
            found = {row.extract_id: bytes(row.pdf) for row in connection.execute(query)}
        engine.dispose()
        return found

    def judge_alone(self, files: Sequence[Path]) -> list[int]:
        """Let the standalone verifier judge files under the clock; give its exit codes."""
        return [
            subprocess.run(
                [sys.executable, "-I", str(VERIFIER), str(file), "--trust", str(self.trust)],
                capture_output=True,
                check=False,
                env=self.environment,
            ).returncode
            for file in files
        ]

    def stamps(self) -> tuple[subprocess.Popen[str], str]:
        """Start the services of the authority under the clock; give the process and its address."""
        folder = str(self.trust.parent / "authority")
        process = subprocess.Popen(
            [sys.executable, "-m", "cadastre.pki.service", folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=checkout_root(),
            env=self.environment,
        )
        assert process.stdout is not None
        return process, process.stdout.readline().strip()

    def close(self) -> None:
        self.turn(0)
        local_cluster.stop(settings_for(self.home))


__all__ = ["Said", "Years"]
