"""A register that issues extracts, as the processes that it is in earnest: each can be killed and turned."""

from __future__ import annotations

import contextlib
import hashlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path

import httpx
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from api.auth import open_tokens
from api.auth.tokens import make_caller
from api.settings import ApiSettings
from cadastre.db.places import checkout_root
from cadastre.extract.seal_check import read_seal
from cadastre.extract.trust import Trust
from cadastre.extract.verify import Verdict, verify_bundle, verify_pdf
from cadastre.kernel.clock import FixedClock
from tests.api.planting import REGISTER_NUMBER
from tests.api.server import bearer
from tests.database import Database
from tests.proof.turned_time import TurnedClock

CALL = "from api.cli import main; main()"
PATIENCE_S = 120
ORDER = {
    "register_number": REGISTER_NUMBER,
    "kind": "extract",
    "capacity": "notary",
    "basis": "Power of attorney 1Z-441 of 03.02.2026",
    "purpose": "disposal",
}
PDF = {"Accept": "application/pdf"}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@dataclass
class Stage:
    """The served register, its time-stamp service, and what left them."""

    database: Database
    home: Path
    extra: Mapping[str, str] = field(default_factory=dict)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    statements: list[bytes] = field(default_factory=list)
    prints: dict[str, bytes] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = TurnedClock(self.home / "clock-of-register")
        self.stamps_clock = TurnedClock(self.home / "clock-of-stamps")
        self.port, self.stamps_port = free_port(), free_port()
        self.signing = self.home / "secrets" / "signing"
        self.offsets = cycle(("+1d", "-1h", "-1d"))

    @property
    def environment(self) -> dict[str, str]:
        url = f"http://127.0.0.1:{self.stamps_port}"
        named = {"CADASTRE_TSA_URL": f"{url}/tsa", "CADASTRE_STATUS_URL": url, "CADASTRE_KEYS": "softhsm"}
        home = {"CADASTRE_HOME": str(self.home), "CADASTRE_TSA_PATIENCE_SECONDS": "2"}
        return {**os.environ, **self.database.environ, **home, **named, **self.extra}

    def start(self, name: str, *arguments: str, under: TurnedClock | None = None) -> None:
        """Start a process; what it says goes to a file."""
        turned = {} if under is None else under.environment()
        with (self.home / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=checkout_root(),
                env={**self.environment, **turned},
                stdout=log,
                stderr=log,
                stdin=subprocess.PIPE,
            )

    def start_register(self) -> None:
        arguments = ("-c", CALL, "serve", "--port", str(self.port))
        self.start("register", *arguments, under=self.clock)
        self.until(lambda: self.answers(self.port), "the register does not start")
        then = FixedClock(datetime.now(UTC) - timedelta(hours=2))  # in force under every clock turned here
        desk = replace(open_tokens(ApiSettings(home=self.home)), clock=then)
        token = desk.issue(make_caller("notary", "notary-9", name="N"), hours=72)
        self.client = httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}", headers=bearer(token), timeout=PATIENCE_S
        )

    def start_stamps(self) -> None:
        folder = str(self.signing / "authority")
        arguments = ("-m", "cadastre.pki.service", folder, "--port", str(self.stamps_port))
        self.start("stamps", *arguments, under=self.stamps_clock)
        self.until(lambda: self.answers(self.stamps_port), "the time-stamp service does not start")

    def start_witnesses(self) -> None:
        """Start two witnesses, both of whom must sign, before the register, which is told of them."""
        done = subprocess.run(
            [sys.executable, "-c", CALL, "ledger", "key"],
            cwd=checkout_root(),
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        self.log_key, told = done.stdout.split()[0], list[str]()
        self.witness_ports = {name: free_port() for name in ("witness-1", "witness-2")}
        for name, port in self.witness_ports.items():
            self.start_witness(name)
            told.append(f"{(self.home / f'{name}.log').read_text().split()[0]} http://127.0.0.1:{port}")
        self.extra = {"CADASTRE_WITNESSES": ", ".join(told), "CADASTRE_WITNESS_QUORUM": "2"}

    def start_witness(self, name: str) -> None:
        folder, port = self.home / name, self.witness_ports[name]
        folder.mkdir(exist_ok=True)
        places = ["--dir", str(folder / "memory"), "--key", str(folder / "key.pem")]
        named = ["--name", f"w.example/{name}", "--log-key", self.log_key, "--port", str(port)]
        self.start(name, "-c", CALL, "witness", *places, *named)
        self.until(lambda: self.answers(port), f"{name} does not start")

    def kill(self, name: str) -> None:
        """End a process as a power cut would."""
        process = self.running.pop(name)
        process.kill()
        process.wait(PATIENCE_S)
        if process.stdin is not None:
            process.stdin.close()

    def close(self) -> None:
        for name in list(self.running):
            self.kill(name)
        if hasattr(self, "client"):
            self.client.close()

    def answers(self, port: int) -> bool:
        if any(process.poll() is not None for process in self.running.values()):
            raise AssertionError([path.read_text()[-2000:] for path in self.home.glob("*.log")])
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex(("127.0.0.1", port)) == 0

    def until(self, is_so: Callable[[], bool], otherwise: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not is_so():
            assert time.monotonic() < deadline, otherwise
            with contextlib.suppress(subprocess.TimeoutExpired):
                next(iter(self.running.values())).wait(0.1)

    def ask(self, form: Mapping[str, str] | None = None) -> httpx.Response:
        """Order an extract; whatever leaves is kept for the judgement."""
        return self.keep(self.client.post("/v1/extracts", json=ORDER, headers=dict(form or {})))

    def fetch(self, address: str) -> httpx.Response:
        """Ask for the print of an extract again."""
        return self.keep(self.client.get(address, headers=PDF))

    def keep(self, answer: httpx.Response) -> httpx.Response:
        kind = answer.headers["content-type"]
        if answer.status_code in {200, 201} and kind == "application/pdf":
            self.prints[hashlib.sha256(answer.content).hexdigest()] = answer.content
        elif answer.status_code in {200, 201}:
            self.statements.append(answer.content)
        else:
            assert (answer.status_code, kind) == (503, "application/problem+json"), answer.text
            assert 1 <= int(answer.headers["Retry-After"]) <= 120
            self.refused.append(answer.json()["code"])
        return answer

    @contextlib.contextmanager
    def askers(self, count: int) -> Iterator[None]:
        """Let callers ask without an end until the block ends; none may be answered otherwise than kept."""
        stop, faults = threading.Event(), list[BaseException]()

        def go_on(number: int) -> None:
            form = PDF if number % 2 else {}
            with httpx.Client(
                base_url=self.client.base_url, headers=self.client.headers, timeout=PATIENCE_S
            ) as client:
                while not stop.is_set():
                    try:
                        self.keep(client.post("/v1/extracts", json=ORDER, headers=form))
                    except (AssertionError, httpx.HTTPError) as fault:
                        faults.append(fault)
                        return

        threads = [threading.Thread(target=go_on, args=(number,)) for number in range(count)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join(PATIENCE_S)
        assert not faults, faults[0]

    def recovers(self, form: Mapping[str, str] | None = None) -> httpx.Response:
        """Ask until it is answered again: nothing was started anew for it."""
        last: list[httpx.Response] = []

        def asked() -> bool:
            last.append(self.ask(form))
            return last[-1].status_code == 201

        self.until(asked, "it does not recover")
        return last[-1]

    def judge(self) -> None:
        """Hold everything that left against the keys, the register and the log, each way round."""
        trust = Trust.read(self.signing / "trust")
        for pdf in self.prints.values():
            assert read_seal(pdf, trust).level == "B-T", "no print leaves without its time stamp"
            assert verify_pdf(pdf, trust).verdict is Verdict.AUTHENTIC
        for statement in self.statements:
            assert verify_bundle(statement, trust).verdict is Verdict.AUTHENTIC
        engine = create_engine(self.database.admin_url, poolclass=NullPool)
        with engine.connect() as connection:
            unlogged, empty, signed = (connection.execute(text(query)).scalars().all() for query in _QUERIES)
        engine.dispose()
        assert unlogged == [], "an extract without its leaf, or a leaf without its extract"
        assert empty == [], "nothing is issued without its signature"
        assert set(self.prints) <= set(signed), "a print left that no leaf names"


_LEAVES = "SELECT (payload::json ->> 'extract_id')::uuid FROM ledger.leaf WHERE kind = 'extract.issued'"
_ISSUED = "SELECT extract_id FROM evidence.extract"
_QUERIES = (
    f"(({_ISSUED}) EXCEPT ({_LEAVES})) UNION (({_LEAVES}) EXCEPT ({_ISSUED}))",
    f"{_ISSUED} WHERE statement_jws IS NULL",
    "SELECT payload::json ->> 'pdf_sha256' FROM ledger.leaf WHERE kind = 'extract.signed'",
)

__all__ = ["CALL", "ORDER", "PDF", "Stage"]
